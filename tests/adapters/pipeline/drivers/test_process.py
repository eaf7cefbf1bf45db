"""Objects at which processes crash or hang cost one dead letter each, and the rest goes on."""

from pathlib import Path

import pytest

pytest.importorskip("duckdb", reason="the extra tables is not installed")
pytest.importorskip("PIL", reason="the extra ocr is not installed")

from adapters.pipeline.drivers.local import LocalDriver
from adapters.pipeline.drivers.process import ENDED, HUNG
from adapters.pipeline.running import run
from adapters.pipeline.work import Done
from tests.adapters.pipeline.hostile import dead_letters, hostile

WANTED = [
    ("dicom/crash.dcm", "headers", ENDED),
    ("dicom/crash.dcm", "public", ENDED),
    ("hang.dcm", "headers", HUNG),
    ("hang.dcm", "public", HUNG),
]


async def test_crash_and_hang(tmp_path: Path) -> None:
    """Each is given up after its attempts, with its reason, and all other objects have their rows."""
    work = hostile(tmp_path, object_seconds=5, processes=2)
    told: list[Done] = []
    summary = await run(work, LocalDriver, "1", lambda done, _: told.append(done))
    assert summary.is_good
    assert len(told) == summary.done == 8
    assert dead_letters(work) == WANTED
    assert (await run(work, LocalDriver, "1")).done == 0, "what is given up is not tried at each run"

"""How far the stages are, as a run notes it."""

import json
from pathlib import Path

import pytest

pytest.importorskip("duckdb", reason="the extra tables is not installed")
pytest.importorskip("PIL", reason="the extra ocr is not installed")

from tests.adapters.pipeline import small


def test_after_a_run(tmp_path: Path) -> None:
    """By hospital and stage; no object is named, and nothing runs any more."""
    small.hospitals(tmp_path, images=1)
    small.put(tmp_path, "north/dicom/Zabriskie.dcm", b"noise" * 99)
    work = small.work(tmp_path)
    small.once(work)
    text = (work.folder / "report" / "status.json").read_text()
    found = json.loads(text)
    assert found["running"] is None
    by_stage = {(each["hospital"], each["stage"]): each for each in found["stages"]}
    assert by_stage["north", "headers"]["dead"] == 1
    assert by_stage["north", "headers"]["first_reason"]
    assert by_stage["south", "public"]["made"] == 2
    assert "Zabriskie" not in text

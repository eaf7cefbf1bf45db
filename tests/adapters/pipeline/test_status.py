"""How far the stages are, as a run notes it."""

import json
from pathlib import Path

import pytest

pytest.importorskip("duckdb", reason="the extra tables is not installed")
pytest.importorskip("PIL", reason="the extra ocr is not installed")

from adapters.pipeline.reporting import Reports
from adapters.pipeline.status import note
from gateway.contract.pipeline import STATUS_FILE, Running, StageFacts
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
    assert {"stage": "headers", "kind": "content", "letters": 1} in found["letters"]
    assert "Zabriskie" not in text


def test_while_it_runs(tmp_path: Path) -> None:
    """A run notes how many of its objects are done."""
    (tmp_path / "report").mkdir()
    note(Reports(tmp_path), [StageFacts("north", "headers", 5, 0, 2)], [], Running(3, 9))
    assert json.loads((tmp_path / "report" / STATUS_FILE).read_bytes())["running"] == {"done": 3, "total": 9}

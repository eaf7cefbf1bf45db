"""What a run notes is read back; what is missing, older or damaged is no error."""

import json
from pathlib import Path

import pytest

from gateway.contract.pipeline import STATUS_FILE, STATUS_FOLDER, LetterCount, Progress, Running, StageFacts
from gateway.screen.pipeline_progress import UNREADABLE, Noted, read_noted

STAGE = {"hospital": "north", "stage": "headers", "made": 5, "dead": 1, "missing": 2, "first_reason": "it is cut"}


def written(tables: Path, text: str) -> Path:
    """Write a note; return the folder of the tables."""
    (tables / STATUS_FOLDER).mkdir(parents=True)
    (tables / STATUS_FOLDER / STATUS_FILE).write_text(text)
    return tables


def test_read(tmp_path: Path) -> None:
    """All of it, and when it was written."""
    letters = [{"stage": "headers", "kind": "content", "letters": 1}]
    told = {"running": {"done": 3, "total": 9}, "stages": [STAGE], "letters": letters}
    found = read_noted(written(tmp_path, json.dumps(told)))
    stages = [StageFacts("north", "headers", 5, 1, 2, "it is cut")]
    assert found.progress == Progress(Running(3, 9), stages, [LetterCount("headers", "content", 1)])
    assert found.at == (tmp_path / STATUS_FOLDER / STATUS_FILE).stat().st_mtime


def test_before_a_run(tmp_path: Path) -> None:
    """There is nothing, and that is no problem."""
    assert read_noted(tmp_path) == Noted()


def test_older(tmp_path: Path) -> None:
    """What another version has written may lack parts, and have others."""
    found = read_noted(written(tmp_path, json.dumps({"running": None, "stages": [STAGE], "other": 1})))
    assert (found.progress.letters, found.progress.stages[0].made, found.problem) == ((), 5, "")


@pytest.mark.parametrize("text", ["{", "[]", '{"stages": [{"made": "many"}]}'])
def test_damaged(tmp_path: Path, text: str) -> None:
    """What cannot be read is told."""
    assert read_noted(written(tmp_path, text)) == Noted(problem=UNREADABLE)

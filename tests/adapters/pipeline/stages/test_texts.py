"""Reports are cleaned by what is known of their patients, or held back."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("PIL", reason="the extra ocr is not installed")

from adapters.pipeline.stages import texts
from adapters.pipeline.stages.texts import INTERNAL_ERROR, NOTHING_LEFT, Cleaner
from gateway.contract.errors import ConfigError
from tests.adapters.pipeline import small

STUDY = ("north", "1.2")
IMAGE = {
    "Hospital": "north",
    "StudyInstanceUID": "1.2",
    "PatientID": "MRN-7711",
    "PatientName": {"Alphabetic": "Zabriskie^Quillfeather"},
    "PatientBirthDate": "1948-12-13",
    "StudyDate": "2020-03-15",
}


def report(text: str) -> dict[str, Any]:
    """Return a row of ``reports``."""
    return {"text": text, "report_date": "2020-03-16", "accession": "A1", "patient": "", "study": "", "known": {}}


def test_cleaned(tmp_path: Path) -> None:
    """Names go, words stay, and the date is moved by whole weeks."""
    cleaner = Cleaner(small.work(tmp_path))
    cleaner.learn([IMAGE])
    found = cleaner(report("Mrs Zabriskie has a nodule"), STUDY)
    assert found.text == "Mrs *** has a nodule"
    assert found.reason == ""
    assert found.date is not None
    assert found.date < "2020-03-16"
    cleaner.close()


def test_held_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without images nothing is known; where nothing is left, or something fails, the text stays out."""
    cleaner = Cleaner(small.work(tmp_path))
    assert "nothing is known" in cleaner(report("Mrs Zabriskie"), STUDY).reason
    cleaner.learn([IMAGE])
    assert cleaner(report("Zabriskie"), STUDY).reason == NOTHING_LEFT

    def fail(*_: object) -> str:
        raise ValueError("Zabriskie")

    monkeypatch.setattr(texts, "clean_text", fail)
    found = cleaner(report("Mrs Zabriskie has a nodule"), STUDY)
    assert (found.text, found.reason) == ("", INTERNAL_ERROR)


def test_no_key(tmp_path: Path) -> None:
    """A step whose key cannot be read is a mistake with its setting."""
    work = small.work(tmp_path)
    work.step.key_file.unlink()
    with pytest.raises(ConfigError, match=r"steps\.anonymous\.key_file"):
        Cleaner(work)

"""The rules say which columns may identify."""

from adapters.pipeline.gate.candidates import OWN, PSEUDONYMS, TEXTS, Rules, is_moved_day


def test_identifying() -> None:
    """Every public column counts, but for pseudonyms, free texts, moved days and what the pipeline fills itself."""
    days = {"StudyDate", "AcquisitionDateTime", "report_date"}
    rules = Rules(frozenset({"Modality", "PatientBirthDate", "StudyTime", *days, *PSEUDONYMS, *TEXTS, *OWN}))
    assert rules.identifying == ["Modality", "PatientBirthDate", "StudyTime"]


def test_chosen() -> None:
    """Settings may say of more columns that they do not identify."""
    rules = Rules(frozenset({"Modality", "StationName"}), not_identifying=frozenset({"StationName"}))
    assert rules.identifying == ["Modality"]


def test_days() -> None:
    """Days are known by their attribute, and the day of a report by its name; a day of birth is another thing."""
    assert all(map(is_moved_day, ("StudyDate", "SeriesDate", "AcquisitionDateTime", "report_date")))
    assert not any(map(is_moved_day, ("PatientBirthDate", "StudyTime", "Modality", "hospital", "report")))

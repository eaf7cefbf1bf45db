"""The rules say which columns may identify."""

from adapters.pipeline.gate.candidates import OWN, PSEUDONYMS, TEXTS, Rules


def test_identifying() -> None:
    """Every public column counts, but for pseudonyms, free texts and what the pipeline fills itself."""
    rules = Rules(frozenset({"Modality", "StudyDate", *PSEUDONYMS, *TEXTS, *OWN}))
    assert rules.identifying == ["Modality", "StudyDate"]


def test_chosen() -> None:
    """Settings may say of more columns that they do not identify."""
    rules = Rules(frozenset({"Modality", "StudyDate"}), not_identifying=frozenset({"StudyDate"}))
    assert rules.identifying == ["Modality"]

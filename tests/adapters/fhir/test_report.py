"""The report of what is left out."""

from adapters.fhir.report import TEXTS, LeftOut, Reason


def test_texts() -> None:
    """Every reason has a sentence."""
    assert set(Reason) == set(TEXTS)


def test_line() -> None:
    """A line has the place and the sentence."""
    assert "PID-5.7: FHIR has no element for this part of the value" == str(LeftOut("PID-5.7", Reason.NO_ELEMENT))

"""The cause of death."""

from tests.adapters.fhir.making import PID, PV1, made, only, resources


def test_cause() -> None:
    """PDA-1 is a condition of the patient with who certified it and when."""
    found = only(made(PID, PV1, "PDA|I21^Infarction^I10|||20240102|9^Doe^Jim"), "Condition")
    assert ("I21", "2024-01-02", "Jim Doe", "cause of death") == (
        found["code"]["coding"][0]["code"],
        found["recordedDate"],
        found["asserter"]["display"],
        found["category"][0]["text"],
    )
    assert "encounter" in found


def test_no_cause() -> None:
    """Without a cause there is no condition."""
    assert [] == resources(made(PID, "PDA||ICU"), "Condition")

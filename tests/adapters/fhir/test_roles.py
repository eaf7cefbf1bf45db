"""Roles."""

from tests.adapters.fhir.making import PID, PV1, made, only

PR1 = "PR1|1||A"
ROL = "ROL|1|AD|{}|9^Doe^Jim^^^^^^HOSP&1.2.3&ISO|20240101|20240202"


def places(*segments: str) -> set[str]:
    """Return the places of ROL that are left out."""
    return {each.place for each in made(*segments).report if each.place.startswith("ROL")}


def test_general_practitioner() -> None:
    """After PID, the primary care provider is the general practitioner."""
    found = only(made(PID, ROL.format("PP^x^HL70443"), PV1), "Patient")
    assert "Jim Doe" == found["generalPractitioner"][0]["display"]


def test_others_of_the_patient() -> None:
    """Other roles after PID are left out."""
    assert {"ROL-2", "ROL-3", "ROL-4"} <= places(PID, ROL.format("AT"), PV1)


def test_participant() -> None:
    """After PV1, a role is a participant of the visit for its time."""
    (found,) = only(made(PID, PV1, ROL.format("AT^Attending^HL70443")), "Encounter")["participant"]
    assert ("ATND", "Jim Doe", {"start": "2024-01-01", "end": "2024-02-02"}) == (
        found["type"][0]["coding"][0]["code"],
        found["individual"]["display"],
        found["period"],
    )


def test_performer() -> None:
    """After PR1, a role is a performer of the procedure; the same one once."""
    found = only(made(PID, PR1, ROL.format("AD"), ROL.format("AD")), "Procedure")
    assert ["Jim Doe"] == [each["actor"]["display"] for each in found["performer"]]


def test_left_out() -> None:
    """A role that has ended, one of an insurance, and one without a person are left out."""
    assert "ROL-4" in places(PID, PV1, ROL.format("AT").replace("|AD|", "|DE|"))
    assert "ROL-4" in places(PID, "IN1|1|PL", ROL.format("AT"))
    assert "participant" not in only(made(PID, PV1, "ROL|1|AD|AT"), "Encounter")

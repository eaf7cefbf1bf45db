"""Comments."""

import pytest

from tests.adapters.fhir.making import PID, Json, made, resources

OBR = "OBR|1|P1^^^H|F1|24323-8^Panel^LN|||20240501101500"


def observed(*obx: str) -> list[Json]:
    """Return the observations of some OBX."""
    return resources(made(PID, OBR, *obx, kind="ORU^R01"), "Observation")


def test_note() -> None:
    """A comment belongs to the OBX before it."""
    assert [{"text": "a\nb"}] == observed("OBX|1|NM|1^x^LN||5||||||F", "NTE|1||a~b")[0]["note"]


AUTHORS = {
    "a name": ("^Doe^Jim|20240501", {"authorString": "Jim Doe", "time": "2024-05-01"}),
    "a number": ("9^Doe", {"authorReference": {"identifier": {"value": "9"}, "display": "Doe"}}),
    "deleted": ('""|""', {}),
    "nothing": ("", {}),
}


@pytest.mark.parametrize(("by", "expected"), AUTHORS.values(), ids=AUTHORS)
def test_author(by: str, expected: Json) -> None:
    """A comment says who entered it, and when."""
    assert [{"text": "a", **expected}] == observed("OBX|1|NM|1^x^LN||5||||||F", f"NTE|1||a||{by}")[0]["note"]


def test_author_with_an_authority() -> None:
    """A person whose number has an authority is a resource."""
    (note,) = observed("OBX|1|NM|1^x^LN||5||||||F", "NTE|1||a||9^Doe^^^^^^^&1.2.4&ISO")[0]["note"]
    assert "reference" in note["authorReference"]


def test_author_without_a_text() -> None:
    """Without a text there is no comment; the other fields are reported."""
    found = made(PID, OBR, "NTE|1||||^Doe|20240501", kind="ORU^R01")
    assert {"NTE-5", "NTE-6"} == {each.place for each in found.report}

"""Places of a visit."""

from collections.abc import Callable
from typing import Any

import pytest

from adapters.fhir.places import discharged_to, encounter_location, place
from tests.adapters.fhir.making import context

CASES: list[tuple[Callable[..., Any], str, str, Any]] = [
    (place, "W1^2^3^HOSP", "", {"display": "W1, 2, 3, HOSP"}),
    (place, "^^", "", None),
    (encounter_location, "W1", "reserved", {"location": {"display": "W1"}, "status": "reserved"}),
    (discharged_to, "HOME^20240501", "", {"display": "HOME"}),
]


@pytest.mark.parametrize(("function", "raw", "argument", "expected"), CASES)
def test_value(function: Callable[..., Any], raw: str, argument: str, expected: Any) -> None:
    """One repetition of a field in HL7, and what it is in FHIR."""
    assert expected == function(raw, context(), argument)


def test_planned_location() -> None:
    """The place of a patient who is not there yet is planned."""
    there = context()
    there.patient_class = "P"
    found = encounter_location("W1", there, "current")
    assert found is not None
    assert "planned" == found["status"]


def test_what_is_left_out() -> None:
    """Status and type of a place are reported."""
    there = context()
    place("W1^^^^OCC^N", there)
    assert ["5", "6"] == [each.place.rpartition(".")[2] for each in there.report]

"""People and organizations that do something."""

from collections.abc import Callable
from typing import Any

import pytest

from adapters.fhir.actors import organization, participant, practitioner, principal
from tests.adapters.fhir.making import context

CASES: list[tuple[Callable[..., Any], str, str, Any]] = [
    (practitioner, "9^Doe^Jim", "", {"identifier": {"value": "9"}, "display": "Jim Doe"}),
    (practitioner, "^Doe^Jim", "", {"display": "Jim Doe"}),
    (practitioner, "", "", None),
    (organization, "Clinic", "", {"display": "Clinic"}),
    (principal, "9&Doe&Jim^20240501", "", {"identifier": {"value": "9"}, "display": "Jim Doe"}),
]


@pytest.mark.parametrize(("function", "raw", "argument", "expected"), CASES)
def test_value(function: Callable[..., Any], raw: str, argument: str, expected: Any) -> None:
    """One repetition of a field in HL7, and what it is in FHIR."""
    assert expected == function(raw, context(), argument)


@pytest.mark.parametrize("function", [practitioner, organization])
def test_resource(function: Callable[..., Any]) -> None:
    """Somebody whose number has an authority is a resource, once."""
    there = context()
    raw = "9^Doe^Jim^^^^^^HOSP&1.2.3&ISO" if function is practitioner else "Clinic^^9^^^HOSP&1.2.3&ISO"
    assert function(raw, there) == function(raw, there)
    (found,) = there.bundle
    assert ("urn:oid:1.2.3", "9") == found.natural


def test_participant() -> None:
    """A participant has a role; nobody is none."""
    found = participant("9^Doe", context(), "ATND")
    assert found is not None
    assert "ATND" == found["type"][0]["coding"][0]["code"]
    assert None is participant("", context(), "ATND")


PARTS = {
    practitioner: ("9^Doe^^^^^^SRC^^L", ["8", "10"]),
    organization: ("Clinic^L^9^8", ["2", "4"]),
}


@pytest.mark.parametrize(("function", "case"), PARTS.items())
def test_parts(function: Callable[..., Any], case: tuple[str, list[str]]) -> None:
    """Components without an element are reported."""
    there = context()
    function(case[0], there)
    assert case[1] == [each.place.rpartition(".")[2] for each in there.report]


def test_name_of_a_practitioner() -> None:
    """A practitioner's name has its use, its time and the letters after it."""
    using = context()
    practitioner("9^Doe^Jim^^^^^^H^L^^^^^^^^^20240501^20240502^MD", using)
    (found,) = using.bundle
    assert [{"family": "Doe", "given": ["Jim"], "suffix": ["MD"], "use": "official",
             "period": {"start": "2024-05-01", "end": "2024-05-02"}}] == found.body["name"]  # fmt: skip

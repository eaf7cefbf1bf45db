"""Names of people."""

from collections.abc import Callable
from typing import Any

import pytest

from adapters.fhir.names import human_name, maiden_name
from adapters.fhir.report import Reason
from tests.adapters.fhir.making import context

CASES: list[tuple[Callable[..., Any], str, str, Any]] = [
    (
        human_name,
        "Test^Anna^Maria^Jr^Dr^MD^L",
        "",
        {"use": "official", "family": "Test", "given": ["Anna", "Maria"], "prefix": ["Dr"], "suffix": ["Jr", "MD"]},
    ),
    (human_name, "Test^Anna^^^^^CURRENT", "", {"family": "Test", "given": ["Anna"]}),
    (human_name, "^^^^^^L", "", None),
    (maiden_name, "Old&&&&^Anna", "", "Old"),
]


@pytest.mark.parametrize(("function", "raw", "argument", "expected"), CASES)
def test_value(function: Callable[..., Any], raw: str, argument: str, expected: Any) -> None:
    """One repetition of a field in HL7, and what it is in FHIR."""
    assert expected == function(raw, context(), argument)


def test_surnames() -> None:
    """The parts of a surname are kept apart."""
    found = human_name("van Test&van&Test&de&Other^Anna", context())
    assert found is not None
    assert ["van", "Test", "de", "Other"] == [each["valueString"] for each in found["_family"]["extension"]]


def test_type_without_a_counterpart() -> None:
    """A name type without a counterpart is reported."""
    there = context()
    human_name("A^B^^^^^CURRENT", there)
    assert [Reason.NOT_IN_TABLE] == [each.reason for each in there.report]


def test_time_of_a_name() -> None:
    """The time for which a name is valid may be one component."""
    made = human_name("Test^^^^^^^^^20240501&20240502", context())
    assert made is not None
    assert {"start": "2024-05-01", "end": "2024-05-02"} == made["period"]

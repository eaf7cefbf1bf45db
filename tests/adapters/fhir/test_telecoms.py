"""Telephone numbers and addresses of electronic mail."""

from collections.abc import Callable
from typing import Any

import pytest

from adapters.fhir.telecoms import telecom
from tests.adapters.fhir.making import context

CASES: list[tuple[Callable[..., Any], str, str, Any]] = [
    (telecom, "555-1234", "home", [{"system": "phone", "value": "555-1234", "use": "home"}]),
    (telecom, "^PRN^CP^^49^30^123^4", "", [{"system": "phone", "value": "+49 30 123 x4", "use": "mobile"}]),
    (telecom, "^WPN^FX^^^^^^^^^030 1", "home", [{"system": "fax", "value": "030 1", "use": "work"}]),
    (telecom, "^NET^Internet^a@b.example", "", [{"system": "email", "value": "a@b.example"}]),
    (telecom, "", "", []),
]


@pytest.mark.parametrize(("function", "raw", "argument", "expected"), CASES)
def test_value(function: Callable[..., Any], raw: str, argument: str, expected: Any) -> None:
    """One repetition of a field in HL7, and what it is in FHIR."""
    assert expected == function(raw, context(), argument)


def test_telephone_for_a_time() -> None:
    """A telephone number may be valid for a time, and have a rank among others."""
    (made,) = telecom("555^PRN^PH^^^^^^^^^^20240501^20240502^^^^2", context())
    assert (2, {"start": "2024-05-01", "end": "2024-05-02"}) == (made["rank"], made["period"])

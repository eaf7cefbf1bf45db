"""Values that are one word in FHIR."""

from typing import Any

import pytest

from adapters.fhir import primitives
from adapters.fhir.context import Function
from adapters.fhir.report import Reason
from tests.adapters.fhir.making import BERLIN, context

VALUES: list[tuple[Function, str, Any, list[Reason]]] = [
    (primitives.date, "198003151530", "1980-03-15", []),
    (primitives.date, "x", None, [Reason.UNREADABLE]),
    (primitives.date_time, "198003", "1980-03", []),
    (primitives.instant, "20240501101500", "2024-05-01T10:15:00+02:00", []),
    (primitives.instant, "2024", None, [Reason.NOT_WHOLE]),
    (primitives.time_of_birth, "198003151530", "1980-03-15T15:30:00+01:00", []),
    (primitives.time_of_birth, "19800315", None, []),
    (primitives.boolean, "y", True, []),
    (primitives.boolean, "0", False, []),
    (primitives.boolean, "UNK", None, [Reason.NOT_IN_TABLE]),
    (primitives.integer, "2", 2, []),
    (primitives.integer, "0", None, [Reason.UNREADABLE]),
    (primitives.integer, "", None, []),
    (primitives.count, "0", 0, []),
    (primitives.count, "2.5", None, [Reason.UNREADABLE]),
    (primitives.string, "A \\T\\ B", "A & B", []),
    (primitives.string, "", None, []),
    (primitives.note, "cloudy", {"text": "cloudy"}, []),
    (primitives.note, "", None, []),
    (primitives.words, "P^Pacemaker^L", {"text": "Pacemaker"}, []),
    (primitives.words, "^^L", None, []),
    (primitives.remark, "C^in glass", {"text": "in glass"}, []),
    (primitives.remark, "^^LN", None, []),
]


@pytest.mark.parametrize(("function", "raw", "expected", "reasons"), VALUES)
def test_value(function: Function, raw: str, expected: Any, reasons: list[Reason]) -> None:
    """One repetition of a field in HL7, what it is in FHIR, and what is reported."""
    there = context(BERLIN)
    assert expected == function(raw, there, "")
    assert reasons == [each.reason for each in there.report]

"""Values of observations, by datatype."""

from decimal import Decimal
from typing import Any

import pytest

from adapters.fhir.report import Reason
from adapters.fhir.values import read_value
from tests.adapters.fhir.making import context

VALUES: list[tuple[str, str, Any, list[Reason]]] = [
    ("NM", "4.10", ("Quantity", {"value": Decimal("4.10"), "unit": "u"}), []),
    ("NM", "hemolytic", ("String", "hemolytic"), [Reason.AS_TEXT]),
    ("SN", "<^5", ("Quantity", {"value": Decimal(5), "comparator": "<", "unit": "u"}), []),
    ("CWE", "^red", ("CodeableConcept", {"text": "red"}), []),
    ("ST", "a^b", ("String", "a^b"), []),
    ("XCN", "9^Doe", ("String", "9 Doe"), []),
    ("TS", "202405", ("DateTime", "2024-05"), []),
    ("DT", "yesterday", ("String", "yesterday"), [Reason.UNREADABLE, Reason.AS_TEXT]),
    ("TM", "1015", ("Time", "10:15:00"), []),
    ("TM", "2515", ("String", "2515"), [Reason.AS_TEXT]),
    ("DR", "2024^2025", ("Period", {"start": "2024", "end": "2025"}), []),
    ("NR", "1^", ("Range", {"low": {"value": Decimal(1), "unit": "u"}}), []),
    ("NR", "5^>10", ("String", "5^>10"), [Reason.AS_TEXT]),
    ("NR", "10^5", ("String", "10^5"), [Reason.AS_TEXT]),
    ("NR", "1^2^3", ("String", "1^2^3"), [Reason.AS_TEXT]),
    ("TM", "1015+0500", ("String", "1015+0500"), [Reason.AS_TEXT]),
    ("SN", "^10^^20", ("String", "^10^^20"), [Reason.AS_TEXT]),
    ("ZZ", "x", ("String", "x"), [Reason.AS_TEXT]),
    ("", "x", ("String", "x"), [Reason.AS_TEXT]),
    ("NM", "", None, []),
    ("CWE", "^", ("String", "^"), [Reason.AS_TEXT]),
]


@pytest.mark.parametrize(("kind", "raw", "expected", "reasons"), VALUES)
def test_read_value(kind: str, raw: str, expected: Any, reasons: list[Reason]) -> None:
    """A value has the type that OBX-2 says; one in another form is text, and reported."""
    there = context()
    assert (expected, reasons) == (
        read_value(kind, raw, {"unit": "u"}, there),
        [each.reason for each in there.report],
    )

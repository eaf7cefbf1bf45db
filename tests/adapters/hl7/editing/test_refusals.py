"""Reasons name the path and the cause."""

from collections.abc import Callable

import pytest

from adapters.hl7.charset import UNDECODABLE, UNKNOWN
from adapters.hl7.editing import refusals
from adapters.hl7.editing.paths import Path
from adapters.hl7.editing.refusals import NotEditable

MADE: dict[str, Callable[[Path], NotEditable]] = {
    "103": lambda path: refusals.unreadable(path, UNKNOWN),
    "102": lambda path: refusals.unreadable(path, UNDECODABLE),
    "207": refusals.unwritable,
}


@pytest.mark.parametrize(("code", "make"), MADE.items(), ids=MADE)
def test_reason(code: str, make: Callable[[Path], NotEditable]) -> None:
    """A refusal has a code of HL7 table 0357, and says which path."""
    refused = make(Path.parse("PID-3[2].4")).refused
    assert code == refused.code
    assert refused.reason.startswith("PID-3[2].4 ")

"""Rows of the index."""

from decimal import Decimal
from typing import Any

import pytest

from gateway.sandbox.fhir.search.rows import Amount, Link, Text, Token, normalise, read_link, rows_at

ROWS: dict[str, tuple[Any, str, str, list[Any]]] = {
    "boolean": (True, "boolean", "token", [Token("true", "")]),
    "identifier": ({"system": "s", "value": "v"}, "Identifier", "token", [Token("v", "s")]),
    "concept": ({"coding": [{"code": "a"}, {"display": "x"}]}, "CodeableConcept", "token", [Token("a", "")]),
    "name": ({"family": "Ö", "given": ["A"]}, "HumanName", "string", [Text("o", "Ö"), Text("a", "A")]),
    "canonical": ("http://x|1", "canonical", "reference", [Link("", "http://x|1")]),
    "decimal": (Decimal("1.5"), "decimal", "number", [Amount(1.5, "", "", "")]),
    "money": ({"value": 5, "currency": "EUR"}, "Money", "quantity", [Amount(5.0, "", "EUR", "")]),
    "malformed": ({"coding": [{"code": 5}], "value": []}, "CodeableConcept", "token", []),
    "no date": ("spam", "dateTime", "date", []),
    "no reference": ({"display": "x"}, "Reference", "reference", []),
}


@pytest.mark.parametrize(("element", "datatype", "kind", "rows"), ROWS.values(), ids=ROWS)
def test_rows(element: Any, datatype: str, kind: str, rows: list[Any]) -> None:
    """An element has these rows; what is malformed has none."""
    assert rows == list(rows_at(element, datatype, kind))


def test_target() -> None:
    """A parameter for one type of target leaves out others."""
    assert list(rows_at({"reference": "Group/1"}, "Reference", "reference", "Patient")) == []


def test_links() -> None:
    """A literal reference is a type and an ID; a version is left out; everything else is a URL."""
    assert read_link("Patient/1/_history/2") == Link("Patient", "1")
    assert read_link("http://x/Patient/1") == Link("", "http://x/Patient/1")


def test_normalise() -> None:
    """Case, accents and runs of white space do not count."""
    assert normalise(" Größe  ÉCLAIR ") == "grosse eclair"

"""Identifiers with and without an authority."""

from collections.abc import Callable
from typing import Any

import pytest

from adapters.fhir.context import Options
from adapters.fhir.identifiers import entity_identifier, identifier, identifier_type, typed_identifier
from adapters.fhir.report import Reason
from adapters.fhir.systems import Systems
from tests.adapters.fhir.making import context

MR = {
    "coding": [
        {
            "system": "http://terminology.hl7.org/CodeSystem/v2-0203",
            "code": "MR",
            "display": "Medical record number",
        }
    ]
}
OID = {"system": "urn:oid:1.2.3"}
CASES: list[tuple[Callable[..., Any], str, str, Any]] = [
    (
        identifier,
        "7^^^HOSP&1.2.3&ISO^MR",
        "",
        {"type": MR, **OID, "value": "7", "assigner": {"display": "HOSP"}},
    ),
    (identifier, "7^^^HOSP", "MR", {"type": MR, "value": "7", "assigner": {"display": "HOSP"}}),
    (
        identifier,
        "7^^^KNOWN",
        "",
        {"system": "urn:oid:9.9.9", "value": "7", "assigner": {"display": "KNOWN"}},
    ),
    (identifier, "7^^^^^HOSP", "", {"value": "7", "assigner": {"display": "HOSP"}}),
    (
        identifier,
        "7^^^^ZZ^^20240101^2025",
        "",
        {"type": {"text": "ZZ"}, "value": "7", "period": {"start": "2024-01-01", "end": "2025"}},
    ),
    (identifier, "^^^HOSP^MR", "", None),
    (entity_identifier, "A1^LAB^1.2.3^ISO", "", {**OID, "value": "A1", "assigner": {"display": "LAB"}}),
    (entity_identifier, "^LAB", "", None),
    (typed_identifier, "D1^^20301231", "DL", {"value": "D1", "period": {"end": "2030-12-31"}}),
]


@pytest.mark.parametrize(("function", "raw", "argument", "expected"), CASES)
def test_value(function: Callable[..., Any], raw: str, argument: str, expected: Any) -> None:
    """One repetition of a field in HL7, and what it is in FHIR."""
    if function is typed_identifier:
        expected = {"type": identifier_type(argument, context()), **expected}
    assert expected == function(raw, context(Options(systems=Systems({"KNOWN": "urn:oid:9.9.9"}))), argument)


def test_check_digit() -> None:
    """A check digit is reported."""
    there = context()
    identifier("7^8^M11", there)
    assert [Reason.NO_ELEMENT, Reason.NO_ELEMENT] == [each.reason for each in there.report]

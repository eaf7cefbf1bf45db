"""FHIR's datatypes in a table."""

from typing import Any

import pytest

from adapters.tables.columns import Type
from adapters.tables.fhir.types import MisfitError, extension_name, field_of, primitive, target_of


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("STRING", "a"),
        ("INTEGER", 7),
        ("BOOLEAN", False),
        ("FLOAT", 1),
        ("FLOAT", 1.5),
        ("TIMESTAMP", "2026-01-31T10:00:00.5+02:00"),
    ],
)
def test_fits(kind: Type, value: Any) -> None:
    """A value of its datatype stays as it is."""
    assert value == primitive(kind, value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("STRING", 1),
        ("INTEGER", True),
        ("INTEGER", 2**63),
        ("INTEGER", 1.0),
        ("BOOLEAN", "true"),
        ("FLOAT", True),
        ("TIMESTAMP", "2026"),
    ],
)
def test_misfits(kind: Type, value: Any) -> None:
    """A value of another JSON type is refused."""
    with pytest.raises(MisfitError):
        primitive(kind, value)


def test_names() -> None:
    """A choice has a field by its datatype, an extension a column by the end of its URL."""
    assert "codeableConcept" == field_of("CodeableConcept")
    urls = ["http://hl7.org/us-core-race", "urn:oid:1.2", "https://x/", ":"]
    assert ["us_core_race", "x_1_2", "x", ""] == [extension_name(each) for each in urls]


@pytest.mark.parametrize(
    ("reference", "target"),
    [
        ("Patient/7", ("patientId", "7")),
        ("https://x.example/fhir/Patient/7/_history/2", ("patientId", "7")),
        ("#p1", None),
        ("urn:uuid:1", None),
        (7, None),
    ],
)
def test_targets(reference: object, target: tuple[str, str] | None) -> None:
    """A reference to a resource tells its ID."""
    assert target == target_of(reference)

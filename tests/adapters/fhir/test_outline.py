"""The outline of a resource names its elements and shows no value."""

import json

import pytest

from adapters.fhir.outline import outline
from gateway.contract.outline import MOST_PARTS, Part
from tests.phi.canaries import BIRTH_DATE, CANARY, canary_json, canary_patient


def test_elements() -> None:
    """Each value has its path and its length."""
    parts = outline(b'{"resourceType": "Patient", "active": true, "name": [{"given": ["J\xc3\xb6rg"]}], "x": null}')
    assert [
        Part("Patient.resourceType", "", 7),
        Part("Patient.active", "", 4),
        Part("Patient.name[0].given[0]", "", 5),
        Part("Patient.x", "", 4),
    ] == parts


def test_bundle() -> None:
    """A resource in another one is named by its type."""
    bundle = {"resourceType": "Bundle", "entry": [{"resource": canary_patient()}]}
    assert "Bundle.entry[0].resource:Patient.birthDate" in [each.place for each in outline(json.dumps(bundle).encode())]


def test_no_value() -> None:
    """No value is in the outline, not even where a hostile resource has it as a key or as its type."""
    assert CANARY not in str(outline(canary_json()))
    assert BIRTH_DATE not in str(outline(canary_json()))
    assert [Part("?.resourceType", "", 8), Part("?.?", "", 1)] == outline(
        json.dumps({"resourceType": f"{CANARY} Doe!", f"{CANARY} Doe": 1}).encode()[:60]
    )


@pytest.mark.parametrize("payload", [b"", b"{", b"[]", b"\xff", b'{"a":' * 100_000, b"17"], ids=range(6))
def test_no_resource(payload: bytes) -> None:
    """What is no resource, or was cut off, has no outline."""
    assert [] == outline(payload)


def test_limits() -> None:
    """The outline has as many parts as a person can read, and no depth is too deep."""
    assert MOST_PARTS == len(outline(json.dumps({"a": list(range(5000))}).encode()))
    assert 1 == len(outline(b'{"a":' * 200 + b"1" + b"}" * 200))


def test_half_a_character() -> None:
    """A surrogate that stands alone has a length, too."""
    assert [Part("?.a", "", 1)] == outline(b'{"a": "\\ud800"}')

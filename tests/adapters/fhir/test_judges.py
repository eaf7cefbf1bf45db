"""Each fault that the judges know is found in a bundle that has it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.adapters.fhir.judges import judge
from tests.adapters.fhir.making import PID, PV1, made

Json = dict[str, Any]
PATIENT, ENCOUNTER, OBSERVATION = "Patient", "Encounter", "Observation"


def good() -> Json:
    """Return a bundle without faults."""
    found: Json = json.loads(made(PID, PV1, "OBX|1|NM|1^x^LN||5|mg/dL|1-2|||F").encoded())
    return found


def resource(bundle: Json, kind: str) -> Any:
    """Return the resource of a type."""
    return next(each["resource"] for each in bundle["entry"] if each["resource"]["resourceType"] == kind)


def put(kind: str, name: str, value: Any) -> Callable[[Json], None]:
    """Return a change of one element."""

    def change(bundle: Json) -> None:
        resource(bundle, kind)[name] = value

    return change


def remove(kind: str, name: str) -> Callable[[Json], None]:
    """Return the removal of one element."""

    def change(bundle: Json) -> None:
        del resource(bundle, kind)[name]

    return change


def twice(bundle: Json) -> None:
    """Put a resource in twice."""
    bundle["entry"].append(bundle["entry"][0])


def same_condition(bundle: Json) -> None:
    """Put a resource in twice, under another name."""
    bundle["entry"].append({**bundle["entry"][0], "fullUrl": "urn:uuid:x"})


FAULTS: dict[str, tuple[Callable[[Json], None], str]] = {
    "a code of no value set": (put(PATIENT, "gender", "banana"), "not in the required value set"),
    "a status of no value set": (put(ENCOUNTER, "status", "nonsense"), "not in the required value set"),
    "a relative system": (put(PATIENT, "identifier", [{"system": "HOSP", "value": "1"}]), "not absolute"),
    "a relative system of a code": (put(ENCOUNTER, "class", {"system": "v3", "code": "I"}), "not absolute"),
    "a system that is half an OID": (
        put(PATIENT, "identifier", [{"system": "urn:oid:H", "value": "1"}]),
        "not absolute",
    ),
    "a comparator": (put(OBSERVATION, "valueQuantity", {"value": 5, "comparator": "="}), "comparator"),
    "an open reference": (put(OBSERVATION, "subject", {"reference": "Patient/1"}), "leads out of the bundle"),
    "a resource twice": (twice, "fullUrl: a resource is there twice"),
    "a condition twice": (same_condition, "condition: a resource is there twice"),
    "two values": (put(OBSERVATION, "valueString", "x"), "two values"),
    "an unknown element": (put(PATIENT, "sex", "female"), "unknown element"),
    "an element of R5": (put(ENCOUNTER, "actualPeriod", {"start": "2024"}), "unknown element"),
    "a required element that is missing": (remove(OBSERVATION, "status"), "is missing"),
    "no list": (put(PATIENT, "name", {"family": "A"}), "no list"),
    "a list": (put(PATIENT, "gender", ["female"]), "a list"),
    "an empty list": (put(PATIENT, "name", []), "empty list"),
    "an empty string": (put(PATIENT, "birthDate", ""), "empty or no string"),
    "an empty object": (put(PATIENT, "name", [{}]), "empty object"),
    "a time without zone": (put(OBSERVATION, "effectiveDateTime", "2024-05-01T10:00:00"), "form of dateTime"),
    "an instant that is not whole": (put(OBSERVATION, "issued", "2024-05-01"), "form of instant"),
    "a number as text": (put(OBSERVATION, "valueQuantity", {"value": "5"}), "no number"),
    "text in place of a truth value": (put(PATIENT, "active", "true"), "no boolean"),
    "text in place of a datatype": (put(PATIENT, "maritalStatus", "M"), "no CodeableConcept"),
    "an extension without a URL": (put(PATIENT, "extension", [{"valueString": "x"}]), "no url"),
    "an extension with nothing": (put(PATIENT, "extension", [{"url": "urn:a:b"}]), "has a value or extensions"),
}


def test_good() -> None:
    """A bundle without faults has none."""
    assert [] == judge(good())


@pytest.mark.parametrize(("change", "expected"), FAULTS.values(), ids=FAULTS)
def test_fault(change: Callable[[Json], None], expected: str) -> None:
    """A bundle with one fault is found out."""
    bundle = good()
    change(bundle)
    assert any(expected in each for each in judge(bundle)), judge(bundle)


def test_wrong_target() -> None:
    """A reference to a resource of a type that R4 does not allow there is found."""
    bundle = good()
    resource(bundle, ENCOUNTER)["subject"] = resource(bundle, OBSERVATION)["encounter"]
    assert any("refers to Encounter" in each for each in judge(bundle))

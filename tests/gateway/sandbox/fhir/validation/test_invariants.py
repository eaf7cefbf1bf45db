"""A broken and a sound resource for each invariant that is checked."""

from typing import Any

import pytest

from gateway.sandbox.fhir.validation.invariants import ABOUT, ANYWHERE, RESOURCES, broken_invariants

CODE = {"coding": [{"system": "http://loinc.org", "code": "1"}]}


def error(system: str) -> dict[str, Any]:
    """Return the status of what was entered in error."""
    return {"coding": [{"system": f"http://terminology.hl7.org/CodeSystem/{system}", "code": "entered-in-error"}]}


CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "obs-6": (
        {"resourceType": "Observation", "valueString": "x", "dataAbsentReason": {}},
        {"resourceType": "Observation", "dataAbsentReason": {}},
    ),
    "obs-7": (
        {"resourceType": "Observation", "code": CODE, "valueString": "x", "component": [{"code": CODE}]},
        {"resourceType": "Observation", "code": CODE, "component": [{"code": CODE}]},
    ),
    "pat-1": (
        {"resourceType": "Patient", "contact": [{"gender": "male"}]},
        {"resourceType": "Patient", "contact": [{"name": {}}]},
    ),
    "ait-1": (
        {"resourceType": "AllergyIntolerance"},
        {"resourceType": "AllergyIntolerance", "clinicalStatus": CODE},
    ),
    "ait-2": (
        {
            "resourceType": "AllergyIntolerance",
            "clinicalStatus": CODE,
            "verificationStatus": error("allergyintolerance-verification"),
        },
        {"resourceType": "AllergyIntolerance", "verificationStatus": error("allergyintolerance-verification")},
    ),
    "con-5": (
        {"resourceType": "Condition", "clinicalStatus": CODE, "verificationStatus": error("condition-ver-status")},
        {"resourceType": "Condition", "verificationStatus": error("condition-ver-status")},
    ),
    "app-2": (
        {"resourceType": "Appointment", "start": "2024"},
        {"resourceType": "Appointment", "start": "2024", "end": "2024"},
    ),
    "app-3": (
        {"resourceType": "Appointment", "status": "booked"},
        {"resourceType": "Appointment", "status": "cancelled"},
    ),
    "per-1": (
        {"resourceType": "Encounter", "period": {"start": "2024-02", "end": "2024-01"}},
        {"resourceType": "Encounter", "period": {"start": "2024-02", "end": "2024"}},
    ),
    "ext-1": (
        {"resourceType": "Patient", "extension": [{"url": "x"}]},
        {"resourceType": "Patient", "extension": [{"url": "x", "valueCode": "y"}]},
    ),
    "cpt-2": (
        {"resourceType": "Patient", "telecom": [{"value": "1"}]},
        {"resourceType": "Patient", "telecom": [{"value": "1", "system": "phone"}]},
    ),
    "qty-3": (
        {"resourceType": "Observation", "valueQuantity": {"code": "mg"}},
        {"resourceType": "Observation", "valueQuantity": {"unit": "mg"}},
    ),
    "sqty-1": (
        {"resourceType": "Immunization", "doseQuantity": {"value": 1, "comparator": "<"}},
        {"resourceType": "Immunization", "doseQuantity": {"value": 1}},
    ),
}


@pytest.mark.parametrize(("key", "broken", "sound"), [(key, *case) for key, case in CASES.items()], ids=CASES)
def test_invariant(key: str, broken: dict[str, Any], sound: dict[str, Any]) -> None:
    """The broken one is named, the sound one is not."""
    assert any(f"invariant {key} " in fault for fault in broken_invariants(broken))
    assert not any(f"invariant {key} " in fault for fault in broken_invariants(sound))


def test_all() -> None:
    """Every invariant that is checked has its case."""
    assert CASES.keys() == {key for each in [*RESOURCES.values(), ANYWHERE] for key in each}


@pytest.mark.parametrize("absent", ["start", "end"])
def test_absent_with_a_reason(absent: str) -> None:
    """An element without a value that says why it has none is there, as in FHIRPath."""
    times: dict[str, Any] = {"start": "2024", "end": "2024"}
    del times[absent]
    booked = {"resourceType": "Appointment", "status": "booked", **times, f"_{absent}": {"extension": []}}
    assert [] == [fault for fault in broken_invariants(booked) if "app-" in fault]


BELOW: dict[str, tuple[str, Any]] = {
    "start": ("per-1", {"start": "2024-02", "end": "2024-01"}),
    "extension": ("ext-1", {"extension": [{"url": "x"}]}),
    "telecom": ("cpt-2", {"telecom": [{"value": "1"}]}),
    "valueQuantity": ("qty-3", {"valueQuantity": {"code": "mg"}}),
    **{name: ("sqty-1", {name: {"comparator": "<"}}) for name in ("doseQuantity", "rateQuantity", "low", "high")},
}


@pytest.mark.parametrize(("name", "case"), BELOW.items())
def test_below(name: str, case: tuple[str, Any]) -> None:
    """An element within a resource is checked if it has one of the elements that an invariant is about."""
    key, element = case
    found = list(broken_invariants({"resourceType": "Basic", "inner": [element]}))
    assert ([f'error at "Basic.inner": invariant {key} does not hold'], True) == (found, name in ABOUT)


def test_about() -> None:
    """Each of these elements has such a case."""
    assert ABOUT == BELOW.keys()

"""A part of R4's invariants, as functions: those that a converter breaks easily. docs/sandbox-fhir.md lists them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gateway.sandbox.fhir.search.moments import interval

Test = Callable[[dict[str, Any]], bool]


def broken_invariants(resource: dict[str, Any]) -> Iterator[str]:
    """Yield the keys of the invariants that do not hold, with the type they belong to."""
    for key, holds in RESOURCES.get(resource["resourceType"], {}).items():
        if not holds(resource):
            yield f'error at "{resource["resourceType"]}": invariant {key} does not hold'
    for key in ("ext-1", "cpt-2", "qty-3", "sqty-1"):
        if not ANYWHERE[key](resource):
            yield f'error at "{resource["resourceType"]}": invariant {key} does not hold'
    for name, value in resource.items():
        for key in dict.fromkeys(_broken_below(value)):
            yield f'error at "{resource["resourceType"]}.{name}": invariant {key} does not hold'


def _broken_below(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _broken_below(each)
    elif isinstance(value, dict):
        if not ABOUT.isdisjoint(value):
            yield from (key for key, holds in ANYWHERE.items() if not holds(value))
        for each in value.values():
            yield from _broken_below(each)


def _has(element: dict[str, Any], prefix: str) -> bool:
    plain = [name.removeprefix("_") for name in element]
    return any(name.startswith(prefix) and name[len(prefix) : len(prefix) + 1].isupper() for name in plain)


def _items(element: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = element.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _codes(concept: Any) -> set[tuple[Any, Any]]:
    codings = _items(concept, "coding") if isinstance(concept, dict) else []
    return {(each.get("system"), each.get("code")) for each in codings}


def _obs_6(element: dict[str, Any]) -> bool:
    return not ("dataAbsentReason" in element and _has(element, "value"))


def _obs_7(element: dict[str, Any]) -> bool:
    own = _codes(element.get("code"))
    return not (_has(element, "value") and any(own & _codes(each.get("code")) for each in _items(element, "component")))


def _pat_1(element: dict[str, Any]) -> bool:
    wanted = {"name", "telecom", "address", "organization"}
    return all(wanted & each.keys() for each in _items(element, "contact"))


def _ait_1(element: dict[str, Any]) -> bool:
    status = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
    return "clinicalStatus" in element or (status, "entered-in-error") in _codes(element.get("verificationStatus"))


def _ait_2(element: dict[str, Any]) -> bool:
    status = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
    return "clinicalStatus" not in element or (status, "entered-in-error") not in _codes(
        element.get("verificationStatus")
    )


def _con_5(element: dict[str, Any]) -> bool:
    status = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
    return "clinicalStatus" not in element or (status, "entered-in-error") not in _codes(
        element.get("verificationStatus")
    )


def _exists(element: dict[str, Any], name: str) -> bool:
    """Whether FHIRPath finds an element: one that has extensions only, such as why it has no value, is there too."""
    return name in element or f"_{name}" in element


def _app_2(element: dict[str, Any]) -> bool:
    return _exists(element, "start") == _exists(element, "end")


def _app_3(element: dict[str, Any]) -> bool:
    return _exists(element, "start") or element.get("status") in {"proposed", "cancelled", "waitlist"}


def _per_1(element: dict[str, Any]) -> bool:
    start, end = element.get("start"), element.get("end")
    if not (isinstance(start, str) and isinstance(end, str)):
        return True
    first, last = interval(start), interval(end)
    return not first or not last or first[0] < last[1]


def _ext_1(element: dict[str, Any]) -> bool:
    return all(("extension" in each) != _has(each, "value") for each in _items(element, "extension"))


def _cpt_2(element: dict[str, Any]) -> bool:
    return all("value" not in each or "system" in each for each in _items(element, "telecom"))


def _qty_3(element: dict[str, Any]) -> bool:
    quantity = element.get("valueQuantity")
    return not isinstance(quantity, dict) or "code" not in quantity or "system" in quantity


def _sqty_1(element: dict[str, Any]) -> bool:
    """No comparator in the elements that are a SimpleQuantity wherever they are."""
    found = [element.get(name) for name in ("doseQuantity", "rateQuantity", "low", "high")]
    return not any(isinstance(each, dict) and "comparator" in each for each in found)


RESOURCES: Mapping[str, Mapping[str, Test]] = {
    "Observation": {"obs-6": _obs_6, "obs-7": _obs_7},
    "Patient": {"pat-1": _pat_1},
    "AllergyIntolerance": {"ait-1": _ait_1, "ait-2": _ait_2},
    "Condition": {"con-5": _con_5},
    "Appointment": {"app-2": _app_2, "app-3": _app_3},
}
ANYWHERE: Mapping[str, Test] = {"per-1": _per_1, "ext-1": _ext_1, "cpt-2": _cpt_2, "qty-3": _qty_3, "sqty-1": _sqty_1}
ABOUT = frozenset({"start", "extension", "telecom", "valueQuantity", "doseQuantity", "rateQuantity", "low", "high"})
"""An element without any of these fulfils all of ANYWHERE."""

"""Walk a resource beside the definition of its type, and yield each fault with its place and without its value."""

import re
from collections.abc import Iterator
from typing import Any

from gateway.sandbox.fhir.definitions.parameters import parameters
from gateway.sandbox.fhir.definitions.structure import Element, Elements, elements_of, required_of
from gateway.sandbox.fhir.search.rows import read_link
from gateway.sandbox.fhir.validation.invariants import broken_invariants
from gateway.sandbox.fhir.validation.primitives import PRIMITIVES

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_SYSTEMS = {"Identifier", "Coding", "Quantity"}
"""Datatypes whose ``system`` is an absolute URI (R4 datatypes.html)."""


def faults(resource: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a resource, as text for ``diagnostics``."""
    kind = resource["resourceType"]
    yield from _object({name: value for name, value in resource.items() if name != "resourceType"}, kind, kind)
    yield from broken_invariants(resource)


def _object(value: Any, kind: str, place: str) -> Iterator[str]:
    elements = elements_of(kind)
    if elements is None or not isinstance(value, dict):
        yield f'error at "{place}": expected an object'
        return
    for name, each in value.items():
        element = elements.get(name.removeprefix("_"))
        if element is None or (name.startswith("_") and element.kind not in PRIMITIVES):
            yield f'error at "{place}": unknown field "{_safe(name)}"'
        else:
            yield from _field(each, element, f"{place}.{name}", is_extension=name.startswith("_"))
    yield from _counts(value, kind, elements, place)
    if kind in _SYSTEMS and isinstance(value.get("system"), str) and not _ABSOLUTE.fullmatch(value["system"]):
        yield f'error at "{place}.system": not an absolute URI'


def _counts(value: dict[str, Any], kind: str, elements: Elements, place: str) -> Iterator[str]:
    present: dict[str, str] = {}
    several: dict[str, None] = {}
    for name in value:
        element = elements.get(name.removeprefix("_"))
        if element is not None and present.setdefault(element.choice, element.name) != element.name:
            several[element.choice] = None
    for choice in several:
        yield f'error at "{place}": more than one {choice}'
    for choice in required_of(kind) - present.keys():
        yield f'error at "{place}": missing required field "{choice}"'


def _field(value: Any, element: Element, place: str, *, is_extension: bool) -> Iterator[str]:
    if isinstance(value, list) != element.repeats:
        yield f'error at "{place}": expected {"a list" if element.repeats else "one value"}'
        return
    values = value if element.repeats else [value]
    for position, each in enumerate(values):
        where = f"{place}[{position}]" if element.repeats else place
        if is_extension:
            yield from _object(each, "Element", where) if each is not None else ()
        elif each is not None:
            yield from _value(each, element, where)
        elif element.kind not in PRIMITIVES:
            yield f'error at "{where}": empty value'


def _value(value: Any, element: Element, place: str) -> Iterator[str]:
    check = PRIMITIVES.get(element.kind)
    if check is not None:
        if not check(value):
            yield f'error at "{place}": not a {element.kind}'
        elif element.codes is not None and value not in element.codes:
            yield f'error at "{place}": the code is not in the required value set'
    elif element.kind == "Resource":
        yield from _contained(value, place)
    else:
        yield from _object(value, element.kind, place)
        if element.targets and isinstance(value, dict):
            yield from _target(value, element, place)


def _contained(value: Any, place: str) -> Iterator[str]:
    kind = value.get("resourceType") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in parameters():
        yield f'error at "{place}.resourceType": missing or unknown resource type'
    else:
        yield from _object({name: each for name, each in value.items() if name != "resourceType"}, kind, place)


def _target(value: dict[str, Any], element: Element, place: str) -> Iterator[str]:
    reference = value.get("reference")
    if isinstance(reference, str) and "?" not in reference:
        kind = read_link(reference).type
        if kind and kind not in element.targets:
            yield f'error at "{place}.reference": the field cannot refer to {_safe(kind)}'


def _safe(name: str) -> str:
    """Return the name of an element; what cannot be one may be payload."""
    return name if name.isascii() and name.removeprefix("_").isalnum() and len(name) < 64 else "(unknown)"

"""What holds for every FHIR resource in JSON, whatever its type (R4 json.html); then what its type demands."""

import re
from typing import Any

from gateway.sandbox.fhir.definitions.parameters import parameters
from gateway.sandbox.fhir.outcome import invalid, not_found
from gateway.sandbox.fhir.validation.validate import faults

ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
DEEPEST = 100


def check_type(resource_type: str) -> None:
    """Raise a 404 if R4 has no such resource type."""
    if resource_type not in parameters():
        raise not_found(f"unknown resource type: {resource_type[:64]}" if resource_type.isalnum() else "unknown type")


def check_resource(resource: Any, resource_type: str | None = None) -> dict[str, Any]:
    """Return *resource* if it is a FHIR resource of the type; otherwise raise a 400 for the first fault."""
    if not isinstance(resource, dict):
        raise invalid("the body is not a JSON object")
    found = resource.get("resourceType")
    if not isinstance(found, str) or found not in parameters():
        raise invalid('error at "resourceType": missing or unknown resource type')
    if resource_type is not None and found != resource_type:
        raise invalid(f'error at "resourceType": expected {resource_type}')
    identifier = resource.get("id")
    if identifier is not None and not (isinstance(identifier, str) and ID.fullmatch(identifier)):
        raise invalid(f'error at "{found}.id": not an id')
    if not isinstance(resource.get("meta", {}), dict):
        raise invalid(f'error at "{found}.meta": expected an object')
    _check_value(resource, found, 0)
    for fault in faults(resource):
        raise invalid(fault)
    return resource


def _check_value(value: Any, path: str, depth: int) -> None:
    if depth > DEEPEST:
        raise invalid(f'error at "{path[:200]}": nested too deeply')
    if value is None or value in ("", [], {}):
        raise invalid(f'error at "{path}": empty value')
    if isinstance(value, dict):
        for name, each in value.items():
            _check_value(each, f"{path}.{_safe(name)}", depth + 1)
    elif isinstance(value, list):
        _check_list(value, path, depth)


def _check_list(values: list[Any], path: str, depth: int) -> None:
    # "null" holds the place of a primitive whose id or extensions are in the list beside it, and the other way round.
    if all(each is None for each in values):
        raise invalid(f'error at "{path}": empty value')
    for position, each in enumerate(values):
        if isinstance(each, list):
            raise invalid(f'error at "{path}[{position}]": a list within a list')
        if each is not None:
            _check_value(each, f"{path}[{position}]", depth + 1)


def _safe(name: str) -> str:
    """Return the name of an element; what cannot be one may be payload."""
    return name if name.isascii() and name.removeprefix("_").isalnum() and len(name) < 64 else "(unknown)"

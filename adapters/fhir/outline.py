"""The outline of a FHIR resource in JSON: each of its values by path, with its length, without the value."""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from gateway.contract.outline import MOST_PARTS, Part

TYPE = re.compile(r"[A-Z][A-Za-z]{1,63}")
ELEMENT = re.compile(r"_?[a-z][A-Za-z0-9]{0,63}")
"""The form of every element's name in FHIR R4. A key of another form may be anything, and is not shown."""
UNKNOWN = "?"
DEEPEST = 50


def outline(payload: bytes) -> list[Part]:
    """Return the outline of a resource; nothing if the whole of it is not known or is no JSON."""
    try:
        resource = json.loads(payload)
    except (ValueError, RecursionError):
        return []
    if not isinstance(resource, dict):
        return []
    return list(islice(_parts(resource, _type_of(resource), 0), MOST_PARTS))


def _parts(value: Any, place: str, depth: int) -> Iterator[Part]:
    if isinstance(value, dict) and depth < DEEPEST:
        if depth and "resourceType" in value:  # in a bundle, and in `contained`
            place = f"{place}:{_type_of(value)}"
        for key, each in value.items():
            yield from _parts(each, f"{place}.{key if ELEMENT.fullmatch(key) else UNKNOWN}", depth + 1)
    elif isinstance(value, list) and depth < DEEPEST:
        for index, each in enumerate(value):
            yield from _parts(each, f"{place}[{index}]", depth + 1)
    else:
        yield Part(place, "", len(value.encode(errors="replace")) if isinstance(value, str) else len(json.dumps(value)))


def _type_of(resource: dict[str, Any]) -> str:
    found = resource.get("resourceType")
    return found if isinstance(found, str) and TYPE.fullmatch(found) else UNKNOWN

"""Makes JSON of what stays; a required element that is gone says why (R4 extension-data-absent-reason.html)."""

from typing import Any

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.fhir.extensions import ABSENT
from adapters.deidentify.fhir.reading import Json, Number
from adapters.deidentify.fhir.structure import elements_of, is_resource, required_of
from adapters.deidentify.fhir.tree import Leaf, Node

MASKED = {"extension": [{"url": ABSENT, "valueCode": "masked"}]}


def finished(node: Node) -> Json | None:
    """Return the JSON of an object; None if nothing is left of it."""
    found: Json = {}
    for name, item in node.items.items():
        made = _plain(item)
        if made is not None:
            found[name] = made
    if node.kind == "Extension" and not _says_something(found):
        return None
    for names in required_of(node.kind).values():
        if node.had.intersection(names) and not any(name in found or f"_{name}" in found for name in names):
            _mask(found, node.kind, next(name for name in names if name in node.had))
    if is_resource(node.kind):
        return {"resourceType": node.kind, **found}
    return found or None


def _says_something(extension: Json) -> bool:
    has_value = any(name.startswith("value") or name == "extension" for name in extension)
    return "url" in extension and has_value


def _plain(item: Any) -> Any:
    if isinstance(item, Leaf):
        return (Number(item.text) if item.is_number else item.text) if item.text else None
    if isinstance(item, Node):
        return finished(item)
    if isinstance(item, list):
        return [made for each in item if (made := _plain(each)) is not None] or None
    return item


def _mask(found: Json, kind: str, name: str) -> None:
    element = (elements_of(kind) or {})[name]
    is_primitive = elements_of(element.kind) is None
    if kind.partition(".")[0] == "Bundle" or (is_primitive and element.repeats) or element.kind == "Resource":
        raise HeldBackError("an element that it must have would be lost")
    if is_primitive:
        found[f"_{name}"] = MASKED
    elif required_of(element.kind) or is_resource(element.kind):
        raise HeldBackError("an element that it must have would be lost")
    else:
        found[name] = [MASKED] if element.repeats else MASKED

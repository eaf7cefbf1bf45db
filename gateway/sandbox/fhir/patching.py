"""JSON Patch (RFC 6902) on the JSON of a resource."""

import copy
from typing import Any

from gateway.sandbox.fhir.outcome import FhirError, invalid


def patched(resource: Any, operations: Any) -> Any:
    """Return the resource after the operations; raises a 400 if one is malformed or finds nothing, a 422 for a test."""
    if not isinstance(operations, list) or not operations:
        raise invalid("a JSON Patch is a list of operations")
    root = {"": copy.deepcopy(resource)}
    for position, operation in enumerate(operations):
        try:
            _apply(root, operation)
        except (KeyError, IndexError, ValueError, TypeError, AttributeError):
            raise invalid(f'error at "[{position}]": the operation cannot be applied') from None
    if "" not in root:
        raise invalid("the patch removes the whole resource")
    return root[""]


def _apply(root: dict[str, Any], operation: dict[str, Any]) -> None:
    kind, path = operation["op"], _parts(operation["path"])
    if kind == "add":
        _add(root, path, operation["value"])
    elif kind == "remove":
        _remove(root, path)
    elif kind == "replace":
        _replace(root, path, operation["value"])
    elif kind == "move":
        source = _parts(operation["from"])
        if path[: len(source)] == source and path != source:
            raise ValueError
        _add(root, path, _remove(root, source))
    elif kind == "copy":
        _add(root, path, copy.deepcopy(_get(root, _parts(operation["from"]))))
    elif kind == "test":
        if _get(root, path) != operation["value"]:
            raise FhirError(422, "processing", "patch_test_failed", "a test of the JSON Patch does not hold")
    else:
        raise ValueError


def _parts(pointer: str) -> list[str]:
    """Return the steps of a JSON Pointer (RFC 6901); the first one is the document itself."""
    first, *rest = pointer.split("/")
    if first:
        raise ValueError
    return ["", *(part.replace("~1", "/").replace("~0", "~") for part in rest)]


def _get(root: Any, path: list[str]) -> Any:
    for part in path:
        root = root[_index(part, len(root) - 1)] if isinstance(root, list) else root[part]
    return root


def _add(root: Any, path: list[str], value: Any) -> None:
    parent = _get(root, path[:-1])
    if isinstance(parent, list):
        position = len(parent) if path[-1] == "-" else _index(path[-1], len(parent))
        parent.insert(position, value)
    else:
        _object(parent)[path[-1]] = value


def _remove(root: Any, path: list[str]) -> Any:
    parent = _get(root, path[:-1])
    if isinstance(parent, list):
        return parent.pop(_index(path[-1], len(parent) - 1))
    return _object(parent).pop(path[-1])


def _replace(root: Any, path: list[str], value: Any) -> None:
    parent = _get(root, path[:-1])
    if isinstance(parent, list):
        parent[_index(path[-1], len(parent) - 1)] = value
    else:
        _object(parent)[path[-1]]
        parent[path[-1]] = value


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError
    return value


def _index(text: str, largest: int) -> int:
    if not text.isdecimal() or not text.isascii() or (len(text) > 1 and text[0] == "0") or int(text) > largest:
        raise ValueError
    return int(text)

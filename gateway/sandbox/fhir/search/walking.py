"""Find the elements of a resource at a path of the table of search parameters."""

from collections.abc import Iterator
from typing import Any

from gateway.sandbox.fhir.definitions.parameters import ElementPath, Step


def elements_at(root: Any, path: ElementPath) -> Iterator[Any]:
    """Yield every element at *path* below *root*; lists are flattened."""
    found = [root]
    for step in path.steps:
        found = [below for each in found for below in _take(each, step)]
    return iter(found)


def _take(element: Any, step: Step) -> Iterator[Any]:
    if not isinstance(element, dict) or step.name not in element:
        return
    value = element[step.name]
    values = value if isinstance(value, list) else [value]
    if step.first:
        values = values[:1]
    for each in values:
        chosen = not step.key or (isinstance(each, dict) and each.get(step.key) == step.value)
        if each is not None and chosen:
            yield each

"""The references in a resource: find them, and write what they point to in another way."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

# R4 http#trules: references and elements of type uri, url, oid, uuid are rewritten. By their names; an Identifier.value
# that is a urn:uuid is a string and stays.
_ADDRESSES = ("uri", "url", "uuid", "oid")


def references(element: Any) -> Iterator[str]:
    """Yield every literal reference in a resource, contained resources and extensions included."""
    if isinstance(element, dict):
        for name, value in element.items():
            if name == "reference" and isinstance(value, str):
                yield value
            else:
                yield from references(value)
    elif isinstance(element, list):
        for each in element:
            yield from references(each)


def rewritten(element: Any, targets: Mapping[str, str]) -> Any:
    """Return a resource in which what points to a key of *targets* points to its value."""
    return _rewrite(element, "", lambda name, text: _replace(name, text, targets))


def resolved(element: Any, resolve: Callable[[str], str]) -> Any:
    """Return a resource whose conditional references (``Patient?identifier=…``) are what *resolve* returns."""
    return _rewrite(element, "", lambda name, text: resolve(text) if name == "reference" and "?" in text else text)


def _rewrite(element: Any, name: str, change: Callable[[str, str], str]) -> Any:
    if isinstance(element, str):
        return change(name, element)
    if isinstance(element, list):
        return [_rewrite(each, name, change) for each in element]
    if isinstance(element, dict):
        return {below: _rewrite(value, below, change) for below, value in element.items()}
    return element


def _replace(name: str, text: str, targets: Mapping[str, str]) -> str:
    if name == "div":
        for old, new in targets.items():
            for attribute in ("href", "src"):
                text = text.replace(f'{attribute}="{old}"', f'{attribute}="{new}"')
        return text
    if name == "reference":
        # A fragment may follow.
        address, mark, fragment = text.partition("#")
        return targets[address] + mark + fragment if address in targets else text
    if name.lower().endswith(_ADDRESSES):
        return targets.get(text, text)
    return text

"""What becomes of a resource: a tree whose texts can still be removed, until it is written."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from adapters.deidentify.fhir.reading import Json


@dataclass(slots=True, eq=False)
class Leaf:
    """A text or a number that stays."""

    text: str
    is_own: bool = False
    """Whether it is made here (a pseudonym, a moved date) or one of HL7's codes: then it is not searched."""
    is_number: bool = False
    is_free: bool = False
    """Whether it is free text, of which a part may stay."""

    def clear(self) -> None:
        """Remove it."""
        self.text = ""


@dataclass(slots=True, eq=False)
class Node:
    """An object of a type, and what stays of its elements: ``Leaf``, ``Node``, ``bool``, or a list of them."""

    kind: str
    had: set[str] = field(default_factory=set)
    """The elements that it had before."""
    items: dict[str, Any] = field(default_factory=dict)

    def leaves(self) -> Iterator[Leaf]:
        """Yield the texts of its own elements, without those of the objects in it."""
        for each in self.items.values():
            for one in each if isinstance(each, list) else (each,):
                if isinstance(one, Leaf):
                    yield one


def text_of(value: Json, name: str) -> str:
    """Return an element that is a text, without blanks around it; empty for everything else."""
    found = value.get(name)
    return found.strip() if isinstance(found, str) else ""


def objects_of(value: Any) -> list[Json]:
    """Return the objects of a list, or an object as the only one."""
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict)]


def objects_in(tree: Json) -> Iterator[Json]:
    """Yield an object and each object in it, at any depth."""
    waiting: list[Any] = [tree]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            yield each
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each

"""The elements of R4: which a type has, what they are, and which codes they may have (``table/``)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("table")
IMPLIED = ("id 0 1 String", "extension 0 * Extension", "modifierExtension 0 * Extension")
"""What every nested element may have; the table leaves it out."""


@dataclass(frozen=True, slots=True)
class Element:
    """One JSON name of a type or of a nested element."""

    name: str
    path: str
    """The type or the nested element that has it, a full stop, and the name in the definition: ``Goal.start[x]``."""
    required: bool
    repeats: bool
    kind: str
    """A primitive or complex datatype, or the path of the element whose children these are."""
    codes: frozenset[str] | None
    """The codes that it may have; None allows any."""


Elements = Mapping[str, Element]


@cache
def elements_of(kind: str) -> Elements | None:
    """Return the elements of a type or of a nested element by their JSON names; None for a primitive type."""
    rows = _types().get(kind)
    if rows is None:
        return None
    return {each.name: each for row in (*rows, *(IMPLIED if "." in kind else ())) for each in _elements(kind, row)}


@cache
def required_of(kind: str) -> Mapping[str, tuple[str, ...]]:
    """Return by the paths of the elements that a type must have the JSON names of each."""
    found: dict[str, tuple[str, ...]] = {}
    for each in (elements_of(kind) or {}).values():
        if each.required:
            found[each.path] = (*found.get(each.path, ()), each.name)
    return found


@cache
def is_resource(kind: str) -> bool:
    """Whether this is a type of resource."""
    return "." not in kind and "implicitRules" in (elements_of(kind) or ())


@cache
def resources() -> tuple[str, ...]:
    """Return the types of resources."""
    return tuple(filter(is_resource, _types()))


@cache
def _types() -> Mapping[str, tuple[str, ...]]:
    lines = (TABLE / "elements.tsv").read_text().splitlines()[1:]
    return {kind: tuple(rows) for kind, *rows in (line.split("\t") for line in lines)}


@cache
def _codes() -> Mapping[str, frozenset[str]]:
    lines = (line.split("\t") for line in (TABLE / "codes.tsv").read_text().splitlines()[1:])
    return {name: frozenset(codes.split(" ")) for name, codes in lines}


def _elements(parent: str, row: str) -> list[Element]:
    name, least, most, types, codes = (*row.split(" "), "")[:5]
    return [
        Element(
            name=name.replace("[x]", each[:1].upper() + each[1:]),
            path=f"{parent}.{name}",
            required=least != "0",
            repeats=most not in {"0", "1"},
            kind=_kind(f"{parent}.{name}", each),
            codes=_codes().get(codes) if each == "code" else None,
        )
        for each in types.split("|")
    ]


def _kind(path: str, written: str) -> str:
    if written.startswith("#"):
        return written[1:]
    return path if written in {"BackboneElement", "Element"} and path in _types() else written

"""The elements of R4 and the codes of its required bindings, read from the generated tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

STRUCTURE = Path(__file__).with_name("structure.txt")
CODES = Path(__file__).with_name("codes.txt")
_IMPLIED = (("id", "0", "1", "String", ""), ("extension", "0", "*", "Extension", ""))
_MODIFIER = ("modifierExtension", "0", "*", "Extension", "")


@dataclass(frozen=True, slots=True)
class Element:
    """One JSON name of a type or a nested element."""

    name: str
    choice: str
    """What the alternatives of a choice share: ``value[x]``; the name itself for others."""
    required: bool
    repeats: bool
    kind: str
    """A primitive or complex datatype, or the path of the element whose children these are."""
    targets: frozenset[str] = frozenset()
    """The types that a reference may point to; empty is any."""
    codes: frozenset[str] | None = None
    """The codes of a required binding; None allows any."""


Elements = Mapping[str, Element]


@cache
def code_sets() -> Mapping[str, frozenset[str]]:
    """Return the codes of each value set that can be listed."""
    lines = [line.split("\t") for line in CODES.read_text().splitlines() if not line.startswith("#")]
    return {url: frozenset(codes.split(" ")) for url, codes in lines}


@cache
def _rows() -> Mapping[str, list[tuple[str, str, str, str, str]]]:
    """Return the rows of the children by the path of their parent."""
    found: dict[str, list[tuple[str, str, str, str, str]]] = {}
    for line in STRUCTURE.read_text().splitlines():
        if not line.startswith("#"):
            path, low, high, types, codes = line.split("\t")
            parent, _, name = path.rpartition(".")
            found.setdefault(parent, []).append((name, low, high, types, codes))
    return found


@cache
def elements_of(kind: str) -> Elements | None:
    """Return the elements of a type or of a nested element by their JSON names; None for a primitive type."""
    rows = _rows().get(kind)
    if rows is None:
        return None
    if "." in kind:
        # Every element has an id and extensions; only nested elements of resources have modifier extensions.
        rows = [*rows, *_IMPLIED, _MODIFIER]
    return {each.name: each for row in rows for each in _elements(kind, *row)}


@cache
def required_of(kind: str) -> frozenset[str]:
    """Return the elements that a type or a nested element must have."""
    return frozenset(each.choice for each in (elements_of(kind) or {}).values() if each.required)


def _elements(parent: str, name: str, low: str, high: str, types: str, codes: str) -> list[Element]:
    return [
        Element(
            name=name.replace("[x]", each[:1].upper() + each[1:].partition("(")[0]) if "[x]" in name else name,
            choice=name,
            required=low != "0",
            repeats=high == "*" or high not in {"0", "1"},
            kind=_kind(f"{parent}.{name}", each),
            targets=_targets(each),
            codes=code_sets().get(codes) if codes and each == "code" else None,
        )
        for each in _split(types)
    ]


def _split(types: str) -> list[str]:
    return types.split("|") if types else [""]


def _kind(path: str, written: str) -> str:
    if written.startswith("#"):
        return written[1:]
    name = written.partition("(")[0]
    return path if name in {"BackboneElement", "Element"} and path in _rows() else name


def _targets(written: str) -> frozenset[str]:
    inner = written.partition("(")[2].rstrip(")")
    found = frozenset(inner.split(",")) if inner else frozenset[str]()
    return frozenset() if "Resource" in found else found

"""The tables that are data: rows for the fields of a segment, and codes with their counterparts in FHIR."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

HL7_EXTENSIONS = "http://hl7.org/fhir/StructureDefinition/"
NESTED = ("text", "code")
R5 = {
    "encounter-plannedStartDate": "Encounter.plannedStartDate",
    "encounter-plannedEndDate": "Encounter.plannedEndDate",
    "coverage-subscriberId": "Coverage.subscriberId",
}
"""Elements of R5 that R4 takes as extensions, by the names that the rows have for them."""


class Code(NamedTuple):
    """The counterpart of a code."""

    code: str
    system: str
    display: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way to an element."""

    name: str
    """The name in JSON."""
    is_list: bool = False
    extension: str = ""
    """The URL of the extension in which the way goes on."""


@dataclass(frozen=True, slots=True)
class Row:
    """Where one field of a segment goes."""

    number: int
    element: str
    """As written in the table: ``name[]`` is a list, ``deceased[Boolean]`` a choice of types."""
    steps: tuple[Step, ...]
    owned: str
    """The element as it is called in ``owns`` and ``clears``."""
    datatype: str
    argument: str


@cache
def codes(name: str) -> Mapping[str, Code]:
    """Return the table of codes *name*: the received code, and what it is in FHIR."""
    return read_codes(_text("codes", name))


def read_codes(text: str) -> Mapping[str, Code]:
    """Return a table of codes from its text; the first line has the names of the columns."""
    return {row[0]: Code(*row[1:4]) for row in _lines(text)}


@cache
def rows(name: str) -> tuple[Row, ...]:
    """Return the rows of a segment for a resource: ``PID-Patient``."""
    return read_rows(_text("rows", name))


@cache
def carried(name: str) -> tuple[tuple[int, Row], ...]:
    """Return the rows of a table that carry their field, each with its number."""
    return tuple((row.number, row) for row in rows(name) if row.steps)


@cache
def numbers(name: str) -> frozenset[int]:
    """Return the fields that the rows of a table read."""
    return frozenset(row.number for row in rows(name))


def read_rows(text: str) -> tuple[Row, ...]:
    """Return rows from the text of their table; the first line has the names of the columns."""
    return tuple(
        Row(int(number), element, steps(element), owned_name(element), datatype, argument)
        for number, element, datatype, argument, *_ in _lines(text)
    )


def _text(folder: str, name: str) -> str:
    return (files("adapters.fhir") / folder / f"{name}.tsv").read_text("utf-8")


def _lines(text: str) -> list[list[str]]:
    return list(csv.reader(text.splitlines()[1:], delimiter="\t", quoting=csv.QUOTE_NONE))


def table_names(folder: str) -> list[str]:
    """Return the names of the tables in *folder*."""
    return sorted(each.name.removesuffix(".tsv") for each in (files("adapters.fhir") / folder).iterdir())


def steps(element: str) -> tuple[Step, ...]:
    """Return the way to *element*; none for ``-``, which is a field that is read and deliberately not carried."""
    return () if element == "-" else tuple(map(_step, element.split(".")))


def _step(part: str) -> Step:
    name, _, rest = part.partition("(")
    if rest:
        url = rest.removesuffix(")")
        return Step(name, extension=url if url in NESTED else _extension(url))
    name, _, kind = part.partition("[")
    kind = kind.removesuffix("]")
    return Step(name + kind, is_list=part.endswith("[]"))


def _extension(name: str) -> str:
    """Return the URL of an extension that HL7 defines."""
    if name in R5:
        return f"http://hl7.org/fhir/5.0/StructureDefinition/extension-{R5[name]}"
    return HL7_EXTENSIONS + name


def owned_name(element: str) -> str:
    """Return what a message owns: up to the first list, extensions by their URL, a choice without its type."""
    names: list[str] = []
    for written, step in zip(element.split("."), steps(element), strict=False):
        if step.extension:
            return ".".join([*names, f"{step.name}({step.extension})"])
        names.append(f"{written.partition('[')[0]}[x]" if "[" in written and not step.is_list else step.name)
        if step.is_list:
            break
    return ".".join(names)

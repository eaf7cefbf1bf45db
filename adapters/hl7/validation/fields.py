"""Checks the fields of one segment against their definitions: required fields, datatypes, tables.

What a receiver has to ignore is ignored (HL7 2.5, 2.8.2): fields, components and subcomponents after the last one that
the version defines, because a later version may have a datatype with more parts. The null value ``""`` is valid
everywhere.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from adapters.hl7.validation import checks
from adapters.hl7.validation.grammar import Definition
from adapters.hl7.validation.primitives import PRIMITIVES, is_valid
from adapters.hl7.validation.reading import Place, Segment, Separators
from gateway.contract.outcome import Finding

_NULL = '""'
_NEVER_CHECKED = frozenset({"varies", "WD", None})
_TIME = ("leaf", None, "DTM", "TIME", None)
"""The definition for TS.1, which is text in the definitions before 2.5, but has this form."""
_SEPARATORS = frozenset({"MSH_1", "MSH_2"})
_OPEN_TABLES = frozenset({"HL70076", "HL70003", "HL70104", "HL70396"})
"""Tables of message types, events and versions, whose mistakes are reported as 200, 201 and 203; and the table of
coding systems, which grows between the versions and allows local names (``L``, ``99...``)."""
_DATATYPES = frozenset({"HL70125", "HL70440"})
"""Tables of datatypes, which are incomplete in hl7apy."""


@dataclass(frozen=True, slots=True)
class FieldChecker:
    """Checks segments of one version."""

    wanted: checks.Checks
    separators: Separators
    datatypes: Mapping[str, Any]
    tables: Mapping[str, tuple[str, Collection[str]]]

    def check(self, segment: Segment, definition: Definition) -> Iterator[Finding]:
        """Yield the mistakes in *segment*."""
        for name, reference, (least, most) in _children(definition):
            if name in _SEPARATORS:
                continue
            number = int(name.rpartition("_")[2])
            value = segment.field(number)
            place = Place(segment.name, segment.occurrence, number, 1)
            if self.separators.is_blank(value):
                yield from self._missing(place, least)
            elif most != 0:  # withdrawn fields are ignored
                yield from self._check_repetitions(value, self._actual(name, reference, segment), place, most)

    def _missing(self, place: Place, least: int) -> Iterator[Finding]:
        if least > 0 and self.wanted.required:
            yield checks.missing_field(place)

    def _check_repetitions(self, value: str, reference: Any, place: Place, most: int) -> Iterator[Finding]:
        repetitions = value.split(self.separators.repetition)
        for number, repetition in enumerate(repetitions, 1):
            if self.separators.is_blank(repetition):
                continue
            at = replace(place, repetition=number)
            if 0 < most < number:
                if self.wanted.datatypes:
                    yield checks.repeated(at)
                return
            yield from self._check_value(repetition, reference, at, 0)

    def _actual(self, name: str, reference: Any, segment: Segment) -> Any:
        """Return the definition of a field; that of ``OBX-5`` follows from ``OBX-2``."""
        if name != "OBX_5":
            return reference
        datatype = segment.field(2).strip()
        children = self.datatypes.get(datatype)
        return ("leaf" if children is None else "sequence", children, datatype, "", None)

    def _check_value(self, value: str, reference: Any, place: Place, depth: int) -> Iterator[Finding]:
        """Check a field (*depth* 0), component (1) or subcomponent (2) that is not empty."""
        datatype, table = reference[2], reference[4]
        if datatype in _NEVER_CHECKED or value.strip() == _NULL:
            return
        children = reference[1] or (self.datatypes.get(datatype) if reference[0] != "leaf" else None)
        if not children:
            leaf = value.split(self.separators.parts[depth], 1)[0] if depth < 2 else value
            yield from self._check_leaf(leaf, datatype, table, place)
        elif depth < 2:
            parts = value.split(self.separators.parts[depth])
            yield from self._check_parts(parts, children, place, depth)

    def _check_parts(self, parts: list[str], children: Any, place: Place, depth: int) -> Iterator[Finding]:
        for number, (name, reference, (least, most)) in enumerate(_children(("sequence", children)), 1):
            part = parts[number - 1] if number <= len(parts) else ""
            at = place.part(number, depth)
            if self.separators.is_blank(part):
                yield from self._missing(at, least)
            elif most != 0:
                yield from self._check_value(part, _TIME if name == "TS_1" else reference, at, depth + 1)

    def _check_leaf(self, value: str, datatype: str, table: str | None, place: Place) -> Iterator[Finding]:
        if self.separators.is_blank(value) or value.strip() == _NULL:
            return
        if self.wanted.datatypes and not is_valid(datatype, value):
            yield checks.wrong_datatype(place, datatype)
        # IS and coded values have user-defined or extensible tables: any value is valid.
        if self.wanted.tables and datatype == "ID" and table and not self._has(table, value.strip()):
            yield checks.not_in_table(place, table.removeprefix("HL7"))

    def _has(self, table: str, value: str) -> bool:
        """Return whether *table* has *value*; True if the content of the table is not known."""
        known = self.tables.get(table, ("", ()))[1]
        if table in _OPEN_TABLES or not known or value in known:
            return True
        if table in _DATATYPES:
            return value in self.datatypes or value in PRIMITIVES
        return any(value in row.split(",") for row in known if "," in row)  # 0301 has "L,M,N" in one row


def _children(definition: Definition) -> Iterator[tuple[str, Any, tuple[int, int]]]:
    """Yield name, definition and cardinality of the parts of *definition* for which hl7apy has all three."""
    for child in definition[1] or ():
        if len(child) > 2 and child[1] is not None:
            yield child[0], child[1], child[2]

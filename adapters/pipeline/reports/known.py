"""By what a patient is known: names, numbers and dates in the headers of images, and in the row of the report."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any

from adapters.deidentify.dicom.identity import NUMBERS, SHORTEST, SHORTEST_UID, TELEPHONES, is_standard
from adapters.deidentify.own.search import OwnIdentifiers
from adapters.deidentify.own.terms import of_number, of_telephone
from adapters.pipeline.contract import Row

GROUPS = ("Alphabetic", "Ideographic", "Phonetic")
MISFITS, OTHERS = "Metadata", "OtherElements"
"""Columns of a nested row: attributes that fit no column, as DICOM JSON, and those without a keyword."""
SHORTEST_GROUPED = 5
ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
COMPACT_DAY = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Known:
    """What is searched for in the texts about one patient."""

    names: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    telephones: set[str] = field(default_factory=set)
    days: set[str] = field(default_factory=set)
    """All dates, as ``YYYY-MM-DD``."""
    births: set[str] = field(default_factory=set)
    """Those on which somebody was born: they are never moved, only removed."""
    uids: set[str] = field(default_factory=set)

    def add_image(self, row: Row) -> None:
        """Add what the header of an image says: a row in the form ``nested`` of ``adapters/tables``."""
        for keyword, value in row.items():
            if keyword == MISFITS:
                self._add_json(value or {})
            elif keyword == OTHERS:
                self._add_others(value or ())
            elif value not in (None, [], "") and (found := _dictionary().get(keyword)):
                self._add(*found, value)

    def add_report(self, row: Row) -> None:
        """Add what the row of a report says beside its text."""
        self.numbers.update(filter(_counts, (row["accession"], row["patient"])))
        if len(row["study"]) >= SHORTEST_UID:
            self.uids.add(row["study"])
        known = row.get("known") or {}
        self.names.update(known.get("names", ()))
        self.numbers.update(filter(_counts, known.get("numbers", ())))
        self.telephones.update(filter(_counts, known.get("telephones", ())))
        for text in known.get("births", ()):
            if ISO_DAY.match(text):
                self.births.add(text[:10])
            elif _counts(text):
                self.numbers.add(text)
        if row["report_date"]:
            self.days.add(row["report_date"])

    def update(self, other: "Known") -> None:
        """Add what *other* knows."""
        for each in fields(self):
            getattr(self, each.name).update(getattr(other, each.name))

    def own(self) -> OwnIdentifiers:
        """Return what searches texts for all of it."""
        own = OwnIdentifiers()
        for name in self.names:
            own.add_name(name)
        for number in self.numbers:
            own.add_number(number)
        for telephone in self.telephones:
            own.add_telephone(telephone)
        for day in self.days | self.births:
            own.add_date(day)
        for uid in self.uids:
            own.add_uid(uid)
        return own

    def digits(self) -> set[str]:
        """Return the numbers and telephones that are five digits or more, without zeros before them."""
        terms = (
            term for each in (*self.numbers, *self.telephones) for way in of_telephone(each) for term in of_number(way)
        )
        bare = {term.replace(" ", "").lstrip("0") for term in terms}
        return {each for each in bare if len(each) >= SHORTEST_GROUPED and each.isascii() and each.isdigit()}

    def __bool__(self) -> bool:
        """Whether anything is known."""
        return any(getattr(self, each.name) for each in fields(self))

    def _add(self, tag: int, vr: str, value: Any) -> None:
        """Add the value, or the values, of one attribute."""
        if isinstance(value, list | tuple):
            for each in value:
                self._add(tag, vr, each)
        elif isinstance(value, Mapping):
            if vr == "PN":
                self.names.update(text for group in GROUPS if isinstance(text := value.get(group), str) and text)
            else:
                self.add_image(value)  # an item of a sequence
        elif isinstance(value, str):
            self._add_text(tag, vr, value.strip("\0 "))

    def _add_text(self, tag: int, vr: str, text: str) -> None:
        if vr == "PN":
            self.names.update(filter(None, text.split("=")))
        elif vr in {"DA", "DT"}:
            self._add_day(text, is_birth=tag in _births())
        elif vr == "UI" and len(text) >= SHORTEST_UID and not is_standard(text):
            self.uids.add(text)
        elif tag in NUMBERS and _counts(text):
            self.numbers.add(text)
        elif tag in TELEPHONES and _counts(text):
            self.telephones.add(text)

    def _add_day(self, text: str, *, is_birth: bool = False) -> None:
        compact = COMPACT_DAY.match(text)
        day = "-".join(compact.groups()) if compact else text[:10]
        if ISO_DAY.fullmatch(day):
            (self.births if is_birth else self.days).add(day)

    def _add_json(self, elements: Mapping[str, Any]) -> None:
        """Add attributes of DICOM JSON (PS3.18 F.2)."""
        for tag, element in elements.items():
            for value in element.get("Value", ()):
                if element.get("vr") == "SQ" and isinstance(value, Mapping):
                    self._add_json(value)
                else:
                    number = int(tag, 16)
                    self._add(number, _representations().get(number, element.get("vr", "")), value)

    def _add_others(self, elements: Iterable[Mapping[str, Any]]) -> None:
        """Add names and dates of private attributes; the row does not tell their representations."""
        for text in (each for element in elements for each in element.get("Data") or ()):
            if text.startswith("{"):
                value = json.loads(text)
                self._add(0, "PN", {group: value.get(group) for group in GROUPS})
            elif COMPACT_DAY.fullmatch(text):
                self._add_day(text)


def _counts(text: str) -> bool:
    return sum(map(str.isalnum, text)) >= SHORTEST


@cache
def _dictionary() -> Mapping[str, tuple[int, str]]:
    """Return tag and representation of each attribute by its keyword."""
    from pydicom._dicom_dict import DicomDictionary  # noqa: PLC0415  pydicom takes 9 MiB

    return {row[4]: (tag, row[0]) for tag, row in DicomDictionary.items() if row[4]}


@cache
def _representations() -> Mapping[int, str]:
    return dict(_dictionary().values())


@cache
def _births() -> frozenset[int]:
    return frozenset(tag for keyword, (tag, _) in _dictionary().items() if "BirthDate" in keyword)

"""What the identified side knows of a patient, as texts to be searched for."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Literal

from adapters.deidentify.dicom.identity import NUMBERS, SHORTEST, SHORTEST_UID, TELEPHONES, is_standard
from adapters.deidentify.own.search import OwnIdentifiers
from adapters.pipeline.contract import Row

Kind = Literal["names", "numbers", "telephones", "dates", "uids"]


@dataclass(frozen=True, slots=True)
class Identifiers:
    """The identifiers of one patient and of what was done for them."""

    names: frozenset[str] = frozenset()
    """Of the patient and of all persons, with ``^`` between their parts."""
    numbers: frozenset[str] = frozenset()
    """Of the patient, of orders and visits; and places."""
    telephones: frozenset[str] = frozenset()
    dates: frozenset[str] = frozenset()
    """As ``YYYY-MM-DD`` or ``YYYYMMDD``."""
    uids: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether there is anything to search for."""
        return any(getattr(self, each.name) for each in fields(self))

    def __len__(self) -> int:
        """Return how many there are."""
        return sum(len(getattr(self, each.name)) for each in fields(self))

    def __or__(self, other: "Identifiers") -> "Identifiers":
        """Return those of both."""
        return Identifiers(*(getattr(self, each.name) | getattr(other, each.name) for each in fields(self)))

    def own(self) -> OwnIdentifiers:
        """Return what searches texts for them, in whatever spelling."""
        made = OwnIdentifiers()
        for name in self.names:
            for group in name.split("="):
                made.add_name(group)
        for number in self.numbers:
            made.add_number(number)
        for telephone in self.telephones:
            made.add_telephone(telephone)
        for day in self.dates:
            made.add_date(day)
        for uid in self.uids:
            made.add_uid(uid)
        return made


def of_row(row: Row) -> Identifiers:
    """Return the identifiers in a row of ``dicom_metadata``, at every depth."""
    return of_rows([row])


def of_rows(rows: Iterable[Row]) -> Identifiers:
    """Return the identifiers in rows of ``dicom_metadata`` (nested by keyword) of one patient."""
    found: dict[Kind, set[str]] = {"names": set(), "numbers": set(), "telephones": set(), "dates": set(), "uids": set()}
    for row in rows:
        for kind, value in _walk(row):
            found[kind].add(value)
    return Identifiers(*(frozenset(each) for each in found.values()))


def _walk(row: Mapping[str, Any]) -> Iterator[tuple[Kind, str]]:
    for keyword, value in row.items():
        kind = kind_of(keyword)
        for each in value if isinstance(value, list | tuple) else [value]:
            if isinstance(each, Mapping) and kind != "names":
                yield from _walk(each)
            elif kind is not None and each is not None:
                yield from _values(kind, each)


def _values(kind: Kind, value: Any) -> Iterator[tuple[Kind, str]]:
    """Yield what is worth searching for; a name may be a RECORD of three spellings."""
    texts = value.values() if isinstance(value, Mapping) else [value]
    for each in map(str, (text for text in texts if text)):
        is_long = sum(map(str.isalnum, each)) >= SHORTEST
        if kind == "uids":
            if len(each) >= SHORTEST_UID and not is_standard(each):
                yield kind, each
        elif kind in {"names", "dates"} or is_long:
            yield kind, each


@cache
def kind_of(keyword: str) -> Kind | None:
    """Return what the values of an attribute identify by; None for one that only describes."""
    from pydicom.datadict import dictionary_VR, tag_for_keyword  # noqa: PLC0415  pydicom takes 9 MiB

    tag = tag_for_keyword(keyword)
    if tag is None:
        return None
    if tag in NUMBERS:
        return "numbers"
    if tag in TELEPHONES:
        return "telephones"
    kinds: dict[str, Kind] = {"PN": "names", "DA": "dates", "DT": "dates", "UI": "uids"}
    return kinds.get(dictionary_VR(tag))

"""Rows of a table of instances, in three forms.

``nested``: a column for each attribute by its keyword, a sequence is a REPEATED RECORD (Google's ``schemaFlattened``).
``json``: all attributes in one column ``Metadata`` (Google's ``schemaJson``). ``flattened``: as ``nested``, but a
sequence is one JSON column, for tools that know no records. Attributes without a keyword of their own, private ones
among them, are in ``OtherElements``, as in Google's export.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

from adapters.tables.columns import Column, merged
from adapters.tables.dicom.data_set import DataSet, Element
from adapters.tables.dicom.dictionary import column_of, name_of
from adapters.tables.dicom.fitting import MisfitError, fitted
from adapters.tables.encoder import ENCODER
from adapters.tables.manifest import Shape

Form = Literal["nested", "json", "flattened"]
Row = dict[str, Any]
UIDS = (Column("StudyInstanceUID"), Column("SeriesInstanceUID"), Column("SOPInstanceUID"))
OTHER = Column("OtherElements", "RECORD", "REPEATED", (Column("Tag"), Column("Data", "STRING", "REPEATED")))
METADATA = Column("Metadata", "JSON")
DROPPED = Column("DroppedTags", "STRING", "REPEATED")
ABOUT = (
    Column("SourceDicomStore"),
    METADATA,
    Column("StructuredStorageSize", "INTEGER"),
    DROPPED,
    Column("StorageClass"),
    Column("LastUpdated", "TIMESTAMP"),
    Column("BlobStorageSize", "INTEGER"),
    Column("Type"),
)
"""The columns of ``schemaJson`` besides the UIDs; the other forms have them, too."""
SHAPE = Shape((*UIDS, *ABOUT), ("SOPInstanceUID",), "LastUpdated", "Type")
ZONE_OFFSET = "00080201"


class NoIdentityError(ValueError):
    """The instance lacks one of the UIDs by which a row is found."""


@dataclass(frozen=True, slots=True)
class About:
    """What a row says of an instance besides its attributes."""

    last_updated: str
    """In ISO 8601."""
    type: str = "INSERT"
    """Or ``DELETE``."""
    source: str | None = None
    size: int | None = None
    """Octets of the file."""
    storage_class: str | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A row, and the columns that it needs."""

    row: Row
    columns: tuple[Column, ...] = ()


def row_of(data_set: DataSet, form: Form, about: About) -> Made:
    """Return the row of an instance; raises NoIdentityError."""
    row: Row = {
        **_uids(data_set),
        "SourceDicomStore": about.source,
        "StructuredStorageSize": len(ENCODER.encode(data_set.json)),
        "StorageClass": about.storage_class,
        "LastUpdated": about.last_updated,
        "BlobStorageSize": about.size,
        "Type": about.type,
    }
    dropped = sorted(map(name_of, data_set.dropped)) + list(_dropped_inside(data_set))
    if form == "json":
        return Made({**row, "Metadata": data_set.json, "DroppedTags": dropped}, SHAPE.columns)
    fields = Fields(form == "nested", _zone(data_set))
    found, misfits = fields.of(data_set)
    rest = {tag: data_set.json[tag] for tag in misfits}
    told = sorted({*dropped, *(name for names in misfits.values() for name in names)})
    made = {**found, **row, "Metadata": rest or None, "DroppedTags": told}
    return Made(made, _columns(form == "nested", _structure(data_set, frozenset(misfits))))


def deletion_of(study: str, series: str, instance: str, about: About) -> Row:
    """Return the row that says that an instance is deleted."""
    return {
        "StudyInstanceUID": study,
        "SeriesInstanceUID": series,
        "SOPInstanceUID": instance,
        "SourceDicomStore": about.source,
        "LastUpdated": about.last_updated,
        "Type": "DELETE",
    }


def _uids(data_set: DataSet) -> dict[str, str]:
    found = {}
    for tag, name in (
        ("0020000D", "StudyInstanceUID"),
        ("0020000E", "SeriesInstanceUID"),
        ("00080018", "SOPInstanceUID"),
    ):
        values = data_set.json.get(tag, {}).get("Value", [])
        if len(values) != 1 or not isinstance(values[0], str):
            raise NoIdentityError(f"the instance has no {name}")
        found[name] = values[0]
    return found


def _zone(data_set: DataSet) -> str:
    """Return Timezone Offset From UTC (0008,0201), which all times of an instance are in (PS3.3 C.12.1.1.8)."""
    values = data_set.json.get(ZONE_OFFSET, {}).get("Value", [])
    return values[0] if values and isinstance(values[0], str) else "+0000"


def _dropped_inside(data_set: DataSet, path: str = "") -> Iterator[str]:
    """Yield what is left out within sequences, with the keywords of the sequences before it."""
    for tag, items in data_set.items.items():
        below = f"{path}{name_of(tag)}."
        for item in items:
            yield from (below + name_of(each) for each in item.dropped)
            yield from _dropped_inside(item, below)


class Fields:
    """Makes values of attributes; sequences are records, or JSON."""

    def __init__(self, nests: bool, zone: str) -> None:
        self._nests, self._zone = nests, zone

    def of(self, data_set: DataSet) -> tuple[Row, dict[str, list[str]]]:
        """Return the values by column, and the tags of what does not fit, each with the names of the values."""
        row: Row = {}
        others, misfits = [], {}
        for tag, element in data_set.json.items():
            column = column_of(tag)
            if column is None:
                others.append({"Tag": name_of(tag), "Data": _data(element)})
            elif element["vr"] == "SQ" or column.type == "JSON":
                found, wrong = self._sequence(tag, element, column, data_set)
                if wrong:
                    misfits[tag] = wrong
                elif found:
                    row[column.name] = found
            else:
                try:
                    row[column.name] = fitted(column, element, data_set.texts.get(tag), self._zone)
                except MisfitError:
                    misfits[tag] = [column.name]
        if others:
            row[OTHER.name] = others
        return row, misfits

    def _sequence(self, tag: str, element: Element, column: Column, data_set: DataSet) -> tuple[Any, list[str]]:
        if column.type != "JSON" or element["vr"] != "SQ":  # the element is a sequence, or should be one
            return None, [column.name]
        if not self._nests:
            return element.get("Value"), []
        rows, wrong = [], []
        for item in data_set.items[tag]:
            row, misfits = self.of(item)
            rows.append(row)
            wrong += [f"{column.name}.{name}" for names in misfits.values() for name in names]
        # The column has no fields if no item has any: then there is no RECORD, and nothing to be in it.
        return (rows if any(rows) else None), sorted(set(wrong))


Structure = tuple[tuple[str, "tuple[Structure, ...]"], ...]
"""The tags of a data set that have a place in the row, each with the structures of its items: instances of one kind
have the same, so their columns are found out once."""


def _structure(data_set: DataSet, misfits: frozenset[str] = frozenset()) -> Structure:
    items = data_set.items
    return tuple(
        (tag, tuple({_structure(each): None for each in items[tag]}) if tag in items else ())
        for tag in data_set.json
        if tag not in misfits
    )


@lru_cache(maxsize=4096)
def _columns(nests: bool, structure: Structure) -> tuple[Column, ...]:
    return merged(SHAPE.columns, _fields(nests, structure))


def _fields(nests: bool, structure: Structure) -> tuple[Column, ...]:
    columns: list[Column] = []
    others = False
    for tag, items in structure:
        column = column_of(tag)
        if column is None:
            others = True
        elif column.type != "JSON" or not nests:
            columns.append(column)
        else:
            fields: tuple[Column, ...] = ()
            for item in items:
                fields = merged(fields, _fields(nests, item))
            if fields:  # without any there is no RECORD, and nothing to be in it
                columns.append(replace(column, type="RECORD", mode="REPEATED", fields=fields))
    return (*columns, OTHER) if others else tuple(columns)


def _data(element: Element) -> list[str]:
    if "InlineBinary" in element:
        return [element["InlineBinary"]]
    return [_written(each) for each in element.get("Value", [])]


def _written(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)

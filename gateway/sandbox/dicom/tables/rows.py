"""The row of an instance, and the columns that it needs.

``schemaFlattened``: a column for each attribute of the dictionary that occurs, sequences as repeated records; other
attributes, private ones among them, are in ``OtherElements``. ``schemaJson``: all attributes in one column
``Metadata``. A value that is not of its type is left out, and its attribute listed in ``DroppedTags``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydicom.datadict import dictionary_VM, keyword_for_tag

from gateway.sandbox.dicom.tables.values import NAME_GROUPS, TYPES, MisfitError, read
from gateway.sandbox.tables.columns import Field, merged

Form = Literal["flattened", "json"]
UIDS = {"0020000D": "StudyInstanceUID", "0020000E": "SeriesInstanceUID", "00080018": "SOPInstanceUID"}
DROPPED: Field = {"name": "DroppedTags", "type": "STRING", "mode": "REPEATED"}
OTHER: Field = {
    "name": "OtherElements",
    "type": "RECORD",
    "mode": "REPEATED",
    "fields": [{"name": "Tag", "type": "STRING"}, {"name": "Data", "type": "STRING", "mode": "REPEATED"}],
}
ABOUT: list[Field] = [
    {"name": "StructuredStorageSize", "type": "INTEGER"},
    DROPPED,
    {"name": "StorageClass", "type": "STRING"},
    {"name": "LastUpdated", "type": "TIMESTAMP"},
    {"name": "BlobStorageSize", "type": "INTEGER"},
    {"name": "Type", "type": "STRING"},
]
SOURCE: Field = {"name": "SourceDicomStore", "type": "STRING"}


@dataclass(frozen=True, slots=True)
class About:
    """What a row says of an instance besides its attributes."""

    last_updated: str
    size: int
    storage_class: str = "STANDARD"
    type: str = "INSERT"
    source: str = ""
    """The name of the store, if that is asked for."""


def row_of(metadata: str, form: Form, about: About) -> tuple[dict[str, Any], list[Field]]:
    """Return the row of an instance, whose attributes are DICOM JSON, and its columns."""
    attributes: dict[str, Any] = json.loads(metadata)
    dropped: list[str] = []
    shown = {
        **({"SourceDicomStore": about.source} if about.source else {}),
        "StructuredStorageSize": len(metadata.encode()),
        "StorageClass": about.storage_class,
        "LastUpdated": about.last_updated,
        "BlobStorageSize": about.size,
        "Type": about.type,
    }
    if form == "json":
        uids = {name: (attributes.get(tag, {}).get("Value") or [None])[0] for tag, name in UIDS.items()}
        row: dict[str, Any] = {**uids, "Metadata": attributes}
        fields = [{"name": name, "type": "STRING"} for name in uids] + [{"name": "Metadata", "type": "JSON"}]
    else:
        row, fields = _record(attributes, dropped)
    source = [SOURCE] if about.source else []
    return {**row, **shown, "DroppedTags": dropped}, merged(fields, [*source, *ABOUT])


def _record(attributes: Mapping[str, Any], dropped: list[str]) -> tuple[dict[str, Any], list[Field]]:
    row: dict[str, Any] = {}
    fields: list[Field] = []
    others: list[dict[str, Any]] = []
    for tag, element in sorted(attributes.items()):
        name = keyword_for_tag(int(tag, 16))
        if not name or element.get("vr") not in TYPES:
            others += _other(tag, element)
            continue
        try:
            row[name], field = _column(name, tag, element, dropped)
        except MisfitError:
            dropped.append(name)
        else:
            fields.append(field)
    if others:
        row["OtherElements"] = others
        fields.append(OTHER)
    return row, fields


def _column(name: str, tag: str, element: Mapping[str, Any], dropped: list[str]) -> tuple[Any, Field]:
    """Return value and column of an attribute; an attribute of one value is NULLABLE, others are REPEATED."""
    vr, values = element["vr"], element.get("Value", [])
    field: Field = {"name": name, "type": TYPES[vr]}
    if vr == "SQ":
        items = [_record(item, dropped) for item in values]
        inner: list[Field] = []
        for _, each in items:
            inner = merged(inner, each)
        if not inner:
            raise MisfitError  # a record without columns cannot be a column
        return [item for item, _ in items], {**field, "mode": "REPEATED", "fields": inner}
    found = [read(vr, value) for value in values if value is not None]
    if vr == "PN":
        field["fields"] = [{"name": group, "type": "STRING"} for group in NAME_GROUPS]
    if dictionary_VM(int(tag, 16)) == "1":
        if len(found) > 1:
            raise MisfitError
        return (found[0] if found else None), field
    return found, {**field, "mode": "REPEATED"}


def _other(tag: str, element: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return an attribute without a column as text: private ones, and those that are not in the dictionary."""
    values = [each if isinstance(each, str) else json.dumps(each) for each in element.get("Value", [])]
    return [{"Tag": f"Tag_{tag}", "Data": values}] if values else []

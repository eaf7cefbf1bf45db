"""A row for each FHIR resource, in the manner of Google's ANALYTICS_V2 [DISC, ``SchemaConfig.schemaType``].

The columns are the elements that occur, with the types of R4. An extension is a REPEATED column by the end of its URL;
contained resources are JSON as text. What R4 does not have, what is nested more deeply than ``depth`` and what has the
wrong type is left out and named in ``DroppedFields``.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters.deidentify.fhir.structure import Element, elements_of
from adapters.tables.columns import Column, SchemaConflictError, merged
from adapters.tables.fhir.types import TYPES, MisfitError, extension_name, field_of, primitive, target_of
from adapters.tables.manifest import Shape

DEPTH = 2
"""``recursiveStructureDepth`` of Google's export, by default."""
MOST_DEPTH = 5
ROW = (Column("DroppedFields", "STRING", "REPEATED"), Column("RowUpdated", "TIMESTAMP"), Column("RowType"))
"""Not LastUpdated and Type, which only differ in case from elements of resources."""
SHAPE = Shape((Column("id"), *ROW), ("id",), "RowUpdated", "RowType")


class NoRowError(ValueError):
    """A resource that can be no row; the text says why."""


@dataclass(slots=True)
class Made:
    """A row, or a part of one, and the columns that it needs."""

    row: dict[str, Any] = field(default_factory=dict)
    columns: tuple[Column, ...] = ()
    dropped: list[str] = field(default_factory=list)

    def add(self, column: Column, value: Any, path: str) -> None:
        """Add a value; it is dropped if its column has another type already."""
        try:
            self.columns = merged(self.columns, [column])
        except SchemaConflictError:
            self.dropped.append(path)
            return
        # A name in another case is the same column.
        column = next(each for each in self.columns if each.name.lower() == column.name.lower())
        known = self.row.get(column.name)
        if column.is_repeated and known:
            value = [*known, *value]
        elif isinstance(known, dict) and isinstance(value, dict):
            value = {**known, **value}
        self.row[column.name] = value


def row_of(resource: Mapping[str, Any], updated: str, *, depth: int = DEPTH, known_as: str | None = None) -> Made:
    """Return the row of a resource; *known_as* is its key if it has no ID. Raises NoRowError."""
    kind, key = resource.get("resourceType"), resource.get("id") or known_as
    if not isinstance(kind, str) or elements_of(kind) is None:
        raise NoRowError("the resource is of no type that R4 has")
    if not isinstance(key, str):
        raise NoRowError("the resource has no id, by which the table would know it again")
    content = {name: value for name, value in resource.items() if name != "resourceType"}
    made = Walk(depth).of(kind, content, kind, ())
    made.row |= {"id": key, "DroppedFields": sorted(set(made.dropped)), "RowUpdated": updated, "RowType": "INSERT"}
    made.columns = merged(SHAPE.columns, made.columns)
    return made


def deletion_of(key: str, updated: str) -> dict[str, Any]:
    """Return the row that says that a resource is deleted."""
    return {"id": key, "RowUpdated": updated, "RowType": "DELETE"}


class Walk:
    """Goes through a resource."""

    def __init__(self, depth: int) -> None:
        self._depth = depth

    def of(self, kind: str, content: Mapping[str, Any], path: str, around: tuple[str, ...]) -> Made:
        """Return what a value of a complex datatype is; *around* are the datatypes that it is in."""
        made, elements = Made(), elements_of(kind) or {}
        for name, value in content.items():
            element, place = elements.get(name), f"{path}.{name}"
            if name in {"extension", "modifierExtension"} and isinstance(value, list):
                self._extensions(value, place, (*around, kind), made)
            elif element is None or value is None:
                made.dropped.append(place)
            else:
                self._element(element, value, place, (*around, kind), made)
        if kind == "Reference" and (target := target_of(content.get("reference"))) is not None:
            made.add(Column(target[0]), target[1], path)
        return made

    def _element(self, element: Element, value: Any, path: str, around: tuple[str, ...], made: Made) -> None:
        values = value if isinstance(value, list) else [value]
        if isinstance(value, list) != element.repeats:
            made.dropped.append(path)
            return
        found = [each for one in values if (each := self._one(element.kind, one, path, around, made)) is not None]
        if not found:
            return
        columns: tuple[Column, ...] = ()
        for column, _ in found:
            columns = merged(columns, [column])
        column, rows = columns[0], [each for _, each in found]
        name = element.path.rpartition(".")[2]
        if name.endswith("[x]"):
            inner = Column(field_of(element.kind), column.type, fields=column.fields)
            made.add(Column(name[:-3], "RECORD", fields=(inner,)), {inner.name: rows[0]}, path)
        else:
            mode = "REPEATED" if element.repeats else "NULLABLE"
            made.add(Column(name, column.type, mode, column.fields), rows if element.repeats else rows[0], path)  # type: ignore[arg-type]

    def _one(self, kind: str, value: Any, path: str, around: tuple[str, ...], made: Made) -> tuple[Column, Any] | None:
        """Return a column without a name, and the value; None if there is nothing for a table."""
        known = TYPES.get(kind)
        if known is not None:
            try:
                return Column("x", known), primitive(known, value)
            except MisfitError:
                made.dropped.append(path)
                return None
        if kind == "Resource":
            return Column("x"), json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        if not isinstance(value, dict) or around.count(kind) >= self._depth:
            made.dropped.append(path)
            return None
        inner = self.of(kind, value, path, around)
        made.dropped += inner.dropped
        return (Column("x", "RECORD", fields=inner.columns), inner.row) if inner.columns else None

    def _extensions(self, extensions: Sequence[Any], path: str, around: tuple[str, ...], made: Made) -> None:
        taken = _names(around[-1])
        for each in extensions:
            url = each.get("url") if isinstance(each, dict) else None
            name = extension_name(url) if isinstance(url, str) else ""
            inner = None if not name or name.lower() in taken else self._extension(each, path, around, made)
            if inner is None or not inner.columns:
                made.dropped.append(path)
            else:
                made.add(Column(name, "RECORD", "REPEATED", inner.columns), [inner.row], path)

    def _extension(self, extension: Mapping[str, Any], path: str, around: tuple[str, ...], made: Made) -> Made | None:
        if around.count("Extension") >= self._depth:
            return None
        inner = self.of("Extension", {key: each for key, each in extension.items() if key != "url"}, path, around)
        made.dropped += inner.dropped
        return inner


def _names(kind: str) -> set[str]:
    """Return what elements are called in a table, in lower case: no extension can have these names."""
    found = (elements_of(kind) or {}).values()
    return {each.name.lower() for each in found} | {
        each.path.rpartition(".")[2].removesuffix("[x]").lower() for each in found
    }


def entries(bundle: Mapping[str, Any]) -> Iterator[tuple[str, str | None, Mapping[str, Any] | None]]:
    """Yield method, key and resource of each entry of a transaction or batch that says what is so from now on.

    What a transaction names only, by ``ifNoneExist``, and what it patches is no whole resource: it is left out. The key
    of a resource without an ID is its ``fullUrl``, if that is a UUID.
    """
    for entry in bundle.get("entry") or ():
        request, resource = entry.get("request") or {}, entry.get("resource")
        method, url = request.get("method"), str(request.get("url", ""))
        if method == "DELETE" and "?" not in url:
            yield "DELETE", url, None
        elif method in {"PUT", "POST"} and isinstance(resource, dict) and "ifNoneExist" not in request:
            full = str(entry.get("fullUrl", ""))
            yield method, full.removeprefix("urn:uuid:") if full.startswith("urn:uuid:") else None, resource

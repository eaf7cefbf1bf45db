"""The columns of a table: BigQuery's types, their JSON form, what DuckDB calls them, and how two lists become one.

Types come from a dictionary or a schema, never from the data: DuckDB would widen a type that differs without a word.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

Type = Literal[
    "STRING",
    "BYTES",
    "INTEGER",
    "FLOAT",
    "NUMERIC",
    "BOOLEAN",
    "DATE",
    "TIME",
    "DATETIME",
    "TIMESTAMP",
    "JSON",
    "RECORD",
]
Mode = Literal["NULLABLE", "REQUIRED", "REPEATED"]
OF_DUCKDB: Mapping[str, str] = {
    "STRING": "VARCHAR",
    "BYTES": "BLOB",
    "INTEGER": "BIGINT",
    "FLOAT": "DOUBLE",
    "NUMERIC": "DECIMAL(38,9)",
    "BOOLEAN": "BOOLEAN",
    "DATE": "DATE",
    "TIME": "TIME",
    "DATETIME": "TIMESTAMP",
    "TIMESTAMP": "TIMESTAMP WITH TIME ZONE",
    "JSON": "JSON",
}
OTHER_NAMES = {"INT64": "INTEGER", "FLOAT64": "FLOAT", "BOOL": "BOOLEAN", "STRUCT": "RECORD"}
"""GoogleSQL's names, which BigQuery's REST API takes as well."""


class SchemaConflictError(ValueError):
    """A column has another type, or another mode, in another list of columns."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table, or one field of a RECORD."""

    name: str
    type: Type = "STRING"
    mode: Mode = "NULLABLE"
    fields: "tuple[Column, ...]" = ()
    """Of a RECORD; it has at least one."""
    description: str = ""

    def __post_init__(self) -> None:
        if (self.type == "RECORD") != bool(self.fields):
            raise ValueError(f"column {self.name}: a RECORD has fields, and no other type has; correct its schema")

    @property
    def is_repeated(self) -> bool:
        """Whether a row has a list of values."""
        return self.mode == "REPEATED"

    @property
    def duckdb(self) -> str:
        """The type as DuckDB writes it."""
        if self.type == "RECORD":
            one = f"STRUCT({', '.join(f'{quoted(each.name)} {each.duckdb}' for each in self.fields)})"
        else:
            one = OF_DUCKDB[self.type]
        return f"{one}[]" if self.is_repeated else one

    def as_json(self) -> dict[str, Any]:
        """Return the column as a TableFieldSchema of BigQuery."""
        found: dict[str, Any] = {"name": self.name, "type": self.type, "mode": self.mode}
        if self.fields:
            found["fields"] = [each.as_json() for each in self.fields]
        if self.description:
            found["description"] = self.description
        return found


def column_of(field: Mapping[str, Any]) -> Column:
    """Return the column that a TableFieldSchema describes; raises ValueError if it is none."""
    name, kind, mode = field.get("name"), str(field.get("type", "")).upper(), str(field.get("mode") or "NULLABLE")
    kind = OTHER_NAMES.get(kind, kind)
    if not isinstance(name, str) or not name:
        raise ValueError("a column has no name; give each a name")
    if kind not in get_args(Type):
        raise ValueError(f"column {name}: there is no type {kind!r} here; use one of {', '.join(get_args(Type))}")
    if mode.upper() not in get_args(Mode):
        raise ValueError(f"column {name}: there is no mode {mode!r}; use one of {', '.join(get_args(Mode))}")
    fields = tuple(column_of(each) for each in field.get("fields") or ())
    return Column(name, kind, mode.upper(), fields, str(field.get("description") or ""))  # type: ignore[arg-type]


def merged(columns: Iterable[Column], more: Iterable[Column]) -> tuple[Column, ...]:
    """Return *columns* and what *more* has besides, also within RECORDs; raises SchemaConflictError."""
    found = {each.name.lower(): each for each in columns}
    for each in more:
        known = found.get(each.name.lower())
        found[each.name.lower()] = each if known is None else _merged(known, each)
    return tuple(found.values())


def _merged(known: Column, new: Column) -> Column:
    if known.fields is new.fields and known.type == new.type and known.is_repeated == new.is_repeated:
        return known
    if (known.type, known.is_repeated) != (new.type, new.is_repeated):
        raise SchemaConflictError(
            f"column {known.name}: is {_told(known)} in the table and {_told(new)} in the rows; a type never changes,"
            " so use another table"
        )
    return known if known.fields == new.fields else replace(known, fields=merged(known.fields, new.fields))


def _told(column: Column) -> str:
    return f"{column.type} {column.mode}" if column.is_repeated else column.type


def quoted(name: str) -> str:
    """Return *name* as an identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """Return *value* as a text literal of SQL."""
    return "'" + value.replace("'", "''") + "'"

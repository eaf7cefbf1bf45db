"""BigQuery's types, and what DuckDB calls them."""

from dataclasses import dataclass
from typing import Any

DUCKDB = {
    "INT64": "BIGINT",
    "FLOAT64": "DOUBLE",
    "NUMERIC": "DECIMAL(38,9)",
    "BOOL": "BOOLEAN",
    "STRING": "VARCHAR",
    "BYTES": "BLOB",
    "DATE": "DATE",
    "TIME": "TIME",
    "DATETIME": "TIMESTAMP",
    "TIMESTAMP": "TIMESTAMPTZ",
    "JSON": "JSON",
    "NULL": "BIGINT",
}
OF_SCHEMA = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL", "RECORD": "STRUCT"}
"""The older names, which schemas of tables have."""
TO_SCHEMA = {new: old for old, new in OF_SCHEMA.items()}
COMPARABLE = {"INT64", "FLOAT64", "NUMERIC", "BOOL", "STRING", "BYTES", "DATE", "TIME", "DATETIME", "TIMESTAMP"}


@dataclass(frozen=True, slots=True)
class Type:
    """A type; ``NULL`` is that of a literal NULL, which fits everywhere."""

    kind: str
    fields: "tuple[tuple[str, Type], ...]" = ()
    element: "Type | None" = None

    def __str__(self) -> str:
        if self.kind == "ARRAY":
            return f"ARRAY<{self.element}>"
        if self.kind == "STRUCT":
            return "STRUCT<" + ", ".join(f"{name} {each}".strip() for name, each in self.fields) + ">"
        return self.kind

    @property
    def duckdb(self) -> str:
        """The type as DuckDB writes it."""
        if self.element is not None:
            return f"{self.element.duckdb}[]"
        if self.kind == "STRUCT":
            return "STRUCT(" + ", ".join(f"{quoted(name)} {each.duckdb}" for name, each in self.fields) + ")"
        return DUCKDB[self.kind]

    def field(self, name: str) -> "tuple[str, Type] | None":
        """Return a field of a STRUCT by its name, in whatever case."""
        return next((each for each in self.fields if each[0].lower() == name.lower()), None)


INT64, FLOAT64, NUMERIC, BOOL = Type("INT64"), Type("FLOAT64"), Type("NUMERIC"), Type("BOOL")
STRING, BYTES, JSON, NULL = Type("STRING"), Type("BYTES"), Type("JSON"), Type("NULL")
DATE, TIME, DATETIME, TIMESTAMP = Type("DATE"), Type("TIME"), Type("DATETIME"), Type("TIMESTAMP")


def array(element: Type) -> Type:
    """Return the type of arrays."""
    return Type("ARRAY", element=element)


def settled(found: Type) -> Type:
    """Return the type that a column gets of a literal NULL, or of an array without items: INT64."""
    if found.kind == "NULL":
        return INT64
    return array(INT64) if found.element is not None and found.element.kind == "NULL" else found


def quoted(name: str) -> str:
    """Return *name* as an identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """Return *value* as a text of SQL."""
    return "'" + value.replace("'", "''") + "'"


def schema_type(field: dict[str, Any]) -> Type:
    """Return the type of a column by its schema."""
    kind = OF_SCHEMA.get(field["type"], field["type"])
    fields = tuple((each["name"], schema_type(each)) for each in field.get("fields", ()))
    one = Type(kind, fields)
    return array(one) if field.get("mode") == "REPEATED" else one


def schema_field(name: str, found: Type) -> dict[str, Any]:
    """Return the schema of a column."""
    one = found.element or found
    field: dict[str, Any] = {
        "name": name,
        "type": "INTEGER" if one.kind == "NULL" else TO_SCHEMA.get(one.kind, one.kind),
        "mode": "REPEATED" if found.element else "NULLABLE",
    }
    if one.fields:
        field["fields"] = [schema_field(inner, each) for inner, each in one.fields]
    return field

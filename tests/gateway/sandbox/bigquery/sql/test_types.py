"""Types."""

from gateway.sandbox.bigquery.sql.types import (
    INT64,
    NULL,
    STRING,
    Type,
    array,
    quoted,
    schema_field,
    schema_type,
    settled,
    text,
)


def test_schemas() -> None:
    """A schema becomes a type, and the type the schema."""
    field = {
        "name": "r",
        "type": "RECORD",
        "mode": "REPEATED",
        "fields": [
            {"name": "x", "type": "INTEGER", "mode": "NULLABLE"},
            {"name": "y", "type": "DATE", "mode": "NULLABLE"},
        ],
    }
    found = schema_type(field)
    assert "ARRAY<STRUCT<x INT64, y DATE>>" == str(found)
    assert 'STRUCT("x" BIGINT, "y" DATE)[]' == found.duckdb
    assert field == schema_field("r", found)


def test_literals_without_a_type() -> None:
    """A column of NULL is an INT64, as in BigQuery."""
    assert (INT64, array(INT64), STRING) == (settled(NULL), settled(array(NULL)), settled(STRING))


def test_quoting() -> None:
    """Names and texts cannot end early."""
    assert ('"a""b"', "'a''b'") == (quoted('a"b'), text("a'b"))


def test_fields() -> None:
    """A field is found in whatever case."""
    assert ("Ab", INT64) == Type("STRUCT", (("Ab", INT64),)).field("aB")

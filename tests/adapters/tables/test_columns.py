"""Columns: BigQuery's schema in and out, DuckDB's types, and lists of columns that become one."""

import pytest

from adapters.tables.columns import Column, SchemaConflictError, column_of, merged, quoted, text

NAME = Column("PatientName", "RECORD", fields=(Column("Alphabetic"), Column("Ideographic")))
CODES = Column("Codes", "RECORD", "REPEATED", (Column("Value"), Column("Number", "INTEGER", "REPEATED")))


@pytest.mark.parametrize(
    "column", [Column("a"), Column("b", "DATE", "REPEATED"), NAME, CODES, Column("c", description="d")]
)
def test_json(column: Column) -> None:
    """A column comes back from its JSON as it was."""
    assert column == column_of(column.as_json())


def test_names_of_googlesql() -> None:
    """BigQuery's REST API takes GoogleSQL's names of types, too, in any case; without a mode NULLABLE is meant."""
    assert Column("n", "INTEGER") == column_of({"name": "n", "type": "int64"})
    assert Column("r", "RECORD", "REPEATED", (Column("x", "BOOLEAN"),)) == column_of(
        {"name": "r", "type": "STRUCT", "mode": "repeated", "fields": [{"name": "x", "type": "BOOL"}]}
    )


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ({"type": "STRING"}, "has no name"),
        ({"name": "g", "type": "GEOGRAPHY"}, "there is no type 'GEOGRAPHY' here"),
        ({"name": "g", "type": "STRING", "mode": "MANY"}, "there is no mode 'MANY'"),
        ({"name": "g", "type": "RECORD"}, "a RECORD has fields"),
        ({"name": "g", "type": "STRING", "fields": [{"name": "x", "type": "STRING"}]}, "no other type has"),
    ],
)
def test_no_column(field: dict[str, object], reason: str) -> None:
    """What is no column is refused with its name and the reason."""
    with pytest.raises(ValueError, match=reason):
        column_of(field)


def test_duckdb() -> None:
    """Records nest, and a repeated column is a list."""
    assert 'STRUCT("Value" VARCHAR, "Number" BIGINT[])[]' == CODES.duckdb
    assert "TIMESTAMP WITH TIME ZONE" == Column("t", "TIMESTAMP").duckdb


def test_merged() -> None:
    """New columns and new fields go to the end; a name in another case is the same column."""
    more = [Column("codes", "RECORD", "REPEATED", (Column("Meaning"), Column("Value"))), Column("z", "DATE")]
    codes = Column("Codes", "RECORD", "REPEATED", (*CODES.fields, Column("Meaning")))
    assert (NAME, codes, Column("z", "DATE")) == merged([NAME, CODES], more)


@pytest.mark.parametrize("other", [Column("a", "INTEGER"), Column("a", "STRING", "REPEATED")])
def test_conflict(other: Column) -> None:
    """A column never changes its type, and never becomes a list."""
    with pytest.raises(SchemaConflictError, match="column a: is STRING in the table and"):
        merged([Column("a")], [other])


def test_quoting() -> None:
    """Quotes within names and texts are doubled."""
    assert ('"a""b"', "'it''s'") == (quoted('a"b'), text("it's"))

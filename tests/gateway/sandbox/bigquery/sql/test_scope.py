"""Names in a query."""

import pytest

from gateway.sandbox.bigquery.sql.refusing import QueryRefused
from gateway.sandbox.bigquery.sql.scope import Scope, field_of, json_key, relation
from gateway.sandbox.bigquery.sql.types import INT64, JSON, STRING, Type
from gateway.sandbox.bigquery.sql.values import Value


def scope() -> Scope:
    """Return a scope with two tables."""
    found = Scope()
    found.add(relation("r0", "t", [("id", INT64), ("s", Type("STRUCT", (("a", STRING),)))], ["id", "s"]))
    found.add(relation("r1", "u", [("ID", INT64), ("j", JSON)], ["ID", "j"]))
    return found


def test_resolve() -> None:
    """A name is a column, a column of a table, or a field."""
    known = scope()
    assert ('r0."id"', 'r1."ID"') == (known.resolve(["t", "ID"]).sql, known.resolve(["U", "id"]).sql)
    assert ("struct_extract(r0.\"s\", 'a')", STRING) == ((found := known.resolve(["s", "A"])).sql, found.type)
    assert 'json_extract(r1."j", \'$."K"\')' == known.resolve(["u", "j", "K"]).sql
    inner = Scope(outer=known)
    assert 'r1."j"' == inner.resolve(["j"]).sql


@pytest.mark.parametrize("parts", [["id"], ["nothing"], ["t"], ["t", "nothing"], ["s", "b"], ["t", "id", "x"]])
def test_refused(parts: list[str]) -> None:
    """A name that is ambiguous, unknown, or no field is refused."""
    with pytest.raises(QueryRefused):
        scope().resolve(parts)


def test_two_tables_of_one_name() -> None:
    """Two tables need two names."""
    with pytest.raises(QueryRefused, match="alias"):
        scope().add(relation("r2", "T", [("x", INT64)], ["x"]))


def test_star() -> None:
    """``*`` has all columns in their order."""
    assert ["id", "s", "ID", "j"] == [name for name, _ in scope().star()]


def test_fields() -> None:
    """A key of JSON is quoted; a value of another type has no fields."""
    assert '$."a b"' == json_key("a b")
    with pytest.raises(QueryRefused):
        json_key('a"b')
    with pytest.raises(QueryRefused):
        field_of(Value("x", INT64), "a")

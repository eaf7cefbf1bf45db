"""Asks a query of DuckDB as BigQuery's SQL, over the tables of ``hand_worked``."""

from collections.abc import Sequence
from functools import cache
from math import isclose
from typing import Any

import pytest

from tests.gateway.sandbox.bigquery.sql.hand_worked import COLUMNS, FAILED, IMAGES, PEOPLE, REFUSED, UNSURE

duckdb = pytest.importorskip("duckdb", reason="DuckDB is not installed: install hilum[sandbox]")
pytest.importorskip("sqlglot", reason="sqlglot is not installed: install hilum[sandbox]")

from gateway.sandbox.bigquery.sql.compiling import compile_query  # noqa: E402  it needs sqlglot
from gateway.sandbox.bigquery.sql.refusing import QueryRefused, reason_of  # noqa: E402
from gateway.sandbox.bigquery.sql.types import Type, array  # noqa: E402


def kind(name: str) -> Type:
    """Return a type by its name."""
    return array(Type(name[6:-1])) if name.startswith("ARRAY<") else Type(name)


def lookup(names: Sequence[str]) -> tuple[str, Sequence[tuple[str, Type]]]:
    """Return a table of the test."""
    if len(names) != 1 or names[0] not in COLUMNS:
        raise QueryRefused("a table", "is not there")
    return names[0], [(name, kind(each)) for name, each in COLUMNS[names[0]]]


@cache
def connection() -> Any:
    """Open DuckDB with the tables of the test, once for all queries."""
    opened = duckdb.connect(":memory:")
    opened.execute("SET TimeZone = 'UTC'")
    casts = "CAST(id AS BIGINT) AS id, CAST(dose AS DOUBLE) AS dose, CAST(meta AS JSON) AS meta"
    opened.execute(f"CREATE TABLE images AS SELECT * REPLACE ({casts}) FROM ({IMAGES})")
    opened.execute(f"CREATE TABLE people AS {PEOPLE}")
    return opened


def answer(query: str, parameters: Any = ()) -> Any:
    """Return the rows, or how the query ended."""
    try:
        compiled = compile_query(query, lookup, parameters)
    except QueryRefused:
        return REFUSED
    try:
        return connection().execute(compiled.sql).fetchall()
    except duckdb.Error as error:
        reason = reason_of(str(error))
        return UNSURE if reason is not None and reason.endswith("not supported here") else FAILED


def value(expression: str, parameters: Any = ()) -> Any:
    """Return the value of one expression, or how the query ended."""
    found = answer(f"SELECT {expression}", parameters)
    return found[0][0] if isinstance(found, list) else found


def types(query: str) -> list[str]:
    """Return the types of the columns."""
    return [str(each) for _, each in compile_query(query, lookup).columns]


def reason(query: str) -> str:
    """Return why a query is refused."""
    with pytest.raises(QueryRefused) as caught:
        compile_query(query, lookup)
    return str(caught.value)


def same(found: Any, expected: Any) -> bool:
    """Compare values; a number must have the same type, because a type shows in the result."""
    if isinstance(expected, list | tuple):
        return (
            isinstance(found, list | tuple)
            and len(found) == len(expected)
            and all(same(one, other) for one, other in zip(found, expected, strict=True))
        )
    if isinstance(expected, float):
        return isinstance(found, float) and (found == expected or isclose(found, expected, rel_tol=1e-15))
    return type(found) is type(expected) and bool(found == expected)

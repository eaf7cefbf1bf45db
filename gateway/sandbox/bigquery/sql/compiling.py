"""From the text of a query to SQL of DuckDB with the names and types of its columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.sandbox.bigquery.sql.parsing import numbered, parse
from gateway.sandbox.bigquery.sql.queries import Lookup, Queries
from gateway.sandbox.bigquery.sql.refusing import QueryRefused
from gateway.sandbox.bigquery.sql.types import Type, settled
from gateway.sandbox.bigquery.sql.values import Value


@dataclass(frozen=True, slots=True)
class Compiled:
    """What is asked of DuckDB, and what the columns of the answer are."""

    sql: str
    columns: tuple[tuple[str, Type], ...]


def compile_query(text: str, lookup: Lookup, parameters: Mapping[str, Value] | Sequence[Value] = ()) -> Compiled:
    """Return the SQL of a query; raises QueryRefused."""
    if not isinstance(parameters, Mapping):
        text = numbered(text)
        parameters = {f"place_{number}": value for number, value in enumerate(parameters)}
    tree, queries = parse(text), Queries(lookup, parameters)
    try:
        query = queries.compile(tree, None)
    except RecursionError:
        raise QueryRefused("a query as deep as this") from None
    names: list[str] = []
    unnamed = 0
    for name, _ in query.columns:
        if name:
            names.append(name)
        else:
            names.append(f"f{unnamed}_")
            unnamed += 1
    if len({name.lower() for name in names}) < len(names):
        raise QueryRefused("two columns of the same name", "in a result are not possible")
    kinds = (settled(kind) for _, kind in query.columns)
    return Compiled(query.sql, tuple(zip(names, kinds, strict=True)))

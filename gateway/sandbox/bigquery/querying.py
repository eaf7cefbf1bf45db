"""Runs a query: the names of its tables, its parameters, and what becomes of its errors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.contract.warehouse import WarehouseError
from gateway.sandbox.bigquery.catalog import Catalog
from gateway.sandbox.bigquery.names import DATASET, PROJECT, TABLE, TableName
from gateway.sandbox.bigquery.sql import parsing
from gateway.sandbox.bigquery.sql.compiling import compile_query
from gateway.sandbox.bigquery.sql.parameters import read_parameters
from gateway.sandbox.bigquery.sql.refusing import QueryRefused, reason_of
from gateway.sandbox.bigquery.sql.types import Type, quoted, schema_type
from gateway.sandbox.bigquery.views import found_now, query_of
from gateway.sandbox.reasoned_error import ReasonedError

MOST_ROWS = 200_000
"""A result with more rows is refused, since it is kept in memory."""
MISSING = "queries need sqlglot and DuckDB, which are not installed; install hilum[sandbox]"


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a query."""

    columns: tuple[tuple[str, Type], ...]
    rows: Sequence[tuple[Any, ...]]


def run(catalog: Catalog, project: str, asked: Mapping[str, Any]) -> Answer:
    """Return the answer to the query of a ``QueryRequest`` or a job's configuration. Blocks."""
    text = asked.get("query")
    if not isinstance(text, str) or not text.strip():
        raise ReasonedError(400, "query must be a text", "required")
    if asked.get("useLegacySql", True) is not False and not text.lstrip().lower().startswith("#standardsql"):
        raise ReasonedError(400, "legacy SQL is not supported here: set useLegacySql to false", "invalidQuery")
    if not parsing.is_installed():
        raise ReasonedError(501, MISSING)
    used: dict[str, Path] = {}

    def lookup(names: Sequence[str]) -> tuple[str, Sequence[tuple[str, Type]]]:
        name = _name(names, project, asked.get("defaultDataset"))
        used[name.schema] = catalog.folder(name.project, name.dataset)
        found = found_now(catalog, name)
        columns = [(field["name"], schema_type(field)) for field in found.state.fields]
        table = f"{quoted(name.schema)}.{quoted(found.table.table)}"
        return query_of(table) if found.is_view else table, columns

    try:
        compiled = compile_query(text, lookup, read_parameters(asked))
        columns = compiled.columns
        if asked.get("dryRun"):
            return Answer(columns, [])
        rows = catalog.query(used, compiled.sql, MOST_ROWS + 1)
    except QueryRefused as error:
        raise ReasonedError(400, str(error), "invalidQuery", "query") from None
    except WarehouseError as error:
        raise _failed(error) from None
    if len(rows) > MOST_ROWS:
        raise ReasonedError(400, f"a result of more than {MOST_ROWS} rows: add a LIMIT", "responseTooLarge")
    return Answer(columns, rows)


def _failed(error: WarehouseError) -> ReasonedError:
    """Return what is told of an error of DuckDB, whose own words may quote values of the tables."""
    message = str(error)
    if error.problem != "query":
        return ReasonedError(503 if error.problem == "busy" else 500, message, "backendError")
    known = reason_of(message)
    if known is not None:
        return ReasonedError(400, known, "invalidQuery", "query")
    kind = message.partition(":")[0][:60] or "error"
    return ReasonedError(400, f"the query cannot be run here ({kind})", "invalidQuery", "query")


def _name(names: Sequence[str], project: str, default: object) -> TableName:
    dataset = default.get("datasetId") if isinstance(default, dict) else None
    above = [str(default.get("projectId") or project), str(dataset)] if isinstance(default, dict) and dataset else []
    parts = list(names)
    if len(parts) == 1 and above:
        parts = [*above, *parts]
    elif len(parts) == 2:
        parts = [project, *parts]
    elif len(parts) > 3:  # a project's name may have a dot
        parts = [".".join(parts[:-2]), *parts[-2:]]
    if len(parts) != 3:
        raise QueryRefused("a table", "must be called dataset.table or project.dataset.table")
    if not (PROJECT.fullmatch(parts[0]) and DATASET.fullmatch(parts[1]) and TABLE.fullmatch(parts[2])):
        raise QueryRefused("a table of this name")
    return TableName(*parts)

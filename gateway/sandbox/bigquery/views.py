"""The views that a FHIR store makes beside the tables that it streams to: of each resource what is true now.

A table has every version of the resources of its type. The view has its name and ``View`` behind it, because BigQuery
has one name for one of both: of each ``id`` the version that was written last, unless it is a deletion.
"""

from dataclasses import dataclass
from typing import Any

from gateway.contract.warehouse import TableState
from gateway.sandbox.bigquery.catalog import Catalog, kept_of
from gateway.sandbox.bigquery.names import TableName
from gateway.sandbox.fhir.tables.streaming import STREAMED
from gateway.sandbox.reasoned_error import ReasonedError

ENDING = "View"
LATEST = "ROW_NUMBER() OVER (PARTITION BY id ORDER BY meta.lastUpdated DESC) = 1"


@dataclass(frozen=True, slots=True)
class Found:
    """A table, or the table behind a view."""

    table: TableName
    state: TableState
    is_view: bool


def found_now(catalog: Catalog, name: TableName) -> Found:
    """Return what has this name now; raises a 404. Blocks."""
    try:
        return Found(name, catalog.state_now(name), is_view=False)
    except ReasonedError as error:
        table = table_behind(name)
        if error.status != 404 or table is None:
            raise
        try:
            state = catalog.state_now(table)
        except ReasonedError:
            raise error from None
        if not has_view(state):
            raise
        return Found(table, state, is_view=True)


def view_resource(name: TableName, resource: dict[str, Any], table: TableName) -> dict[str, Any]:
    """Return the view as a resource; *resource* is that of its table."""
    left_out = {"numRows", "numBytes", "labels"}
    return {
        **{key: value for key, value in resource.items() if key not in left_out},
        "id": f"{name.project}:{name.dataset}.{name.table}",
        "tableReference": name.reference,
        "type": "VIEW",
        "view": {"query": text_of(table), "useLegacySql": False},
    }


def table_behind(name: TableName) -> TableName | None:
    """Return the table whose current versions a view of this name has; None if no view has such a name."""
    table = name.table.removesuffix(ENDING)
    return TableName(name.project, name.dataset, table) if table and table != name.table else None


def has_view(state: TableState) -> bool:
    """Tell whether a table was made for a stream."""
    labels = kept_of(state).get("labels")
    return isinstance(labels, dict) and STREAMED.items() <= labels.items()


def query_of(table: str) -> str:
    """Return the query of the view in SQL of DuckDB; *table* is the quoted name of the table."""
    return f"(SELECT * FROM (SELECT * FROM {table} QUALIFY {LATEST}) WHERE meta.tag[-1].code IS DISTINCT FROM 'DELETE')"


def text_of(table: TableName) -> str:
    """Return the query of the view as BigQuery writes it."""
    name = f"`{table.project}.{table.dataset}.{table.table}`"
    last = "ARRAY_REVERSE(meta.tag)[SAFE_OFFSET(0)].code"
    return f"SELECT * FROM (SELECT * FROM {name} WHERE TRUE QUALIFY {LATEST}) WHERE {last} IS DISTINCT FROM 'DELETE'"

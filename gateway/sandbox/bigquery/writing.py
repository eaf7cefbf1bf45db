"""Rows of the stores (an export, a stream of new instances or of changed resources) go into tables of BigQuery."""

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.sandbox.bigquery.catalog import Catalog
from gateway.sandbox.bigquery.loading import prepare
from gateway.sandbox.bigquery.names import TableName, table_of
from gateway.sandbox.bigquery.rows import RowError, read_row
from gateway.sandbox.reasoned_error import ReasonedError
from gateway.sandbox.tables.target import RowsRefusedError, Target

REPLACES = '"writeDisposition": "WRITE_TRUNCATE" or "force": true replaces it'


class CatalogTables:
    """Writes rows to the tables that a catalog knows."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    async def check(self, table: Target) -> None:
        """Raise a 400 if the dataset of a table is not there: a published run of Google's lab has got this status."""
        try:
            await self._catalog.dataset(table.project, table.dataset)
        except ReasonedError as error:
            if error.status != 404:
                raise
            name = f"{table.project}:{table.dataset}"
            reason = f"there is no dataset {name} of BigQuery: make it first, for example by bq mk {name}"
            raise ReasonedError(400, reason) from None

    async def check_empty(self, table: Target) -> None:
        """Raise a 409 if a table has rows, unless its disposition replaces them or adds to them."""
        if table.disposition != "WRITE_EMPTY":
            return
        name = _name(table)
        try:
            state = await self._catalog.state(name)
        except ReasonedError as error:
            if error.status != 404:
                raise
            return
        if state.rows:
            raise ReasonedError(409, f"Already Exists: Table {name.project}:{name.dataset}.{name.table}; {REPLACES}")

    async def write(
        self,
        table: Target,
        fields: Sequence[Mapping[str, Any]],
        rows: Sequence[Mapping[str, Any]],
        disposition: str,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        """Make the table if it is not there, in a dataset that is, and write the rows; raises ReasonedError."""
        name = _name(table)
        wanted = {"writeDisposition": disposition, **({"labels": dict(labels)} if labels else {})}
        try:
            await prepare(self._catalog, name, wanted, [dict(each) for each in fields], default=disposition)
        except ReasonedError as error:
            if error.status == 409:
                raise ReasonedError(409, f"{error.reason}; {REPLACES}", error.code) from None
            if not fields and error.status == 400:
                raise ReasonedError(400, "there are no instances, and so no columns for a new table") from None
            raise
        read = _read(rows, (await self._catalog.state(name)).fields)
        await self._catalog.append(name, read, truncate=disposition == "WRITE_TRUNCATE")


def _name(table: Target) -> TableName:
    return table_of({"projectId": table.project, "datasetId": table.dataset, "tableId": table.table}, table.project)


def _read(rows: Sequence[Mapping[str, Any]], fields: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    refused: dict[int, str] = {}
    for number, row in enumerate(rows):
        try:
            found.append(read_row(row, fields, ignore_unknown=False))
        except RowError as error:
            refused[number] = f"a row does not fit the table: {error}"
    if refused:
        raise RowsRefusedError(refused)
    return found

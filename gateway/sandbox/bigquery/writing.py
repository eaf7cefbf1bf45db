"""Rows of the stores (an export, a stream of new instances or of changed resources) go into tables of BigQuery."""

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.sandbox.bigquery.catalog import Catalog
from gateway.sandbox.bigquery.loading import prepare
from gateway.sandbox.bigquery.names import table_of
from gateway.sandbox.bigquery.rows import RowError, read_row
from gateway.sandbox.dicom.tables.target import Target
from gateway.sandbox.reasoned_error import ReasonedError


class CatalogTables:
    """Writes rows to the tables that a catalog knows."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    async def write(
        self,
        table: Target,
        fields: Sequence[Mapping[str, Any]],
        rows: Sequence[Mapping[str, Any]],
        disposition: str,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        """Make the table if it is not there, in a dataset that is, and write the rows; raises ReasonedError."""
        name = table_of({"projectId": table.project, "datasetId": table.dataset, "tableId": table.table}, table.project)
        wanted = {"writeDisposition": disposition, **({"labels": dict(labels)} if labels else {})}
        await prepare(self._catalog, name, wanted, [dict(each) for each in fields], default=disposition)
        known = (await self._catalog.state(name)).fields
        try:
            read = [read_row(each, known, ignore_unknown=False) for each in rows]
        except RowError as error:
            raise ReasonedError(400, f"a row does not fit the table: {error}") from None
        await self._catalog.append(name, read, truncate=disposition == "WRITE_TRUNCATE")

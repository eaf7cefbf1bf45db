"""``:export`` of a FHIR store to BigQuery: a row for each current resource, in the table of its type."""

import asyncio
from collections.abc import Sequence
from functools import partial

from gateway.kinds import WAREHOUSE
from gateway.sandbox.fhir.managing.exporting import Chosen, bodies, rows_by_type
from gateway.sandbox.fhir.managing.stores import open_session
from gateway.sandbox.fhir.tables.destination import FhirDataset
from gateway.sandbox.fhir.tables.rows import Rows, read_resource, rows_of, write
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.operations.running import PartlyDoneError, Progress
from gateway.sandbox.place import Place
from gateway.sandbox.tables.target import Tables

AT_ONCE = 500


async def export_rows(
    place: Place, tables: Tables, store: str, dataset: FhirDataset, chosen: Chosen, progress: Progress
) -> None:
    """Write the chosen resources; ends with an error if one of them could not be written, and the others are there."""
    found = await place.database.run(
        lambda connection: rows_by_type(open_session(connection, store, place.options), chosen)
    )
    progress.pending = total = sum(map(len, found.values()))
    await progress.write(progress)
    for kind in found:  # before the first row is written: an export that is refused changes no table
        await tables.check_empty(dataset.table(kind))
    for kind, numbers in found.items():
        await _export_type(place, tables, dataset, kind, numbers, progress)
    if progress.failure:
        raise PartlyDoneError(f"{progress.failure} of {total} resources could not be exported")


async def _export_type(
    place: Place, tables: Tables, dataset: FhirDataset, kind: str, numbers: Sequence[int], progress: Progress
) -> None:
    """Write the rows of a type, some at once; a table gets more columns with the rows that need them."""
    disposition = dataset.disposition
    for at in range(0, len(numbers), AT_ONCE):
        batch = numbers[at : at + AT_ONCE]
        octets = await place.database.run(partial(bodies, rows=batch))
        made = await asyncio.to_thread(partial(_rows, octets, dataset.depth))
        try:
            await write(tables, dataset.table(kind), made, disposition)
        except ApiError as error:
            if error.status != 400:
                raise
            # The columns do not fit the table that is there, so no row does; the tables of other types may take theirs.
            made.leave_out(dict.fromkeys(range(len(made.rows)), error.reason))
        if made.rows:
            disposition = "WRITE_APPEND"
        await progress.add(len(made.rows), made.failed, taken=len(batch))


def _rows(octets: Sequence[bytes], depth: int) -> Rows:
    return rows_of(WAREHOUSE(), map(read_resource, octets), depth)

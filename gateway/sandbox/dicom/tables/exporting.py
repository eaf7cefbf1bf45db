"""``:export`` of a DICOM store to BigQuery: all columns first, then the rows, some at once."""

import sqlite3
from collections.abc import Sequence
from functools import partial

from gateway.sandbox.dicom.store import Scope
from gateway.sandbox.dicom.tables.rows import About, row_of
from gateway.sandbox.dicom.tables.target import InstanceTable
from gateway.sandbox.operations.running import Progress
from gateway.sandbox.place import Place
from gateway.sandbox.tables.columns import Field, merged
from gateway.sandbox.tables.target import Tables

AT_ONCE = 500
_SELECT = (
    "SELECT row, metadata, size, create_time, class FROM instances LEFT JOIN storage_classes USING (store, sop_uid)"
)


async def export_rows(
    place: Place, tables: Tables, scopes: Sequence[Scope], target: InstanceTable, progress: Progress
) -> None:
    """Write a row for each instance in *scopes*, each once, in the order of arrival."""
    store = scopes[0].store if scopes else ""
    numbers = await place.database.run(partial(_numbers, scopes=scopes))
    progress.pending = len(numbers)
    await progress.write(progress)
    fields: list[Field] = []
    batches = [numbers[at : at + AT_ONCE] for at in range(0, len(numbers), AT_ONCE)]
    for batch in batches:  # a table has its columns before its rows: they are read twice, and never all in memory
        fields = merged(fields, (await place.database.run(partial(_rows, rows=batch, target=target, store=store)))[1])
    disposition = target.disposition
    for batch in batches or [[]]:
        rows, _ = await place.database.run(partial(_rows, rows=batch, target=target, store=store))
        await tables.write(target, fields, rows, disposition)
        disposition = "WRITE_APPEND"
        await progress.add(len(rows), taken=len(batch))


def _numbers(connection: sqlite3.Connection, scopes: Sequence[Scope]) -> list[int]:
    found: dict[int, None] = {}
    for scope in scopes:
        condition, values = scope.condition()
        rows = connection.execute(f"SELECT row FROM instances WHERE {condition} ORDER BY row", values)  # noqa: S608
        found |= dict.fromkeys(row["row"] for row in rows)
    return list(found)


def _rows(
    connection: sqlite3.Connection, rows: Sequence[int], target: InstanceTable, store: str
) -> tuple[list[dict[str, object]], list[Field]]:
    """Return the rows of instances, without those that were deleted meanwhile, and their columns."""
    marks = ", ".join("?" * len(rows))
    query = f"{_SELECT} WHERE row IN ({marks}) ORDER BY row"
    found: list[dict[str, object]] = []
    fields: list[Field] = []
    for each in connection.execute(query, list(rows)):
        about = About(
            each["create_time"], each["size"], each["class"] or "STANDARD", source=store if target.with_source else ""
        )
        row, columns = row_of(each["metadata"], target.form, about)
        found.append(row)
        fields = merged(fields, columns)
    return found, fields

"""Rows become a Parquet file: written under another name, synced, and only then renamed to its own.

The rows go through a file of JSON lines, which DuckDB reads with the types of the columns: so it needs neither pyarrow
nor numpy, and a value that does not fit its column is an error and never another type.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from adapters.tables.columns import quoted, text
from adapters.tables.manifest import Segment, Shape, sync_folder
from adapters.tables.views import ROW, SEGMENTS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

UNFINISHED = "unfinished"
"""The folder of files that are being written; whatever a writer finds there when it starts is of no use."""
LARGEST_ROW = 256 * 1024 * 1024
"""The most octets of JSON that one row may have."""
USUAL_ROW = 1024 * 1024
"""DuckDB reserves buffers for the largest row that it is told of; smaller ones than for this save nothing."""
SMALL = USUAL_ROW // 2
"""The largest row in at most so many octets needs no larger buffers, so it is not looked for."""
ENCODED_TOGETHER = 64
"""Rows that become octets in one call: most of what a call costs does not depend on how many they are."""


class RowsRefusedError(ValueError):
    """Rows do not fit the columns of their table. The text holds no value of theirs."""


def write_rows(
    connection: "DuckDBPyConnection",
    folder: Path,
    shape: Shape,
    rows: Sequence[Mapping[str, Any]],
    first_row: int,
) -> Segment:
    """Write *rows* as a segment of the table in *folder*, numbered from *first_row* on."""
    lines = folder / UNFINISHED / f"{uuid4().hex}.ndjson"
    try:
        largest = _write_lines(lines, rows, {each.name for each in shape.columns})
        columns = ", ".join(f"{text(each.name)}: {text(each.duckdb)}" for each in shape.columns)
        read = (
            f"SELECT *, {first_row} - 1 + row_number() OVER () AS {ROW}"
            f" FROM read_json({text(str(lines))}, format='newline_delimited', columns={{{columns}}},"
            f" maximum_object_size={max(USUAL_ROW, 2 * largest)})"
        )
        return write_query(connection, folder, shape, read)
    finally:
        lines.unlink(missing_ok=True)


def _write_lines(path: Path, rows: Sequence[Mapping[str, Any]], names: set[str]) -> int:
    """Write a line for each row; return how many octets the largest has."""
    from adapters.tables.encoder import ENCODER  # noqa: PLC0415  only for those who write rows

    if _has_others(rows, names):  # DuckDB would leave the value out without a word
        raise RowsRefusedError("a row has a column that the table does not have; add the column first")
    largest = 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for first in range(0, len(rows), ENCODED_TOGETHER):
            lines = ENCODER.encode_lines(rows[first : first + ENCODED_TOGETHER])
            largest = max(largest, *map(len, lines.split(b"\n") if len(lines) > SMALL else (lines,)))
            file.write(lines)
    if largest > LARGEST_ROW:
        raise RowsRefusedError(f"a row has more than {LARGEST_ROW // 2**20} MiB; leave its largest values out")
    return largest


def _has_others(rows: Sequence[Mapping[str, Any]], names: set[str]) -> bool:
    """Whether a row has a column that is not in *names*. Most rows have the same ones as the row before them."""
    last: list[str] = []
    for row in rows:
        if (columns := list(row)) != last:
            if not names.issuperset(columns):
                return True
            last = columns
    return False


def write_query(
    connection: "DuckDBPyConnection",
    folder: Path,
    shape: Shape,
    query: str,
    *,
    part: str = "new",
    compression: str = "snappy",
) -> Segment:
    """Write the rows of *query*, which have the hidden column, as a segment; raises RowsRefusedError."""
    import duckdb  # noqa: PLC0415  the extra `tables` may be absent

    name = f"{uuid4().hex}.parquet"
    how = f"FORMAT parquet, COMPRESSION {compression}, USE_TMP_FILE false"  # the file keeps its permissions
    unfinished, finished = folder / UNFINISHED / name, folder / SEGMENTS / name
    try:
        os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        connection.execute(f"COPY ({query}) TO {text(str(unfinished))} ({how})")
        count, first, last = _measured(connection, unfinished, shape)
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        size = unfinished.stat().st_size
        unfinished.replace(finished)
    except (duckdb.DataError, duckdb.InvalidInputException) as error:
        # DuckDB quotes the value, and perhaps the whole row, in its messages.
        raise RowsRefusedError(
            f"a row does not fit the columns of its table ({type(error).__name__}); correct its values"
        ) from None
    finally:
        unfinished.unlink(missing_ok=True)
    sync_folder(folder / SEGMENTS)
    return Segment(name, count, size, part, first, last)  # type: ignore[arg-type]


def _measured(connection: "DuckDBPyConnection", path: Path, shape: Shape) -> tuple[int, int | None, int | None]:
    """Return the number of rows, and the least and the greatest value of ``latest_by``; refuse rows without a key."""
    needed = [*shape.key, *([shape.latest_by] if shape.latest_by else [])]
    empty = " + ".join([f"count(*) - count({quoted(each)})" for each in needed]) or "0"
    ends = (
        f"min(epoch_us({quoted(shape.latest_by)})), max(epoch_us({quoted(shape.latest_by)}))"
        if shape.latest_by
        else "NULL, NULL"
    )
    found = connection.execute(f"SELECT count(*), {empty}, {ends} FROM read_parquet({text(str(path))})").fetchone()
    count, missing, first, last = found or (0, 0, None, None)
    if missing:
        raise RowsRefusedError(f"a row has no value in {' or '.join(needed)}, which every row of this table needs")
    return count, first, last

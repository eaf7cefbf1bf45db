"""Compaction: many small segments become few, and what is true now is put apart from the history.

Compacted rows of a table with a key are of two parts. ``current`` has one row of each key, the latest, a deletion
included, so that an older row that comes late does not bring the thing back; ``history`` has the others. Only those
``current`` segments are written again that have a key of the new rows. The manifest changes once, at the end.
"""

from dataclasses import dataclass, replace

from adapters.tables.columns import quoted, text
from adapters.tables.contract import Table
from adapters.tables.manifest import Part, Segment
from adapters.tables.parquet import write_query
from adapters.tables.views import ROW, SEGMENTS, replaced, rows_of

MOST_NEW = 32
"""With more new segments than this a table is compacted as rows come: a query opens each of them."""
MOST_NEW_ROWS = 200_000
"""And with more new rows: a query looks up the key of each of them."""
FULL = 128 * 1024 * 1024
"""A segment of this many octets is not merged with others any more."""
FULL_ROWS = 200_000
"""Nor is one of this many rows, however few octets they have: it is their number that takes time."""
MOST_SMALL = 8
"""With more segments of one part that are not full, they are merged into one."""


@dataclass(frozen=True, slots=True)
class Compacted:
    """What a compaction has done."""

    segments_before: int
    segments_after: int
    rows: int


def needs_compaction(table: Table) -> bool:
    """Whether there are so many new segments that queries become slow."""
    new = table.manifest.of("new")
    return len(new) > MOST_NEW or sum(each.rows for each in new) > MOST_NEW_ROWS


def compact(table: Table, *, whole: bool = False) -> Compacted:
    """Compact *table*; with *whole* also merge all segments of a part into one, whatever their size."""
    before = len(table.manifest.segments)
    if table.manifest.of("new"):
        (_settle if table.manifest.shape.key else _merge_new)(table)
    for part in ("current", "history"):
        _merge_small(table, part, whole=whole)
    return Compacted(before, len(table.manifest.segments), table.manifest.rows)


def _settle(table: Table) -> None:
    """Move the new rows to ``current`` and ``history``."""
    manifest, shape = table.manifest, table.manifest.shape
    new = manifest.of("new")
    rows = rows_of(table.folder, shape, new)
    touched = _touched(table, new)
    rivals = rows if not touched else f"{rows} UNION ALL BY NAME {rows_of(table.folder, shape, touched)}"
    table.connection.execute(f"CREATE OR REPLACE TEMP TABLE replaced AS {replaced(rivals, shape)}")
    added = [_write(table, f"SELECT * FROM ({rivals}) ANTI JOIN replaced USING ({ROW})", "current")]
    if table.connection.execute("SELECT 1 FROM replaced LIMIT 1").fetchone():
        added.append(_write(table, f"SELECT * FROM ({rivals}) SEMI JOIN replaced USING ({ROW})", "history"))
    table.connection.execute("DROP TABLE replaced")
    table.commit(added=[each for each in added if each.rows], removed=[*new, *touched])


def _touched(table: Table, new: tuple[Segment, ...]) -> list[Segment]:
    """Return the ``current`` segments that have a key of the new rows."""
    shape, current = table.manifest.shape, table.manifest.of("current")
    if not current:
        return []
    keys = ", ".join(map(quoted, shape.key))
    files = ", ".join(text(str(table.folder / SEGMENTS / each.name)) for each in current)
    found = table.connection.execute(
        f"SELECT DISTINCT parse_filename(filename) FROM read_parquet([{files}], union_by_name=true, filename=true)"
        f" SEMI JOIN ({rows_of(table.folder, shape, new)}) USING ({keys})"
    ).fetchall()
    names = {each[0] for each in found}
    return [each for each in current if each.name in names]


def _merge_new(table: Table) -> None:
    """Put the rows of a table without a key together; all of them are current."""
    new = table.manifest.of("new")
    segment = _write(table, rows_of(table.folder, table.manifest.shape, new), "current")
    table.commit(added=[segment], removed=new)


def _merge_small(table: Table, part: Part, *, whole: bool) -> None:
    small = [each for each in table.manifest.of(part) if whole or (each.bytes < FULL and each.rows < FULL_ROWS)]
    if len(small) > (1 if whole else MOST_SMALL):
        merged = _write(table, rows_of(table.folder, table.manifest.shape, small), part)
        table.commit(added=[merged], removed=small)


def _write(table: Table, query: str, part: Part) -> Segment:
    segment = write_query(table.connection, table.folder, table.manifest.shape, query, part=part, compression="zstd")
    if segment.rows:
        return segment
    (table.folder / SEGMENTS / segment.name).unlink()
    return replace(segment, bytes=0)

"""Assembles a table of parts whose names are digests of what is in them: a part that is there is not written again.

So a second run writes nothing, and a run after a killed one ends with the same rows. A reader sees the table as it was,
or as it is now, and nothing between.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from adapters.pipeline.contract import Row
from adapters.tables import manifest as manifests
from adapters.tables.columns import Column, merged
from adapters.tables.contract import NoTableError, Table, Tables
from adapters.tables.extra import duckdb_connection
from adapters.tables.manifest import Manifest, Segment, Shape
from adapters.tables.parquet import UNFINISHED, write_rows
from adapters.tables.views import SEGMENTS
from adapters.tables.writing import WHAT

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

EMPTY = "empty_parts"
"""The label with the names of the parts that have no rows."""
PART_ROWS = 1000
"""About so many results are in one part."""


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a table that are written together."""

    name: str
    """A digest of all that the rows come from."""
    rows: Callable[[], Sequence[Row]]
    columns: Callable[[], Iterable[Column]] = tuple


def part_name(members: Iterable[str]) -> str:
    """Return the name of a part with these members, in whatever order they come."""
    return hashlib.sha256("\n".join(sorted(members)).encode()).hexdigest()


def buckets_of(names: Iterable[str]) -> dict[str, list[str]]:
    """Divide digests into parts, by how they begin: twice as many parts for twice as many digests."""
    found = sorted(names)
    digits = 0
    while len(found) > PART_ROWS * 16**digits:
        digits += 1
    parts: dict[str, list[str]] = {}
    for each in found:
        parts.setdefault(each[:digits], []).append(each)
    return parts


def assemble(
    tables: Tables,
    name: str,
    shape: Shape,
    parts: Sequence[Part],
    labels: Mapping[str, str] = MappingProxyType({}),
    inspect: Callable[[Path], None] = lambda _: None,
) -> bool:
    """Make the table what *parts* and *labels* say; return whether anything had to be written.

    Each file is given to *inspect* once it is written, before anybody can read it. If *inspect* raises, the table stays
    as it was.
    """
    wanted = {f"{each.name}.parquet": each for each in parts}
    try:
        there = tables.manifest(name)
    except NoTableError:
        tables.create(name, shape, {WHAT: name})
        there = tables.manifest(name)
    known = {*(each.name for each in there.segments), *_empty(there)}
    told = labels.items() <= there.labels.items()
    if told and known == wanted.keys() and _is_tidy(tables.path(name), there):
        return False
    with duckdb_connection() as connection, tables.writer(name, connection) as table:
        _write(table, connection, shape, wanted, labels, inspect)
    return True


def _is_tidy(folder: Path, there: Manifest) -> bool:
    """Whether a killed run has left nothing behind that no manifest names."""
    segments = {each.name for each in (folder / SEGMENTS).iterdir()}
    unfinished = folder / UNFINISHED
    return segments == {each.name for each in there.segments} and not (
        unfinished.exists() and any(unfinished.iterdir())
    )


def _empty(there: Manifest) -> Sequence[str]:
    """Return the names of the parts without rows, which have no segment."""
    return there.labels.get(EMPTY, "").split()


def _write(
    table: Table,
    connection: "DuckDBPyConnection",
    shape: Shape,
    wanted: Mapping[str, Part],
    labels: Mapping[str, str],
    inspect: Callable[[Path], None],
) -> None:
    there = {each.name: each for each in table.manifest.segments if each.name in wanted}
    empty = {each for each in _empty(table.manifest) if each in wanted}
    missing = {name: each for name, each in sorted(wanted.items()) if name not in there and name not in empty}
    columns = merged(shape.columns, table.manifest.shape.columns if there else ())
    for part in missing.values():
        columns = merged(columns, part.columns())
    whole = replace(shape, columns=columns)
    for name, part in missing.items():
        if rows := part.rows():
            segment = write_rows(connection, table.folder, whole, rows, 0)
            inspect(table.folder / SEGMENTS / segment.name)
            there[name] = _named(table, segment, name)
        else:
            empty.add(name)
    # Segments that are replaced go at once, and not after a while: they may hold what is forgotten. A query that reads
    # one of them now asks again by itself.
    ordered = tuple(there[name] for name in sorted(there))
    told = {**table.manifest.labels, **labels, EMPTY: " ".join(sorted(empty))}
    table.manifest = manifests.write(
        table.folder, replace(table.manifest, shape=whole, segments=ordered, retired=(), labels=told)
    )
    table.remove_unnamed()


def _named(table: Table, segment: Segment, name: str) -> Segment:
    """Give a segment that no manifest has yet its name."""
    folder = table.folder / SEGMENTS
    (folder / segment.name).replace(folder / name)
    manifests.sync_folder(folder)
    return replace(segment, name=name)

"""The manifest of a table: its columns, and which segments hold its rows. It is replaced as a whole, by rename.

A segment that the manifest does not name holds no rows of the table: what a killed writer has left is nothing.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from adapters.tables.columns import Column, column_of

MANIFEST = "manifest.json"
FORMAT = 1
Part = Literal["new", "current", "history"]
"""What a segment holds: rows as they came; of each key the latest row; rows that a later one has replaced."""


class TableDamagedError(Exception):
    """A table cannot be read; the text says which file, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the rows of a table are."""

    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    """The columns that name the thing a row is about, such as ``SOPInstanceUID``; without any, every row stands."""
    latest_by: str | None = None
    """A TIMESTAMP column: of rows with the same key the greatest one is true now; of equal ones, the one that came
    last."""
    change: str | None = None
    """A STRING column that says ``DELETE`` in the row of a deletion."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One Parquet file, which never changes."""

    name: str
    rows: int
    bytes: int
    part: Part = "new"
    first: int | None = None
    """The least value of ``latest_by``, in microseconds since 1970."""
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Retired:
    """A segment whose rows are in another one now; a reader may still read it until *until* (seconds since 1970)."""

    name: str
    until: float


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that there is to know of a table without reading a segment."""

    shape: Shape
    segments: tuple[Segment, ...] = ()
    retired: tuple[Retired, ...] = ()
    generation: int = 0
    """Counts the changes."""
    next_row: int = 0
    """The number of the next row, by which rows keep the order in which they came."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """What others keep with the table, such as its description."""

    @property
    def rows(self) -> int:
        """How many rows there are, those of the history among them."""
        return sum(each.rows for each in self.segments)

    def of(self, part: Part) -> tuple[Segment, ...]:
        """Return the segments that hold this part."""
        return tuple(each for each in self.segments if each.part == part)

    def encode(self) -> bytes:
        """Return the octets of the file."""
        shape = self.shape
        found = {
            "format": FORMAT,
            "generation": self.generation,
            "next_row": self.next_row,
            "key": list(shape.key),
            "latest_by": shape.latest_by,
            "change": shape.change,
            "columns": [each.as_json() for each in shape.columns],
            "segments": [
                [each.name, each.rows, each.bytes, each.part, each.first, each.last] for each in self.segments
            ],
            "retired": [[each.name, each.until] for each in self.retired],
            "labels": dict(self.labels),
        }
        return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()


def decode(octets: bytes) -> Manifest:
    """Return the manifest in a file; raises ValueError, KeyError or TypeError if it is none."""
    found: dict[str, Any] = json.loads(octets)
    if found["format"] != FORMAT:
        raise ValueError("another format")
    shape = Shape(tuple(map(column_of, found["columns"])), tuple(found["key"]), found["latest_by"], found["change"])
    return Manifest(
        shape,
        tuple(Segment(*each) for each in found["segments"]),
        tuple(Retired(*each) for each in found["retired"]),
        found["generation"],
        found["next_row"],
        found["labels"],
    )


def read(folder: Path) -> Manifest:
    """Return the manifest of the table in *folder*; raises FileNotFoundError, or TableDamagedError."""
    path = folder / MANIFEST
    octets = path.read_bytes()
    try:
        return decode(octets)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise TableDamagedError(
            f"{path}: is no manifest of a table that this version reads ({type(error).__name__});"
            " restore the file, or move the folder away"
        ) from None


def write(folder: Path, manifest: Manifest) -> Manifest:
    """Replace the manifest in *folder* durably; return what was written."""
    new = replace(manifest, generation=manifest.generation + 1)
    unfinished = folder / (MANIFEST + ".new")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(new.encode())
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(folder / MANIFEST)
    sync_folder(folder)
    return new


def sync_folder(folder: Path) -> None:
    """Make renames in *folder* durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""What the public side of the small hospitals holds, and what of that may be there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters.tables.extra import duckdb_connection
from tests.adapters.pipeline import small

Row = Mapping[str, Any]
PLACES = ("public", "thumbs")
PLANTED = (*small.PLANTED, "ZABRISKIE", "QUILLFEATHER")


@dataclass(slots=True)
class Published:
    """Objects of both public buckets, and the rows in all files of the table, also in those that no manifest names."""

    files: dict[str, bytes] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)

    @property
    def pictures(self) -> set[str]:
        """The keys of the thumbnails."""
        return {each for each in self.files if each.startswith("thumbs/")}

    def leaks(self) -> list[str]:
        """Return what is planted and in any name, octet, or value; values may be compressed in a file."""
        octets = b"\n".join(name.encode() + b"\n" + octets for name, octets in self.files.items())
        values = "\n".join(str(value) for row in self.rows for value in row.values())
        return [each for each in PLANTED if each.encode() in octets or each in values]

    def is_part_of(self, others: Iterable["Published"]) -> bool:
        """Whether the others have all of the pictures, and all of the rows, or rows that say more."""
        known = [*others]
        pictures = {each for other in known for each in other.pictures}
        rows = [row for other in known for row in other.rows]
        return self.pictures <= pictures and all(any(_says_no_more(row, each) for each in rows) for row in self.rows)


def _says_no_more(row: Row, other: Row) -> bool:
    return all(value is None or other.get(name) == value for name, value in row.items())


def published(root: Path) -> Published:
    """Read the public side."""
    found = Published()
    for place in PLACES:
        for path in sorted((root / place).rglob("*")):
            if path.is_file():
                found.files[str(path.relative_to(root))] = path.read_bytes()
    segments = [str(root / each) for each in found.files if each.endswith(".parquet")]
    if segments:
        with duckdb_connection() as connection:
            for each in segments:
                answer = connection.execute("SELECT * EXCLUDE _row FROM read_parquet(?)", [each])
                names = [column[0] for column in answer.description or ()]
                found.rows += [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
    return found

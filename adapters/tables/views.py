"""The SQL of a table: all its rows, and what is true now.

``current`` segments hold the latest row of each key, ``new`` ones the rows that came since. What is true now is so a
scan of ``current``, without the few keys that have new rows, and the latest of those new rows: a condition reaches the
scan, and a million rows need not be sorted for one patient.
"""

from collections.abc import Iterable
from pathlib import Path

from adapters.tables.columns import quoted, text
from adapters.tables.manifest import Manifest, Segment, Shape

ROW = "_row"
"""The hidden column with the number of a row."""
SEGMENTS = "segments"
"""The folder of the segments, below that of their table."""


def rows_of(folder: Path, shape: Shape, segments: Iterable[Segment]) -> str:
    """Return a query for all rows of *segments* with all columns, the hidden one at the end."""
    names = [each.name for each in segments]
    typed = ", ".join(f"NULL::{each.duckdb} AS {quoted(each.name)}" for each in shape.columns)
    nothing = f"SELECT {typed}, NULL::BIGINT AS {ROW} WHERE false"
    if not names:
        return nothing
    files = ", ".join(text(str(folder / SEGMENTS / name)) for name in names)
    return f"{nothing} UNION ALL BY NAME SELECT * FROM read_parquet([{files}], union_by_name=true)"


def all_rows(folder: Path, manifest: Manifest) -> str:
    """Return a query for all rows, those of the history among them."""
    return f"SELECT * EXCLUDE ({ROW}) FROM ({rows_of(folder, manifest.shape, manifest.segments)})"


def current_rows(folder: Path, manifest: Manifest) -> str:
    """Return a query for what is true now: of each key its latest row, unless that is a deletion."""
    shape = manifest.shape
    if not shape.key:
        return all_rows(folder, manifest)
    hidden = f" WHERE {quoted(shape.change)} IS DISTINCT FROM 'DELETE'" if shape.change else ""
    settled = rows_of(folder, shape, manifest.of("current"))
    if not manifest.of("new"):
        return f"SELECT * EXCLUDE ({ROW}) FROM ({settled}){hidden}"
    new = rows_of(folder, shape, manifest.of("new"))
    keys = ", ".join(map(quoted, shape.key))
    touched = f"SELECT {keys} FROM ({new})"
    if _all_later(manifest):
        current = (
            f"SELECT * FROM ({settled}) ANTI JOIN ({touched}) USING ({keys}) UNION ALL BY NAME {latest(new, shape)}"
        )
    else:
        rivals = f"{new} UNION ALL BY NAME SELECT * FROM ({settled}) SEMI JOIN ({touched}) USING ({keys})"
        current = latest(f"{new} UNION ALL BY NAME {settled}", shape, among=rivals)
    return f"SELECT * EXCLUDE ({ROW}) FROM ({current}){hidden}"


def latest(rows: str, shape: Shape, *, among: str | None = None) -> str:
    """Return a query for those of *rows* that have no later one of the same key; *among* are those that may have."""
    return f"SELECT * FROM ({rows}) ANTI JOIN ({replaced(among or rows, shape)}) USING ({ROW})"


def replaced(rows: str, shape: Shape) -> str:
    """Return a query for the numbers of those of *rows* that have a later one of the same key.

    Only keys, times and numbers are sorted: whole rows would need a lot of memory, and a condition could not reach the
    scan of the rows. And only those of keys with several rows, which few keys have: counting costs half of sorting.
    """
    keys = ", ".join(map(quoted, shape.key))
    order = f"{quoted(shape.latest_by)} DESC NULLS LAST, " if shape.latest_by else ""
    rank = f"row_number() OVER (PARTITION BY {keys} ORDER BY {order}{ROW} DESC)"
    several = f"SELECT {keys} FROM ({rows}) GROUP BY {keys} HAVING count(*) > 1"
    return f"SELECT {ROW} FROM ({rows}) SEMI JOIN ({several}) USING ({keys}) QUALIFY {rank} > 1"


def _all_later(manifest: Manifest) -> bool:
    """Whether every new row is later than every settled one, as is so unless rows came out of order."""
    if manifest.shape.latest_by is None:
        return True
    firsts = [each.first for each in manifest.of("new")]
    lasts = [each.last for each in manifest.of("current")]
    known = [each for each in firsts if each is not None]
    if len(known) < len(firsts):
        return False
    return all(each is None or each <= min(known, default=0) for each in lasts)

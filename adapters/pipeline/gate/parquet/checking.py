"""Checks a finished Parquet file before it becomes public: its columns, and every octet of it.

A file keeps more than its values: the least and the greatest value of each column, dictionaries, notes. So the file is
searched as it stands, with its footer; then each page, decompressed; and then the values as DuckDB reads them, because
a page may hold a text in pieces, and a date as a number.
"""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from adapters.pipeline.gate.leaks import texts_of
from adapters.pipeline.gate.parquet.pages import ParquetError, layout_of, pages_of
from adapters.pipeline.gate.strings import ManyStrings
from adapters.tables.columns import text
from adapters.tables.extra import duckdb_connection
from adapters.tables.views import ROW

OTHER_COLUMNS = "it has a column that is not allowed"
NOTES = "it has notes beside its values"
IN_FILE = "an identifier is in it as it stands: in its footer, in its statistics, or in a page"
IN_PAGE = "an identifier is in one of its pages"
IN_VALUES = "an identifier is among its values"
CANNOT = "it could not be checked: an internal error"
LARGEST = 2**30
TOO_LARGE = f"it has more than {LARGEST // 2**20} MiB; write smaller files"
AT_ONCE = 500
"""Rows that are searched together."""


def check(path: Path, columns: Collection[str], forbidden: ManyStrings) -> str:
    """Return why a file may not become public; empty if it may. Raises nothing: what cannot be checked may not."""
    try:
        if path.stat().st_size > LARGEST:
            return TOO_LARGE
        octets = path.read_bytes()
        found = _by_octets(octets, columns, forbidden) or _by_values(path, columns, forbidden)
    except ParquetError as error:
        return str(error)
    except Exception:  # noqa: BLE001  DuckDB's words quote values
        return CANNOT
    return found


def _by_octets(octets: bytes, columns: Collection[str], forbidden: ManyStrings) -> str:
    layout = layout_of(octets)
    if not layout.columns <= {*columns, ROW}:
        return OTHER_COLUMNS
    if layout.notes:
        return NOTES
    if forbidden.is_in(octets):
        return IN_FILE
    return IN_PAGE if any(map(forbidden.is_in, pages_of(octets, layout))) else ""


def _by_values(path: Path, columns: Collection[str], forbidden: ManyStrings) -> str:
    """Search what DuckDB reads; it must see the columns that the footer has."""
    with duckdb_connection() as connection:
        result = connection.execute(f"SELECT * FROM read_parquet({text(str(path))})")  # noqa: S608  it is quoted
        if not {each[0] for each in result.description} <= {*columns, ROW}:
            return OTHER_COLUMNS
        return IN_VALUES if any(map(forbidden.is_in, _texts(result))) else ""


def _texts(result: Any) -> Iterator[bytes]:
    while rows := result.fetchmany(AT_ONCE):
        yield "\n".join(texts_of(rows)).encode(errors="surrogateescape")

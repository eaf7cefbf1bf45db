"""DuckDB, which the extra ``tables`` installs: whether it is there, and a connection in memory for a writer."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MISSING = "needs DuckDB, which is not installed; install hilum[tables]"
MEMORY = "1GB"


def is_installed() -> bool:
    """Whether DuckDB can be imported."""
    return find_spec("duckdb") is not None


def open_duckdb(threads: int = 2, memory: str = MEMORY, spill: Path | None = None) -> "DuckDBPyConnection":
    """Open DuckDB in memory. What does not fit into it goes to the folder *spill*, or is an error."""
    import duckdb  # noqa: PLC0415  the extra may be absent; whoever has tables has been told so before

    settings: dict[str, str | bool | int | float | list[str]] = {
        "threads": str(threads),
        "memory_limit": memory,
        "temp_directory": "" if spill is None else str(spill),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "python_enable_replacements": "false",
    }
    connection = duckdb.connect(":memory:", config=settings)
    connection.execute("SET TimeZone = 'UTC'")
    return connection


@contextmanager
def duckdb_connection(
    threads: int = 2, memory: str = MEMORY, spill: Path | None = None
) -> Iterator["DuckDBPyConnection"]:
    """Open DuckDB in memory for the queries of Hilum itself."""
    connection = open_duckdb(threads, memory, spill)
    try:
        yield connection
    finally:
        connection.close()

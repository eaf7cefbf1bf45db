"""The extra `tables`: whether it is there is known without importing it."""

import subprocess
import sys

from adapters.tables.extra import duckdb_connection, is_installed
from tests.adapters.tables.shapes import duckdb


def test_connection() -> None:
    """A connection is in memory, in UTC, and closed afterwards."""
    with duckdb_connection() as connection:
        assert ("UTC",) == connection.execute("SELECT current_setting('TimeZone')").fetchone()
    try:
        connection.execute("SELECT 1")
    except duckdb.ConnectionException:
        return
    raise AssertionError("the connection is still open")


def test_not_imported() -> None:
    """Whoever only imports the tables does not import DuckDB."""
    check = "import sys, adapters.tables.contract, adapters.tables.engine as e; assert 'duckdb' not in sys.modules"
    subprocess.run([sys.executable, "-c", check], check=True)
    assert is_installed()

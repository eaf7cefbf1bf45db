"""The tables of the FHIR stores."""

import sqlite3

from gateway.sandbox.fhir.schema import FHIR_SCHEMA


def test_again() -> None:
    """The tables are made once: a database of an earlier start is taken as it is."""
    connection = sqlite3.connect(":memory:")
    for _ in range(2):
        connection.executescript(FHIR_SCHEMA)
    tables = connection.execute("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table'").fetchone()
    connection.close()
    assert tables == (13,)

"""The settings of stores in the database."""

import sqlite3

from gateway.sandbox.stores import read_store, write_store


def test_settings(connection: sqlite3.Connection) -> None:
    """A store without settings has none; what was written last is read."""
    assert read_store(connection, "s") == {}
    write_store(connection, "s", {"labels": {"a": "b"}})
    write_store(connection, "s", {"labels": {"c": "d"}})
    assert read_store(connection, "s") == {"labels": {"c": "d"}}

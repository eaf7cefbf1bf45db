"""Changes of messages, and undoing them."""

import sqlite3

from gateway.sandbox.hl7v2 import changes
from gateway.sandbox.hl7v2 import store as hl7v2_store

STORE = "projects/p/locations/l/datasets/d/hl7V2Stores/s"
MESSAGE = b"MSH|^~\\&|A|B|C|D|20240102||ADT^A01|1|P|2.5\r"


def last(connection: sqlite3.Connection) -> sqlite3.Row:
    """Return the last change."""
    row: sqlite3.Row = connection.execute("SELECT * FROM message_changes ORDER BY row DESC LIMIT 1").fetchone()
    return row


def undo(connection: sqlite3.Connection) -> None:
    """Undo the last change."""
    row = last(connection)
    changes.undo(connection, row["kind"], (row["store"], row["id"]), row["before"])


def test_each_kind(connection: sqlite3.Connection) -> None:
    """A creation, new labels and a deletion are undone; undoing is a change of its own."""
    made = hl7v2_store.add(connection, STORE, MESSAGE, {"a": "1"})
    identifier = made.name.rpartition("/")[2]
    assert (last(connection)["kind"], last(connection)["before"]) == ("CREATE", None)
    hl7v2_store.relabel(connection, STORE, identifier, {"a": "2", "b": "3"})
    undo(connection)
    found = hl7v2_store.get(connection, STORE, identifier)
    assert found is not None
    assert found.labels == {"a": "1"}
    hl7v2_store.delete(connection, STORE, identifier)
    undo(connection)
    found = hl7v2_store.get(connection, STORE, identifier)
    assert found is not None
    assert (found.data, found.ack, found.create_time) == (MESSAGE, made.ack, made.create_time)
    assert (last(connection)["kind"], last(connection)["operation"]) == ("CREATE", changes.ROLLBACK)
    undo(connection)
    assert hl7v2_store.get(connection, STORE, identifier) is None


def test_what_cannot_be_undone(connection: sqlite3.Connection) -> None:
    """A change of a message that is gone, or there again, is left alone."""
    made = hl7v2_store.add(connection, STORE, MESSAGE, {})
    name = (STORE, made.name.rpartition("/")[2])
    hl7v2_store.delete(connection, *name)
    before = last(connection)["before"]
    hl7v2_store.add(connection, STORE, MESSAGE, {"new": "x"})
    changes.undo(connection, "DELETE", name, before)
    assert changes.row_of(connection, *name)["labels"] == '{"new": "x"}'  # type: ignore[index]
    hl7v2_store.delete(connection, *name)
    changes.undo(connection, "CREATE", name, None)
    changes.undo(connection, "UPDATE", name, '{"labels": "{}"}')
    assert changes.row_of(connection, *name) is None

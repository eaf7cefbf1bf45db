"""The messages in the database."""

import sqlite3

from gateway.sandbox.hl7v2.filter import Condition
from gateway.sandbox.hl7v2.store import Window, add, delete, get, list_after, message_id

MESSAGE = b"MSH|^~\\&|APP|FAC|TO|THERE|20240102||ADT^A01|42|P|2.5\r"
CHANGED = MESSAGE + b"PID|1\r"
EVERY = Condition("1")


def test_once(connection: sqlite3.Connection) -> None:
    """The same octets are stored once and have one ACK; other octets under the same control ID are a new message."""
    first, again, other = (add(connection, "s", data, {}) for data in (MESSAGE, MESSAGE, CHANGED))
    assert first == again
    assert first.name != other.name
    assert [first, other] == list_after(connection, "s", Window(0, 10), EVERY)


def test_stores_are_apart(connection: sqlite3.Connection) -> None:
    """What is in one store is not in another."""
    add(connection, "s", MESSAGE, {})
    assert get(connection, "other", message_id(MESSAGE)) is None
    assert list_after(connection, "other", Window(0, 10), EVERY) == []
    assert not delete(connection, "other", message_id(MESSAGE))


def test_delete(connection: sqlite3.Connection) -> None:
    """A deleted message is gone, and deleting it again says so."""
    add(connection, "s", MESSAGE, {})
    assert [True, False] == [delete(connection, "s", message_id(MESSAGE)) for _ in range(2)]
    assert get(connection, "s", message_id(MESSAGE)) is None


def test_raw(connection: sqlite3.Connection) -> None:
    """The octets come back as they were, whatever their character set."""
    data = MESSAGE + b"NTE|1||\xe4\xff\x00\r"
    add(connection, "s", data, {})
    found = get(connection, "s", message_id(data))
    assert found is not None
    assert found.data == data

"""What a change of a message was, so that it can be rolled back. These functions run in the database's thread."""

import base64
import json
import sqlite3
from typing import Any, Literal

from gateway.sandbox.clock import now

Kind = Literal["CREATE", "UPDATE", "DELETE"]
Message = tuple[str, str]
"""The store and the ID of a message."""
Row = dict[str, Any]
ROLLBACK = "rollback"
"""In the place of the number of an import: the change undid another one."""
COLUMNS = (
    "store",
    "id",
    "data",
    "ack",
    "control_id",
    "message_type",
    "send_facility",
    "send_time",
    "create_time",
    "patient_ids",
    "labels",
)
_OCTETS = {"data", "ack"}


def row_of(connection: sqlite3.Connection, store: str, identifier: str) -> Row | None:
    """Return the row of a message; None if it is not there."""
    query = f"SELECT {', '.join(COLUMNS)} FROM messages WHERE store = ? AND id = ?"  # noqa: S608  fixed names
    found = connection.execute(query, (store, identifier)).fetchone()
    return dict(found) if found else None


def note(connection: sqlite3.Connection, kind: Kind, message: Message, before: Row | None, operation: str = "") -> None:
    """Keep what a message was before a change; *operation* is the number of the import that made it."""
    text = None
    if before is not None:
        # Only labels can be updated: a copy of the whole message would be for nothing.
        kept = {"labels": before["labels"]} if kind == "UPDATE" else before
        text = json.dumps({key: _text(value) if key in _OCTETS else value for key, value in kept.items()})
    connection.execute(
        "INSERT INTO message_changes (store, id, kind, moment, operation, before) VALUES (?, ?, ?, ?, ?, ?)",
        (*message, kind, now(), operation, text),
    )


def undo(connection: sqlite3.Connection, kind: str, message: Message, before: str | None) -> None:
    """Undo one change of a message, as a change of its own."""
    current = row_of(connection, *message)
    if kind == "CREATE" and current is not None:
        note(connection, "DELETE", message, current, ROLLBACK)
        connection.execute("DELETE FROM messages WHERE store = ? AND id = ?", message)
    elif kind == "UPDATE" and current is not None and before is not None:
        note(connection, "UPDATE", message, current, ROLLBACK)
        set_labels(connection, message, json.loads(before)["labels"])
    elif kind == "DELETE" and current is None and before is not None:
        note(connection, "CREATE", message, None, ROLLBACK)
        insert(
            connection, {key: _octets(value) if key in _OCTETS else value for key, value in json.loads(before).items()}
        )


def insert(connection: sqlite3.Connection, row: Row) -> None:
    """Write the row of a new message."""
    marks = ", ".join("?" * len(COLUMNS))
    connection.execute(
        f"INSERT INTO messages ({', '.join(COLUMNS)}) VALUES ({marks})",  # noqa: S608  fixed names
        [row[column] for column in COLUMNS],
    )


def set_labels(connection: sqlite3.Connection, message: Message, labels: str) -> None:
    """Set the labels of a message, as the text of their JSON."""
    connection.execute("UPDATE messages SET labels = ? WHERE store = ? AND id = ?", (labels, *message))


def _text(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def _octets(text: str) -> bytes:
    return base64.b64decode(text)

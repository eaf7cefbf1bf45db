"""The messages of the HL7v2 stores in the database. These functions run in the thread of the database."""

import hashlib
import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from gateway.sandbox.clock import now
from gateway.sandbox.hl7v2.ack import acknowledge
from gateway.sandbox.hl7v2.filter import Condition
from gateway.sandbox.hl7v2.message import Header, read_header, summarise


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One row: a message and the ACK that was given for it."""

    row: int
    name: str
    data: bytes
    ack: bytes
    message_type: str
    send_facility: str
    send_time: str | None
    create_time: str
    patient_ids: list[dict[str, str]]
    labels: dict[str, str]


def message_id(data: bytes) -> str:
    """Return the ID of a message: the same octets are the same message."""
    return hashlib.sha256(data).hexdigest()


def add(connection: sqlite3.Connection, store: str, data: bytes, labels: dict[str, str]) -> StoredMessage:
    """Store a valid message; if the same octets are stored already, return that message with its ACK."""
    known = get(connection, store, message_id(data))
    if known is not None:
        return known
    connection.execute(
        "INSERT INTO messages (store, id, data, ack, control_id, message_type, send_facility, send_time,"
        " create_time, patient_ids, labels) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        _new_row(store, data, labels),
    )
    return _read(connection.execute("SELECT * FROM messages WHERE row = last_insert_rowid()").fetchone())


def get(connection: sqlite3.Connection, store: str, identifier: str) -> StoredMessage | None:
    """Return one message; None if it does not exist."""
    found = connection.execute("SELECT * FROM messages WHERE store = ? AND id = ?", (store, identifier)).fetchone()
    return _read(found) if found else None


def delete(connection: sqlite3.Connection, store: str, identifier: str) -> bool:
    """Delete one message; return whether it existed."""
    return connection.execute("DELETE FROM messages WHERE store = ? AND id = ?", (store, identifier)).rowcount > 0


def list_after(
    connection: sqlite3.Connection, store: str, row: int, condition: Condition, limit: int
) -> list[StoredMessage]:
    """Return up to *limit* messages that came after *row* and meet *condition*, oldest first."""
    found = connection.execute(
        # The condition is made of fixed fragments; every value in it is a placeholder.
        f"SELECT * FROM messages WHERE store = ? AND row > ? AND {condition.sql} ORDER BY row LIMIT ?",  # noqa: S608
        (store, row, *condition.values, limit),
    )
    return [_read(each) for each in found]


def _new_row(store: str, data: bytes, labels: dict[str, str]) -> tuple[object, ...]:
    summary = summarise(data)
    return (
        store,
        message_id(data),
        data,
        acknowledge(read_header(data) or Header()),
        summary.control_id,
        summary.message_type,
        summary.send_facility,
        summary.send_time,
        now(),
        json.dumps(summary.patient_ids),
        json.dumps(labels),
    )


def _read(row: Any) -> StoredMessage:
    return StoredMessage(
        row=row["row"],
        name=f"{row['store']}/messages/{row['id']}",
        data=row["data"],
        ack=row["ack"],
        message_type=row["message_type"],
        send_facility=row["send_facility"],
        send_time=row["send_time"],
        create_time=row["create_time"],
        patient_ids=json.loads(row["patient_ids"]),
        labels=json.loads(row["labels"]),
    )

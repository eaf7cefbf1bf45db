"""The messages of the HL7v2 stores in the database. These functions run in the thread of the database."""

import hashlib
import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from gateway.sandbox.clock import now
from gateway.sandbox.hl7v2 import changes
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
    changes.note(connection, "CREATE", (store, message_id(data)), None)
    changes.insert(connection, _new_row(store, data, labels))
    return _read(connection.execute("SELECT * FROM messages WHERE row = last_insert_rowid()").fetchone())


def get(connection: sqlite3.Connection, store: str, identifier: str) -> StoredMessage | None:
    """Return one message; None if it does not exist."""
    found = connection.execute("SELECT * FROM messages WHERE store = ? AND id = ?", (store, identifier)).fetchone()
    return _read(found) if found else None


def put(connection: sqlite3.Connection, store: str, data: bytes, labels: dict[str, str], operation: str) -> None:
    """Store a message of an import; of one with the same octets the labels are replaced, as Google's API says."""
    name = (store, message_id(data))
    before = changes.row_of(connection, *name)
    if before is not None and json.loads(before["labels"]) == labels:
        return
    changes.note(connection, "CREATE" if before is None else "UPDATE", name, before, operation)
    if before is None:
        changes.insert(connection, _new_row(store, data, labels))
    else:
        changes.set_labels(connection, name, json.dumps(labels))


def relabel(
    connection: sqlite3.Connection, store: str, identifier: str, labels: dict[str, str]
) -> StoredMessage | None:
    """Add labels to those of a message; return it, None if it does not exist."""
    before = changes.row_of(connection, store, identifier)
    if before is None:
        return None
    merged = {**json.loads(before["labels"]), **labels}
    if merged != json.loads(before["labels"]):
        changes.note(connection, "UPDATE", (store, identifier), before)
        changes.set_labels(connection, (store, identifier), json.dumps(merged))
    return get(connection, store, identifier)


def delete(connection: sqlite3.Connection, store: str, identifier: str) -> bool:
    """Delete one message; return whether it existed."""
    before = changes.row_of(connection, store, identifier)
    if before is None:
        return False
    changes.note(connection, "DELETE", (store, identifier), before)
    connection.execute("DELETE FROM messages WHERE store = ? AND id = ?", (store, identifier))
    return True


ORDERS = {
    "": "",
    **{
        f"{name}{way}": f"send_time{sql}, row"
        for name in ("send_time", "sendTime")
        for way, sql in {"": "", " asc": "", " desc": " DESC"}.items()
    },
}
"""The SQL of each value of ``orderBy``."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a list."""

    after: int
    """The row before the first one; in an *order* of its own, the number of messages before the first one."""
    most: int
    order: str = ""
    """SQL; empty for the order of arrival."""


def list_after(connection: sqlite3.Connection, store: str, window: Window, condition: Condition) -> list[StoredMessage]:
    """Return the messages in *window* that meet *condition*."""
    # Conditions and orders are made of fixed fragments; every value in them is a placeholder.
    if window.order:
        sql, bound = f"ORDER BY {window.order} LIMIT ? OFFSET ?", (window.most, window.after)
    else:
        sql, bound = "AND row > ? ORDER BY row LIMIT ?", (window.after, window.most)
    found = connection.execute(
        f"SELECT * FROM messages WHERE store = ? AND {condition.sql} {sql}",  # noqa: S608
        (store, *condition.values, *bound),
    )
    return [_read(each) for each in found]


def rows(connection: sqlite3.Connection, store: str, condition: Condition) -> list[int]:
    """Return the rows of the messages that meet *condition*, in the order of arrival."""
    found = connection.execute(
        f"SELECT row FROM messages WHERE store = ? AND {condition.sql} ORDER BY row",  # noqa: S608  fixed fragments
        (store, *condition.values),
    )
    return [row["row"] for row in found]


def _new_row(store: str, data: bytes, labels: dict[str, str]) -> changes.Row:
    summary = summarise(data)
    return {
        "store": store,
        "id": message_id(data),
        "data": data,
        "ack": acknowledge(read_header(data) or Header()),
        "control_id": summary.control_id,
        "message_type": summary.message_type,
        "send_facility": summary.send_facility,
        "send_time": summary.send_time,
        "create_time": now(),
        "patient_ids": json.dumps(summary.patient_ids),
        "labels": json.dumps(labels),
    }


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

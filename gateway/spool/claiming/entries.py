"""Builds the entries that are handed out, from what the database says of them."""

from dataclasses import replace

from gateway.contract.message import Message
from gateway.spool.database.ledger import Key
from gateway.spool.database.pseudonyms import read_entry_id
from gateway.spool.database.reading.queries import Queries
from gateway.spool.database.reading.rows import UNREADABLE, Front, Payload
from gateway.spool.database.store import Store
from gateway.spool.interface import Entry
from gateway.spool.payloads.body import FileBody, RowBody, SpooledBody, unseal
from gateway.spool.payloads.seal import Seal


def body_of(store: Store, payload: Payload) -> SpooledBody:
    """Return the body that was written as *payload*; one that the database holds is checked at once."""
    seal = store.seal_of(payload.encrypted)
    if payload.file is None:
        return RowBody(unseal(payload, seal), payload.size)
    return FileBody(store.bodies / payload.file, payload, seal, store.threads)


def body_of_front(store: Store, front: Front) -> SpooledBody:
    """Return the body of a delivery; without a payload it counts as damaged."""
    return RowBody(None, front.size) if front.payload is None else body_of(store, front.payload)


def checked(queries: Queries, front: Front, seal: Seal, destination: str) -> Front:
    """Return the delivery; marked as unreadable if it is not what was committed under the key."""
    if front.payload is None or queries.is_authentic(front.key, seal, destination):
        return front
    return replace(front, header=UNREADABLE, payload=None)


def entry_of(entry_id: str, destination: str, front: Front, body: SpooledBody, age: float) -> Entry:
    """Return a delivery in the form that is handed out."""
    header = front.header
    return Entry(
        entry_id,
        destination,
        None if front.lanes[1] is None else front.lanes[1].hex(),
        front.attempts,
        front.received_at,
        front.size,
        Message(header.message_id, body, header.facts, header.identifiers, header.charset, via=tuple(header.via)),
        age,
        front.reason,
    )


def key_of(entry: Entry) -> Key:
    """Return the key of an entry's delivery."""
    named = read_entry_id(entry.entry_id)
    if named is None:
        raise ValueError("not an entry of this spool")
    return named[1]

"""Builds the entries that are handed out, from what the database says of them."""

from dataclasses import replace

from gateway.contract.message import Message
from gateway.spool.database.ledger import Key
from gateway.spool.database.pseudonyms import read_entry_id
from gateway.spool.database.reading.queries import Queries
from gateway.spool.database.reading.rows import UNREADABLE, Payload, QueueHead
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


def body_of_head(store: Store, head: QueueHead) -> SpooledBody:
    """Return the body of a delivery; without a payload it counts as damaged."""
    return RowBody(None, head.size) if head.payload is None else body_of(store, head.payload)


def checked(queries: Queries, head: QueueHead, seal: Seal, destination: str) -> QueueHead:
    """Return the delivery; marked as unreadable if it is not what was committed under the key."""
    if head.payload is None or queries.is_authentic(head.key, seal, destination):
        return head
    return replace(head, header=UNREADABLE, payload=None)


def entry_of(entry_id: str, destination: str, head: QueueHead, body: SpooledBody, age: float) -> Entry:
    """Return a delivery in the form that is handed out."""
    header = head.header
    return Entry(
        entry_id,
        destination,
        None if head.queues[1] is None else head.queues[1].hex(),
        head.attempts,
        head.received_at,
        head.size,
        Message(header.message_id, body, header.facts, header.identifiers, header.charset, via=tuple(header.via)),
        age,
        head.reason,
    )


def key_of(entry: Entry) -> Key:
    """Return the key of an entry's delivery."""
    named = read_entry_id(entry.entry_id)
    if named is None:
        raise ValueError("not an entry of this spool")
    return named[1]

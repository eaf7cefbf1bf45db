"""The values that are read from the rows of a spool's database, and what stands for a damaged row."""

import json
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from gateway.spool.database.ledger import Key
from gateway.spool.interface import PayloadDamaged, State

Queues = tuple[int, bytes | None, bytes | None]
"""The number of a delivery's message, and the pseudonyms of its ordering key and of its identity, where it has them.
Two deliveries that share one of these must not be under way at the same time."""
Busy = frozenset[int | bytes | None]
"""The message numbers, ordering keys and identities of what is under way."""
LAST_TIME = 2.5e11
"""The latest time that is accepted, in epoch seconds: a later one is damage."""


@dataclass(frozen=True, slots=True)
class Header:
    """All of a message but its body."""

    message_id: str
    facts: dict[str, str]
    identifiers: dict[str, str]
    charset: str | None
    via: Sequence[str] = ()
    """Names of the steps of its route. Without any, the header is written as by an older Hilum, which had no steps."""


UNREADABLE = Header("unreadable", {}, {}, None)


@dataclass(frozen=True, slots=True)
class Payload:
    """Where a payload is, and the size and digest that it must have."""

    size: int
    digest: bytes
    encrypted: bool
    data: bytes | None
    file: str | None


@dataclass(frozen=True, slots=True)
class QueueHead:
    """A delivery that may be claimed, with its message; *payload* is None if that could not be read."""

    key: Key
    queues: Queues
    attempts: int
    received_at: float
    committed_at: float
    """By the steady clock."""
    size: int
    header: Header
    payload: Payload | None
    reason: str | None = None
    """Why it was put off last."""


@dataclass(frozen=True, slots=True)
class Row:
    """A delivery as an operator sees it."""

    key: Key
    destination: str
    listener: str
    state: State
    reason: str | None
    attempts: int
    size: int
    received_at: float
    settled_at: float | None
    header: Header
    due: float | None = None
    """By the steady clock."""
    earlier_reason: str | None = None
    discarded_by: str | None = None


def discarding_of(stored: str) -> tuple[str, str | None, str | None]:
    """Return why a delivery was discarded, who did it, and why it had been parked or put off before.

    The column ``reason`` holds them as a JSON array. An older Hilum stored the first one only, as plain text.
    """
    with suppress(ValueError, RecursionError):
        match json.loads(stored):
            case [str(reason), str() | None as by, str() | None as earlier]:
                return reason, by, earlier
    return stored, None, None


def payload_of(row: tuple[Any, ...] | None) -> Payload | None:
    """Return where a payload is; for a damaged row, a payload that fails every check."""
    if row is None:
        return None
    size, digest, encrypted, data, file = row
    if not (isinstance(size, int) and isinstance(digest, bytes) and _is_file_name(file)):
        return Payload(0, b"", False, None, None)
    return Payload(size, digest, bool(encrypted), data, file)


def _is_file_name(file: object) -> bool:
    return file is None or (isinstance(file, str) and file.isalnum())


def checked_header(header: object, header_sum: int) -> Header:
    """Return a header; raises PayloadDamaged if it is not what was written."""
    if not isinstance(header, bytes) or zlib.crc32(header) != header_sum:
        raise PayloadDamaged("the header is not what was written")
    return Header(*json.loads(header))


def time_of(value: object) -> float | None:
    """Return a time, or None for what a damaged row may hold instead."""
    return float(value) if isinstance(value, int | float) and abs(value) < LAST_TIME else None

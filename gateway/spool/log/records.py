"""The format of the intake log's records and segments. Pure: octets in, records out.

A segment is a header and then records, one after the other; what follows the last one is zeros. A record::

    magic (4)  kind (1)  synced (3)  sequence (8)  length of fields (4)  length of payload (4)
    CRC-32 of fields (4)  CRC-32 of payload (4)  CRC-32 of all before (4)  fields  payload

All numbers are little-endian. The last sum starts from one over the spool's name and the segment's number: a record
that belongs to another segment is not one of this one. *Synced* is how many octets of the segment were on stable
storage before the record was written: what is not whole before that place is damaged, what is not whole behind it may
be what a power failure has left. The payload is, octet for octet, what the database would keep.
"""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

MAGIC = b"\xffHLr"
SEGMENT_MAGIC = b"\xffHilumL"
FREE_MAGIC = b"\xffHilumF"
"""Begins a segment in which nothing is needed any more: whatever follows is about to be overwritten with zeros."""
FORMAT = 1
COMMITTED, DELIVERED = 1, 2
HEAD = struct.Struct("<4sIQIIII")
MOST_SYNCED = 2**24 - 1
SUM = struct.Struct("<I")
HEAD_SIZE = HEAD.size + SUM.size
SEGMENT_HEAD = struct.Struct("<8sBQ40s")
SEGMENT_HEAD_SIZE = SEGMENT_HEAD.size + SUM.size
FIELDS = struct.Struct("<dd?QBBBBHIH")
DELIVERY = struct.Struct("<QHB")
DONE = struct.Struct("<Qdd")


@dataclass(frozen=True, slots=True)
class Delivery:
    """That a message is for a destination."""

    number: int
    """The destination's in the database."""
    name: str
    tag: bytes | None
    """With a key: binds it to its message and destination."""


@dataclass(frozen=True, slots=True)
class CommittedRecord:
    """A message, with all that the database keeps of it."""

    seq: int
    listener: str
    header: bytes
    size: int
    digest: bytes
    received_at: float
    committed_at: float
    encrypted: bool
    data: bytes | None = field(repr=False)
    file: str | None
    ordering_key: bytes | None
    name: bytes | None
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True)
class DeliveredRecord:
    """That a destination has a message."""

    seq: int
    number: int
    settled_at: float
    """Wall clock."""
    now: float
    """Steady clock."""


Record = CommittedRecord | DeliveredRecord


def seed_of(spool: str, number: int) -> int:
    """Return what the sums of a segment's records start from."""
    return zlib.crc32(f"{spool} {number}".encode())


def segment_head(spool: str, number: int, magic: bytes = SEGMENT_MAGIC) -> bytes:
    """Return what a segment begins with."""
    head = SEGMENT_HEAD.pack(magic, FORMAT, number, spool.encode())
    return head + SUM.pack(zlib.crc32(head))


def write_committed(record: CommittedRecord, seed: int, synced: int = 0) -> bytes:
    """Return the octets of a record."""
    listener = record.listener.encode(errors="surrogatepass")
    file, ordering_key, name = (record.file or "").encode(), record.ordering_key or b"", record.name or b""
    parts = [
        FIELDS.pack(
            record.received_at,
            record.committed_at,
            record.encrypted,
            record.size,
            len(record.digest),
            len(ordering_key),
            len(name),
            len(file),
            len(listener),
            len(record.header),
            len(record.deliveries),
        ),
        record.digest,
        ordering_key,
        name,
        file,
        listener,
        record.header,
    ]
    for each in record.deliveries:
        destination, tag = each.name.encode(), each.tag or b""
        parts += [DELIVERY.pack(each.number, len(destination), len(tag)), destination, tag]
    return _frame(COMMITTED, record.seq, b"".join(parts), record.data or b"", seed, synced)


def write_delivered(record: DeliveredRecord, seed: int, synced: int = 0) -> bytes:
    """Return the octets of a record."""
    return _frame(DELIVERED, record.seq, DONE.pack(record.number, record.settled_at, record.now), b"", seed, synced)


def read_fields(kind: int, seq: int, fields: bytes, payload: bytes) -> Record:
    """Return the record of fields whose sum is right; raises ValueError where they make no sense all the same."""
    try:
        if kind == COMMITTED:
            return _committed(seq, fields, payload)
        if kind == DELIVERED:
            return DeliveredRecord(seq, *DONE.unpack(fields))
    except struct.error:
        raise ValueError("the fields of a record are cut short") from None
    raise ValueError("a record of an unknown kind")


def _frame(kind: int, seq: int, fields: bytes, payload: bytes, seed: int, synced: int) -> bytes:
    sums = zlib.crc32(fields), zlib.crc32(payload)
    head = HEAD.pack(MAGIC, kind | min(synced, MOST_SYNCED) << 8, seq, len(fields), len(payload), *sums)
    return b"".join((head, SUM.pack(zlib.crc32(head, seed)), fields, payload))


def _committed(seq: int, fields: bytes, payload: bytes) -> CommittedRecord:
    received_at, committed_at, encrypted, size, *lengths, count = FIELDS.unpack_from(fields)
    texts, place = _cut(fields, FIELDS.size, lengths)
    digest, ordering_key, name, file, listener, header = texts
    deliveries = []
    for _ in range(count):
        number, *two = DELIVERY.unpack_from(fields, place)
        (destination, tag), place = _cut(fields, place + DELIVERY.size, two)
        deliveries.append(Delivery(number, destination.decode(), tag or None))
    if place != len(fields) or not deliveries:
        raise ValueError("the fields of a record do not fill it")
    return CommittedRecord(
        seq,
        listener.decode(errors="surrogatepass"),
        header,
        size,
        digest,
        received_at,
        committed_at,
        encrypted,
        None if file else payload,
        file.decode() or None,
        ordering_key or None,
        name or None,
        tuple(deliveries),
    )


def _cut(octets: bytes, place: int, lengths: Sequence[int]) -> tuple[list[bytes], int]:
    found = []
    for length in lengths:
        found.append(octets[place : place + length])
        place += length
    return found, place

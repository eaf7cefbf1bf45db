"""Reads the segments of an intake log, and tells everything in them that is not what was written. Pure.

A segment was on stable storage up to the place that its records name, and all of it was before the next one was begun.
What is not whole there is damaged. Behind that place it may as well be what a power failure has left of octets that
were written and not synced: a disk writes pages in any order. The last acknowledged record cannot be told from these,
so this is told, too. Whatever follows is read all the same.
"""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.spool.log.records import (
    COMMITTED,
    DELIVERED,
    FORMAT,
    FREE_MAGIC,
    HEAD,
    HEAD_SIZE,
    MAGIC,
    SEGMENT_HEAD,
    SEGMENT_HEAD_SIZE,
    SEGMENT_MAGIC,
    SUM,
    Record,
    read_fields,
    seed_of,
)


class Flaw(StrEnum):
    """What is not as it was written; each a fixed sentence."""

    TORN = "what was written last is not whole: it was not synced when the machine stopped, or it is damaged"
    RECORD = "a record is damaged, and its message is lost"
    PAYLOAD = "the payload of a record is damaged"
    SETTLEMENT = "the record of a delivery is damaged, and the message may be delivered again"
    HEAD = "the beginning of a segment is damaged"
    FOREIGN = "a segment belongs to another spool or to another place"
    NEWER = "a segment was written by a newer Hilum"
    MISSING = "a segment is missing between others"


UNREADABLE = (Flaw.FOREIGN, Flaw.NEWER)
"""The flaws of a segment of which nothing is read."""


@dataclass(frozen=True, slots=True)
class Told:
    """One flaw."""

    segment: int
    flaw: Flaw
    seq: int | None = None
    """The number of the message, where it is known."""

    @property
    def sentence(self) -> str:
        """The flaw with its place, for an operator."""
        message = "" if self.seq is None else f", message {self.seq}"
        return f"the intake log: segment {self.segment}{message}: {self.flaw}"


@dataclass(slots=True)
class Found:
    """What the segments hold."""

    records: list[Record] = field(default_factory=list)
    flaws: list[Told] = field(default_factory=list)
    torn: set[int] = field(default_factory=set)
    """The numbers of messages without a whole payload that may not have been acknowledged."""


@dataclass(frozen=True, slots=True)
class _Head:
    kind: int
    synced: int
    seq: int
    fields: int
    payload: int
    fields_sum: int
    payload_sum: int

    @property
    def size(self) -> int:
        return HEAD_SIZE + self.fields + self.payload


@dataclass(slots=True)
class _Synced:
    """Up to which place a segment is known to have been on stable storage."""

    place: int = 0


_Piece = tuple[int, Record | Flaw, int | None]
"""A flaw with its place, and the number of the message where that is known; or a record, with its number if it is not
whole."""


def read_segments(spool: str, segments: Mapping[int, bytes]) -> Found:
    """Return all records of a spool's *segments*, given by their numbers, in the order in which they were written."""
    found = Found()
    used = [number for number, octets in segments.items() if _is_used(octets)]
    last = max(used, default=0)
    for number in range(min(used, default=1), last + 1):  # what is not used is made for later
        if number in used:
            _read(spool, number, segments[number], found, is_last=number == last)
        else:
            found.flaws.append(Told(number, Flaw.MISSING))
    return found


def _is_used(octets: bytes) -> bool:
    is_free = octets.startswith(FREE_MAGIC) and _has_whole_head(octets)
    return not is_free and octets[SEGMENT_HEAD_SIZE:].strip(b"\0") != b""


def _has_whole_head(octets: bytes) -> bool:
    head, check = octets[: SEGMENT_HEAD.size], octets[SEGMENT_HEAD.size : SEGMENT_HEAD_SIZE]
    return len(head) == SEGMENT_HEAD.size and check == SUM.pack(zlib.crc32(head))


def _read(spool: str, number: int, octets: bytes, found: Found, *, is_last: bool) -> None:
    if (flaw := _flaw_of_head(spool, number, octets)) in UNREADABLE:
        found.flaws.append(Told(number, flaw))
        return
    synced = _Synced()
    pieces = list(_records(octets, seed_of(spool, number), synced))
    certain = synced.place if is_last else len(octets)
    head: list[_Piece] = [] if flaw is None else [(0, flaw, None)]
    for place, piece, seq in head + pieces:
        if isinstance(piece, Flaw):
            found.flaws.append(Told(number, piece if place < certain else Flaw.TORN, seq))
        else:
            found.records.append(piece)
            if seq is not None and place >= certain:
                found.torn.add(seq)


def _flaw_of_head(spool: str, number: int, octets: bytes) -> Flaw | None:
    if not _has_whole_head(octets):
        return Flaw.HEAD
    magic, version, named, owner = SEGMENT_HEAD.unpack_from(octets)
    if not magic.startswith(SEGMENT_MAGIC) or version > FORMAT:
        return Flaw.NEWER
    same = named == number and owner.rstrip(b"\0") == spool.encode()
    return None if same else Flaw.FOREIGN


def _records(octets: bytes, seed: int, synced: _Synced) -> Iterator[_Piece]:
    place = SEGMENT_HEAD_SIZE
    while place < len(octets):
        head = _head_at(octets, place, seed)
        if head is not None and place + head.size <= len(octets):
            synced.place = max(synced.place, head.synced)
            yield from _one(octets, place, head)
            place += head.size
            continue
        after = _next_head(octets, place + 1, seed)
        if after is None:
            if octets[place:].strip(b"\0"):
                begins = octets[place : place + HEAD_SIZE].strip(b"\0") != b""
                yield place, Flaw.RECORD if begins else Flaw.TORN, None if head is None else head.seq
            return
        yield place, Flaw.RECORD, None
        place = after


def _one(octets: bytes, place: int, head: _Head) -> Iterator[_Piece]:
    middle, end = place + HEAD_SIZE + head.fields, place + head.size
    fields, payload = octets[place + HEAD_SIZE : middle], octets[middle:end]
    flaw = Flaw.RECORD if head.kind == COMMITTED else Flaw.SETTLEMENT
    if zlib.crc32(fields) != head.fields_sum:
        yield place, flaw, head.seq
        return
    try:
        record = read_fields(head.kind, head.seq, fields, payload)
    except ValueError:
        yield place, flaw, head.seq
        return
    is_whole = zlib.crc32(payload) == head.payload_sum
    if not is_whole:
        yield place, Flaw.PAYLOAD, head.seq
    yield place, record, None if is_whole else head.seq


def _head_at(octets: bytes, place: int, seed: int) -> _Head | None:
    head = octets[place : place + HEAD.size]
    if len(octets) < place + HEAD_SIZE or not head.startswith(MAGIC):
        return None
    if octets[place + HEAD.size : place + HEAD_SIZE] != SUM.pack(zlib.crc32(head, seed)):
        return None
    _, kind, *values = HEAD.unpack(head)
    return _Head(kind & 0xFF, kind >> 8, *values) if kind & 0xFF in (COMMITTED, DELIVERED) else None


def _next_head(octets: bytes, start: int, seed: int) -> int | None:
    while (place := octets.find(MAGIC, start)) >= 0:
        if _head_at(octets, place, seed) is not None:
            return place
        start = place + 1
    return None

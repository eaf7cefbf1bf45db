"""What is read of an intake log, whatever has become of its segments."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.spool.log.records import (
    SEGMENT_HEAD_SIZE,
    DeliveredRecord,
    Record,
    seed_of,
    segment_head,
    write_committed,
    write_delivered,
)
from gateway.spool.log.segments import Flaw, Told, read_segments
from tests.gateway.spool.log.logs import SPOOL, committed, delivered

RECORDS: list[Record] = [committed(1, b"A" * 40), committed(2, b"B" * 40), delivered(1), committed(3, b"C" * 40)]


def written(record: Record, number: int = 1) -> bytes:
    """Return a record of a segment."""
    seed = seed_of(SPOOL, number)
    return write_delivered(record, seed) if isinstance(record, DeliveredRecord) else write_committed(record, seed)


def segment(records: list[Record], number: int = 1, zeros: int = 500, spool: str = SPOOL) -> bytes:
    """Return a segment."""
    return segment_head(spool, number) + b"".join(written(each, number) for each in records) + bytes(zeros)


def place_of(index: int) -> int:
    """Return where one of RECORDS begins."""
    return SEGMENT_HEAD_SIZE + sum(len(written(each)) for each in RECORDS[:index])


def test_in_order() -> None:
    """Segments are read one after the other."""
    found = read_segments(SPOOL, {2: segment(RECORDS[2:], 2), 1: segment(RECORDS[:2])})
    assert (RECORDS, []) == (found.records, found.flaws)


def test_nothing() -> None:
    """No segment, and one that was made and not used, hold nothing and are no flaw."""
    found = [read_segments(SPOOL, {}), read_segments(SPOOL, {4: bytes(500)}), read_segments(SPOOL, {4: segment([], 4)})]
    assert [([], [])] * 3 == [(each.records, each.flaws) for each in found]


@given(st.integers(SEGMENT_HEAD_SIZE, len(segment(RECORDS, zeros=0)) - 1), st.booleans())
def test_torn(end: int, padded: bool) -> None:
    """Wherever the last write was cut off: what is whole before it is read, and that something was begun is told."""
    whole = segment(RECORDS, zeros=0)
    found = read_segments(SPOOL, {1: whole[:end] + bytes(len(whole) - end) * padded})
    count = sum(place_of(index + 1) <= end for index in range(len(RECORDS)))
    assert RECORDS[:count] == found.records[:count]
    damaged = [Flaw.PAYLOAD] * (len(found.records) - count)  # its fields are whole: it is parked as damaged
    assert damaged == [each.flaw for each in found.flaws if each.flaw is Flaw.PAYLOAD]
    rest = whole[place_of(count) : end].strip(b"\0")
    assert bool(rest) == bool(found.flaws)
    assert {each.flaw for each in found.flaws} <= {Flaw.TORN, Flaw.RECORD, Flaw.SETTLEMENT, Flaw.PAYLOAD}


@settings(max_examples=600)
@given(st.integers(0, (len(segment(RECORDS)) - 1) * 8 + 7))
def test_a_flipped_bit(place: int) -> None:
    """Any one bit: it is told, no record is other than it was, and at most one is missing."""
    octets = bytearray(segment(RECORDS))
    octets[place // 8] ^= 1 << place % 8
    found = read_segments(SPOOL, {1: bytes(octets)})
    assert found.flaws
    same = [each for each in found.records if each in RECORDS]
    damaged = [each for each in found.records if each not in RECORDS]
    assert len(same) >= len(RECORDS) - 1 or found.flaws[0].flaw in {Flaw.FOREIGN, Flaw.NEWER}
    assert [Flaw.PAYLOAD] * len(damaged) == [each.flaw for each in found.flaws if each.flaw is Flaw.PAYLOAD]


FLIPS = {
    "the segment's magic": (0, Flaw.HEAD, None, 4),
    "the segment's number": (12, Flaw.HEAD, None, 4),
    "the segment's sum": (SEGMENT_HEAD_SIZE - 1, Flaw.HEAD, None, 4),
    "a record's magic": (place_of(1), Flaw.RECORD, None, 3),
    "a record's kind": (place_of(1) + 4, Flaw.RECORD, None, 3),
    "a record's number": (place_of(1) + 8, Flaw.RECORD, None, 3),
    "a record's length": (place_of(1) + 16, Flaw.RECORD, None, 3),
    "a record's sum": (place_of(1) + 32, Flaw.RECORD, None, 3),
    "a message's time": (place_of(1) + 36, Flaw.RECORD, 2, 3),
    "a message's payload": (place_of(2) - 1, Flaw.PAYLOAD, 2, 4),
    "a delivery": (place_of(3) - 1, Flaw.SETTLEMENT, 1, 3),
    "the last record": (place_of(4) - 1, Flaw.PAYLOAD, 3, 4),
    "the last record's head": (place_of(3) + 1, Flaw.TORN, None, 3),
    "the zeros behind": (place_of(4) + 100, Flaw.TORN, None, 4),
}


@pytest.mark.parametrize(("place", "flaw", "seq", "count"), FLIPS.values(), ids=FLIPS)
def test_what_is_told(place: int, flaw: Flaw, seq: int | None, count: int) -> None:
    """Each place has its word, names the message where that is known, and costs no other one."""
    octets = bytearray(segment(RECORDS))
    octets[place] ^= 0x10
    found = read_segments(SPOOL, {1: bytes(octets)})
    assert ([Told(1, flaw, seq)], count) == (found.flaws, len(found.records))


def test_a_segment_missing_in_the_middle() -> None:
    """It is told, and the others are read; it makes no difference whether it is empty or not there."""
    first, last = segment(RECORDS[:1]), segment(RECORDS[3:], 3)
    for middle in ({}, {2: segment([], 2)}, {2: bytes(500)}):
        found = read_segments(SPOOL, {1: first, 3: last} | middle)
        assert ([RECORDS[0], RECORDS[3]], [Told(2, Flaw.MISSING)]) == (found.records, found.flaws)


def test_a_foreign_segment() -> None:
    """One of another spool, or of another number, is told and not taken for one of this."""
    found = read_segments(SPOOL, {1: segment(RECORDS, spool="another"), 2: segment(RECORDS)})
    assert ([], [Told(1, Flaw.FOREIGN), Told(2, Flaw.FOREIGN)]) == (found.records, found.flaws)


def test_records_of_another_segment() -> None:
    """Records that were copied behind the head of another segment are told and not taken."""
    found = read_segments(SPOOL, {1: segment_head(SPOOL, 1) + written(RECORDS[0], 2) + bytes(9)})
    assert ([], [Told(1, Flaw.TORN)]) == (found.records, found.flaws)

"""What is read of an intake log, whatever has become of its segments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.spool.log.records import (
    HEAD_SIZE,
    SEGMENT_HEAD_SIZE,
    DeliveredRecord,
    Record,
    seed_of,
    segment_head,
    write_committed,
    write_delivered,
)
from gateway.spool.log.segments import Flaw, Found, Told, read_segments
from tests.gateway.spool.log.logs import SPOOL, committed, delivered

RECORDS: list[Record] = [committed(1, b"A" * 40), committed(2, b"B" * 40), delivered(1), committed(3, b"C" * 40)]


def written(record: Record, number: int = 1, synced: int = 0) -> bytes:
    """Return a record of a segment."""
    seed = seed_of(SPOOL, number)
    if isinstance(record, DeliveredRecord):
        return write_delivered(record, seed, synced)
    return write_committed(record, seed, synced)


def segment(records: list[Record], number: int = 1, zeros: int = 500, spool: str = SPOOL, *, group: int = 1) -> bytes:
    """Return a segment that was synced after every *group* of records."""
    octets, synced = segment_head(spool, number), 0
    for index, each in enumerate(records):
        if index and index % group == 0:
            synced = len(octets)
        octets += written(each, number, synced)
    return octets + bytes(zeros)


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
    rest = whole[place_of(count) : end].strip(b"\0")
    assert [Flaw.TORN] * bool(rest) == [each.flaw for each in found.flaws]
    cut = [each.seq for each in found.records[count:]]  # its fields are whole: it is parked as damaged
    assert cut == [each.seq for each in found.flaws][: len(cut)]


@pytest.mark.parametrize("behind", [{}, {2: segment([committed(4)], 2)}], ids=["the last one", "before another"])
def test_every_flipped_bit(behind: dict[int, bytes]) -> None:
    """Any one bit of a segment: it is told, no record is other than it was, and at most one is missing."""
    octets, whole = bytearray(segment(RECORDS)), len(RECORDS) + len(behind)
    for place in range(len(octets) * 8):
        octets[place // 8] ^= 1 << place % 8
        found = read_segments(SPOOL, {1: bytes(octets)} | behind)
        octets[place // 8] ^= 1 << place % 8
        (told,) = found.flaws
        changed = [each for each in found.records if each not in [*RECORDS, committed(4)]]
        assert len(found.records) >= whole - 1
        if changed:  # it is parked as damaged
            assert [told.seq] == [each.seq for each in changed]
            assert told.flaw is Flaw.PAYLOAD or (told.flaw is Flaw.TORN and not behind)


@pytest.mark.parametrize("seq", [1, 2, 3])
def test_payloads_that_may_not_have_been_acknowledged(seq: int) -> None:
    """Those of the last group, where they are not whole; the record of a delivery has none."""
    octets = bytearray(segment([*RECORDS, delivered(2)], group=3, zeros=0))
    octets[octets.find(b"?ABC"[seq : seq + 1] * 40)] ^= 1
    octets[-1] ^= 1
    assert ({seq} & {3}) == read_segments(SPOOL, {1: bytes(octets)}).torn


def test_two_flipped_bits() -> None:
    """Each costs its own record."""
    octets = bytearray(segment(RECORDS))
    for place in (place_of(1) + 8, place_of(3) - 1):
        octets[place] ^= 1
    found = read_segments(SPOOL, {1: bytes(octets)})
    assert [Told(1, Flaw.RECORD), Told(1, Flaw.SETTLEMENT, 1)] == found.flaws
    assert [RECORDS[0], RECORDS[3]] == found.records


HEAD, FIELDS = place_of(1), place_of(1) + HEAD_SIZE
"""Where the second record and its fields begin."""
FLIPS = {  # what is flipped: where, what is told, of which message, how many records are left
    "the segment's magic": (0, Flaw.HEAD, None, 4),
    "the segment's format": (8, Flaw.HEAD, None, 4),
    "the segment's number": (12, Flaw.HEAD, None, 4),
    "the spool's name": (20, Flaw.HEAD, None, 4),
    "the segment's sum": (SEGMENT_HEAD_SIZE - 1, Flaw.HEAD, None, 4),
    "a record's magic": (HEAD, Flaw.RECORD, None, 3),
    "a record's kind": (HEAD + 4, Flaw.RECORD, None, 3),
    "how much was synced": (HEAD + 5, Flaw.RECORD, None, 3),
    "a record's number": (HEAD + 8, Flaw.RECORD, None, 3),
    "the length of its fields": (HEAD + 16, Flaw.RECORD, None, 3),
    "the length of its payload": (HEAD + 20, Flaw.RECORD, None, 3),
    "the length of its payload, beyond the segment": (HEAD + 23, Flaw.RECORD, None, 3),
    "the sum of its fields": (HEAD + 24, Flaw.RECORD, None, 3),
    "the sum of its payload": (HEAD + 28, Flaw.RECORD, None, 3),
    "the sum of its head": (HEAD + 32, Flaw.RECORD, None, 3),
    "when a message was received": (FIELDS, Flaw.RECORD, 2, 3),
    "when it was committed": (FIELDS + 8, Flaw.RECORD, 2, 3),
    "whether it is encrypted": (FIELDS + 16, Flaw.RECORD, 2, 3),
    "its size": (FIELDS + 17, Flaw.RECORD, 2, 3),
    "its digest": (FIELDS + 40, Flaw.RECORD, 2, 3),
    "its destination": (place_of(2) - 41, Flaw.RECORD, 2, 3),
    "a message's payload": (place_of(2) - 40, Flaw.PAYLOAD, 2, 4),
    "the last octet of its payload": (place_of(2) - 1, Flaw.PAYLOAD, 2, 4),
    "the first octet behind it": (place_of(2), Flaw.RECORD, None, 3),
    "the number of a delivery": (place_of(2) + 8, Flaw.RECORD, None, 3),
    "to whom it was delivered": (place_of(2) + HEAD_SIZE, Flaw.SETTLEMENT, 1, 3),
    "when it was delivered": (place_of(3) - 1, Flaw.SETTLEMENT, 1, 3),
}
LAST = {  # the same of what no record behind shows to have been synced: what is told where a segment follows
    "the last record's head": (place_of(3) + 1, Flaw.RECORD, None, 3),
    "the last record's sum": (place_of(3) + 32, Flaw.RECORD, None, 3),
    "the last record's fields": (place_of(3) + HEAD_SIZE, Flaw.RECORD, 3, 3),
    "the last record's payload": (place_of(4) - 1, Flaw.PAYLOAD, 3, 4),
    "the first zero behind": (place_of(4), Flaw.RECORD, None, 4),
    "the zeros behind": (place_of(4) + 100, Flaw.TORN, None, 4),
    "the last zero": (place_of(4) + 499, Flaw.TORN, None, 4),
}


def flipped(place: int, behind: dict[int, bytes]) -> Found:
    """Return what is read where an octet of the first segment is another one."""
    octets = bytearray(segment(RECORDS))
    octets[place] ^= 0x10
    return read_segments(SPOOL, {1: bytes(octets)} | behind)


@pytest.mark.parametrize(("place", "flaw", "seq", "count"), (FLIPS | LAST).values(), ids=FLIPS | LAST)
def test_what_is_told(place: int, flaw: Flaw, seq: int | None, count: int) -> None:
    """Each place has its word, names the message where that is known, and costs no other one."""
    found = flipped(place, {2: segment([committed(4)], 2)})
    assert ([Told(1, flaw, seq)], count + 1) == (found.flaws, len(found.records))


@pytest.mark.parametrize(("place", "flaw", "seq", "count"), FLIPS.values(), ids=FLIPS)
def test_what_was_synced(place: int, flaw: Flaw, seq: int | None, count: int) -> None:
    """In the segment that was written last, damage is told of all that a later record shows to have been synced."""
    found = flipped(place, {})
    assert ([Told(1, flaw, seq)], count) == (found.flaws, len(found.records))


@pytest.mark.parametrize(("place", "flaw", "seq", "count"), LAST.values(), ids=LAST)
def test_what_may_not_have_been_synced(place: int, flaw: Flaw, seq: int | None, count: int) -> None:
    """Of what was written last nothing can tell whether it was acknowledged: that is what is told."""
    found = flipped(place, {})
    assert flaw in Flaw
    assert ([Told(1, Flaw.TORN, seq)], count) == (found.flaws, len(found.records))


@pytest.mark.parametrize("lost", [slice(0, 4096), slice(4096, 8192), slice(8192, 12288)], ids=["1", "2", "3"])
def test_a_hole_in_what_was_not_synced(lost: slice) -> None:
    """Pages reach the disk in any order: that a power failure kept one away which was not synced is no damage."""
    messages = [committed(number) for number in range(1, 40)]
    synced = segment(list(messages), zeros=0, group=99)
    behind = b"".join(written(delivered(number % 39 + 1), synced=len(synced)) for number in range(200))
    octets = bytearray((synced + behind).ljust(2**14, b"\0"))
    start = len(synced) + lost.start
    octets[start : start + 4096] = bytes(4096)
    found = read_segments(SPOOL, {1: bytes(octets)})
    assert (messages, [Flaw.TORN]) == (found.records[:39], [each.flaw for each in found.flaws])


def test_a_hole_in_what_was_synced() -> None:
    """The same in records that were acknowledged is damage."""
    octets = bytearray(segment([committed(number) for number in range(1, 100)], group=50))
    octets[4096:8192] = bytes(4096)
    found = read_segments(SPOOL, {1: bytes(octets)})
    assert [Told(1, Flaw.RECORD)] == found.flaws
    assert 99 == found.records[-1].seq


def test_a_segment_missing_in_the_middle() -> None:
    """It is told, and the others are read; it makes no difference whether it is empty or not there."""
    first, last = segment(RECORDS[:1]), segment(RECORDS[3:], 3)
    for middle in ({}, {2: segment([], 2)}, {2: bytes(500)}):
        found = read_segments(SPOOL, {1: first, 3: last} | middle)
        assert ([RECORDS[0], RECORDS[3]], [Told(2, Flaw.MISSING)]) == (found.records, found.flaws)


def test_several_segments_missing() -> None:
    """Each of them is told."""
    found = read_segments(SPOOL, {2: segment(RECORDS[:1], 2), 5: segment(RECORDS[3:], 5)})
    assert [Told(3, Flaw.MISSING), Told(4, Flaw.MISSING)] == found.flaws


def test_a_foreign_segment() -> None:
    """One of another spool, or of another number, is told and not taken for one of this."""
    found = read_segments(SPOOL, {1: segment(RECORDS, spool="another"), 2: segment(RECORDS)})
    assert ([], [Told(1, Flaw.FOREIGN), Told(2, Flaw.FOREIGN)]) == (found.records, found.flaws)


def test_records_of_another_segment() -> None:
    """Records that were copied behind the head of another segment are told and not taken."""
    found = read_segments(SPOOL, {1: segment_head(SPOOL, 1) + written(RECORDS[0], 2) + bytes(9)})
    assert ([], [Told(1, Flaw.TORN)]) == (found.records, found.flaws)

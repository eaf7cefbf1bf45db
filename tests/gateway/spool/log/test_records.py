"""The format of the intake log's records."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.spool.log.records import (
    COMMITTED,
    DELIVERED,
    HEAD,
    HEAD_SIZE,
    CommittedRecord,
    DeliveredRecord,
    Delivery,
    read_fields,
    seed_of,
    segment_head,
    write_committed,
    write_delivered,
)
from tests.gateway.spool.log.logs import SPOOL, committed

NUMBERS = st.integers(0, 2**63 - 1)
TIMES = st.floats(allow_nan=False)
PSEUDONYMS = st.none() | st.binary(min_size=16, max_size=16)
DELIVERIES = st.builds(Delivery, NUMBERS, st.text(st.characters(codec="utf-8"), max_size=20), PSEUDONYMS)
RECORDS = st.builds(
    CommittedRecord,
    NUMBERS,
    st.text(max_size=20),
    st.binary(max_size=200),
    NUMBERS,
    st.binary(max_size=64),
    TIMES,
    TIMES,
    st.booleans(),
    st.binary(max_size=300),
    st.none(),
    PSEUDONYMS,
    PSEUDONYMS,
    st.lists(DELIVERIES, min_size=1, max_size=4).map(tuple),
)


def parts(octets: bytes) -> tuple[int, int, bytes, bytes]:
    """Return kind, number, fields and payload of a record, as its head says."""
    _, kind, seq, fields, _, *_ = HEAD.unpack(octets[: HEAD.size])
    return kind, seq, octets[HEAD_SIZE : HEAD_SIZE + fields], octets[HEAD_SIZE + fields :]


@given(RECORDS)
def test_what_is_written_is_read(record: CommittedRecord) -> None:
    """Every message comes out as it went in."""
    assert record == read_fields(*parts(write_committed(record, 7)))


def test_a_payload_in_a_file() -> None:
    """A message whose payload is in a file has its name and no payload."""
    record = committed(1, None, file="a" * 32)
    assert record == read_fields(*parts(write_committed(record, 7)))


@given(NUMBERS, NUMBERS, TIMES, TIMES)
def test_a_delivery(seq: int, number: int, settled_at: float, now: float) -> None:
    """The record of a delivery likewise."""
    record = DeliveredRecord(seq, number, settled_at, now)
    assert record == read_fields(*parts(write_delivered(record, 7)))


@pytest.mark.parametrize("kind", [0, COMMITTED, DELIVERED, 3])
@pytest.mark.parametrize("fields", [b"", b"\0" * 20, b"\xff" * 60, b"\0" * 60])
def test_nonsense(kind: int, fields: bytes) -> None:
    """Fields that make no sense are told as that."""
    with pytest.raises(ValueError):  # noqa: PT011 - struct's, Unicode's or ours
        read_fields(kind, 1, fields, b"")


def test_each_segment_has_its_own_sums() -> None:
    """A record that was copied from another segment, or another spool, does not fit."""
    seeds = {seed_of(SPOOL, 1), seed_of(SPOOL, 2), seed_of("another", 1)}
    assert 3 == len({write_committed(committed(1), seed) for seed in seeds})
    assert segment_head(SPOOL, 1) != segment_head(SPOOL, 2)

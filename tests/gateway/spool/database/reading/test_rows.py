"""What rows say."""

import zlib

import pytest

from gateway.spool import PayloadDamaged
from gateway.spool.database.reading.rows import (
    Header,
    Payload,
    checked_header,
    discarding_of,
    payload_of,
    time_of,
)

HEADER = b'["m1", {"listener": "adt"}, {}, null]'


def test_a_header() -> None:
    """What was written is read; a header of an older Hilum names no steps."""
    assert Header("m1", {"listener": "adt"}, {}, None) == checked_header(HEADER, zlib.crc32(HEADER))


@pytest.mark.parametrize("header", ["text", None, HEADER[:-1]], ids=repr)
def test_a_damaged_header(header: object) -> None:
    """A header that does not have its checksum is damaged."""
    with pytest.raises(PayloadDamaged):
        checked_header(header, zlib.crc32(HEADER))


NEVER_RIGHT = Payload(0, b"", False, None, None)
PAYLOADS = {
    "in its row": ((3, b"digest", 0, b"MSH", None), Payload(3, b"digest", False, b"MSH", None)),
    "in a file": ((3, b"digest", 1, None, "a1"), Payload(3, b"digest", True, None, "a1")),
    "no row": (None, None),
    "a size that is text": (("x", b"digest", 0, b"MSH", None), NEVER_RIGHT),
    "a digest that is text": ((3, "x", 0, b"MSH", None), NEVER_RIGHT),
    "a file elsewhere": ((3, b"digest", 0, None, "../lock"), NEVER_RIGHT),
}


@pytest.mark.parametrize(("row", "expected"), PAYLOADS.values(), ids=PAYLOADS)
def test_payloads(row: tuple[object, ...] | None, expected: Payload | None) -> None:
    """A row says where a payload is; a damaged one gives one that is never right."""
    assert expected == payload_of(row)


@pytest.mark.parametrize(("value", "expected"), [(2, 2.0), (1.5, 1.5), (None, None), ("x", None), (1e300, None)])
def test_times(value: object, expected: float | None) -> None:
    """What is no time, or has no date, is none."""
    assert expected == time_of(value)


STORED = {
    "all": ('["by hand","alice","the store refused it"]', ("by hand", "alice", "the store refused it")),
    "the reason alone": ('["by hand",null,null]', ("by hand", None, None)),
    "of an older Hilum": ("by hand", ("by hand", None, None)),
    "of an older Hilum, in brackets": ("[by hand]", ("[by hand]", None, None)),
    "another list": ('["by hand"]', ('["by hand"]', None, None)),
    "numbers": ("[1,2,3]", ("[1,2,3]", None, None)),
    "deep": ("[" * 100_000, ("[" * 100_000, None, None)),
}


@pytest.mark.parametrize(("stored", "expected"), STORED.values(), ids=STORED)
def test_a_discarded_delivery(stored: str, expected: tuple[str, str | None, str | None]) -> None:
    """Why it was discarded, by whom, and why it had been parked; an older Hilum kept only the first."""
    assert expected == discarding_of(stored)

"""A message cut into segments."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.hl7.editing.segments import Segments, open_message
from gateway.contract.outcome import Refused


def opened(data: bytes, charset: str | None = None) -> Segments:
    """Return the segments, which must be there."""
    message = open_message(data, charset)
    assert isinstance(message, Segments)
    return message


@given(
    st.sampled_from([b"", b"\xef\xbb\xbf", b"\r\n\x0b"]),
    st.lists(st.sampled_from([b"PID|1|a^b", b"ZPD", b"\r", b"\n", b"\r\n", b"|", b"\xb0|", b"\x1b$B", b"\xff"])),
    st.sampled_from([None, "BIG-5", "~ISO IR87", "KLINGON"]),
)
def test_join_undoes_the_cut(before: bytes, pieces: list[bytes], charset: str | None) -> None:
    """Cut, each field put where it was, and joined, a message is the same octets."""
    data = before + b"MSH|^~\\&|A\r" + b"".join(pieces)
    message = opened(data, charset)
    for name, most in (("MSH", 6), ("PID", 4), ("ZPD", 4)):
        for place in message.named(name):
            for number in range(3, most):
                message.put(place, number, message.field(place, number))
    assert data == message.join()


def test_named() -> None:
    """Segments are found by their whole name, also after one was removed."""
    message = opened(b"MSH|^~\\&|A\rOBX|1\rOBXX|2\rOBX\r\nOBX|4")
    places = message.named("OBX")
    assert (3, places[1:2], []) == (len(places), message.named("OBX", 2), message.named("OBX", 4))
    message.remove(places[0])
    assert places[1:] == message.named("OBX")
    assert b"MSH|^~\\&|A\rOBXX|2\rOBX\r\nOBX|4" == message.join()


def test_fields() -> None:
    """A field is counted behind the name; in MSH the delimiter is the first one."""
    message = opened(b"MSH|^~\\&|A|B\rPID|1|2")
    header, patient = message.named("MSH")[0], message.named("PID")[0]
    assert (b"A", b"B", b"") == tuple(message.field(header, number) for number in (3, 4, 5))
    assert (b"1", b"2", b"") == tuple(message.field(patient, number) for number in (1, 2, 3))


def test_a_later_name_of_a_header() -> None:
    """A line that is nothing but MSH is no header: SS-MIX2 lists names of segments so."""
    message = opened(b"MSH|^~\\&|A\rZPR\rMSH\r")
    assert 1 == len(message.named("MSH"))


@pytest.mark.parametrize("data", [b"", b"PID|1", b"BHS|^~\\&|A\r", b"MSHABC\r"])
def test_no_header(data: bytes) -> None:
    """Without a header that can be read there are no segments."""
    assert isinstance(open_message(data), Refused)


def test_too_many_segments() -> None:
    """A message with a million segments is edited, one with more is not."""
    assert isinstance(open_message(b"MSH|^~\\&|A\r" + b"A\r" * 999_998 + b"A"), Segments)
    assert isinstance(open_message(b"MSH|^~\\&|A\r" + b"A\r" * 1_000_000), Refused)


def test_last_field() -> None:
    """The last field that a path can name is one, and what stands behind it stays."""
    data = b"MSH|^~\\&|A\rPID" + b"|x" * 2000
    message = opened(data)
    place = message.named("PID")[0]
    assert b"x" == message.field(place, 999)
    message.put(place, 999, b"")
    assert data[: -2 * 1001 - 1] + b"|x" * 1001 == message.join()


HEAVY = {
    "line feeds behind a CR": b"MSH|^~\\&|A\r" + b"\n" * 3_000_000 + b"PID|1|x\r",
    "line feeds in a text": b"MSH|^~\\&|A\rNTE|" + b"\n" * 3_000_000 + b"x\rPID|1|x\r",
    "line feeds at the end": b"MSH|^~\\&|A\rPID|1|x" + b"\n" * 3_000_000,
    "line feeds alone": b"MSH|^~\\&|A\n" + b"\n" * 3_000_000 + b"PID|1|x\n",
    "segments": b"MSH|^~\\&|A\r" + b"ZPD|1\r" * 300_000 + b"PID|1|x\r",
    "delimiters": b"MSH|^~\\&|A\rPID|1|x" + b"|" * 3_000_000,
}


@pytest.mark.parametrize("data", HEAVY.values(), ids=HEAVY)
def test_heavy_messages(data: bytes) -> None:
    """A hostile message takes time in proportion to its size."""
    began = time.process_time()
    message = opened(data)
    message.put(message.named("PID")[0], 2, b"y")
    for place in message.named("ZPD"):
        message.remove(place)
    message.join()
    assert time.process_time() - began < 3

"""The framer: a byte stream to blocks."""

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mllp.framing import (
    MOST_STRAY,
    Block,
    BlockEnd,
    Broken,
    Event,
    Fault,
    Framer,
    OctetClass,
    Skipped,
    frame,
)

LARGEST = 8


def cut(wire: bytes, size: int) -> list[bytes]:
    """Cut *wire* into pieces of *size* octets."""
    return [wire[at : at + size] for at in range(0, len(wire), size)]


def feed(framer: Framer, pieces: list[bytes], *, eof: bool = False) -> list[Event]:
    """Return all events of a stream that comes in *pieces*."""
    events = [event for piece in pieces for event in framer.receive_data(piece)]
    return events + framer.receive_eof() if eof else events


FRAMES: dict[str, tuple[bytes, list[Event]]] = {
    "a block": (b"\x0bA\x1c\r", [Block(b"A")]),
    "an empty block": (b"\x0b\x1c\r", [Block(b"")]),
    "pipelined blocks": (b"\x0bA\x1c\r\x0bB\x1c\r\x0bC\x1c\r", [Block(b"A"), Block(b"B"), Block(b"C")]),
    "a lone 0x1C is data": (b"\x0bA\x1cB\x1c\r", [Block(b"A\x1cB")]),
    "two 0x1C, the second ends": (b"\x0bA\x1c\x1c\r", [Block(b"A\x1c")]),
    "0x0B inside is data": (b"\x0bA\x0bB\x1c\r", [Block(b"A\x0bB")]),
    "carriage returns inside": (b"\x0bA\r\rB\r\x1c\r", [Block(b"A\r\rB\r")]),
    "as large as allowed": (b"\x0b12345678\x1c\r", [Block(b"12345678")]),
    "one too large": (b"\x0b123456789\x1c\r", [Broken(Fault.TOO_LARGE, 9)]),
    "too large without an end": (b"\x0b" + b"x" * 50, [Broken(Fault.TOO_LARGE, 9)]),
    "too large by a lone 0x1C": (b"\x0b12345678\x1c\x1c\r", [Broken(Fault.TOO_LARGE, 9)]),
    "a good block, then a large one": (b"\x0bA\x1c\r\x0b123456789", [Block(b"A"), Broken(Fault.TOO_LARGE, 13)]),
    "line ends between": (b"\x0bA\x1c\r\r\n\x0bB\x1c\r", [Block(b"A"), Skipped(2), Block(b"B")]),
    "NUL and space before": (b"\0 \0\x0bA\x1c\r", [Skipped(3), Block(b"A")]),
    "strays alone": (b"\r\n\0 ", []),
    "a good block, then noise": (
        b"\x0bA\x1c\rX\x0bB\x1c\r",
        [Block(b"A"), Broken(Fault.NO_START, 4, OctetClass.LETTER)],
    ),
    "strays, then noise": (b"\r\n7", [Skipped(2), Broken(Fault.NO_START, 2, OctetClass.DIGIT)]),
    "an end without a start": (b"\x1c\r", [Broken(Fault.NO_START, 0, OctetClass.CONTROL)]),
    "unframed HL7": (b"MSH|^~\\&|A\r", [Broken(Fault.NO_START, 0, OctetClass.LETTER)]),
    "TLS": (b"\x16\x03\x01", [Broken(Fault.NO_START, 0, OctetClass.CONTROL)]),
    "UTF-16": (b"\xff\xfe", [Broken(Fault.NO_START, 0, OctetClass.NOT_ASCII)]),
    "punctuation": (b"{", [Broken(Fault.NO_START, 0, OctetClass.PUNCTUATION)]),
    "delete": (b"\x7f", [Broken(Fault.NO_START, 0, OctetClass.CONTROL)]),
    "strays without end": (b" " * (MOST_STRAY + 1), [Broken(Fault.TOO_MUCH_STRAY, MOST_STRAY)]),
    "many strays": (b" " * MOST_STRAY + b"\x0bA\x1c\r", [Skipped(MOST_STRAY), Block(b"A")]),
    "nothing": (b"", []),
}
SHORT_END: dict[str, tuple[bytes, list[Event]]] = {
    "no final CR": (b"\x0bA\x1c\x0bB\x1c", [Block(b"A"), Block(b"B")]),
    "the CR after all": (b"\x0bA\x1c\r\x0bB\x1c\r", [Block(b"A"), Block(b"B")]),
    "a CR and a stray one": (b"\x0bA\x1c\r\r\x0bB\x1c", [Block(b"A"), Skipped(1), Block(b"B")]),
    "a stray LF": (b"\x0bA\x1c\n\r\x0bB\x1c", [Block(b"A"), Skipped(2), Block(b"B")]),
    "a stray CR before the first": (b"\r\x0bA\x1c", [Skipped(1), Block(b"A")]),
    "noise": (b"\x0bA\x1cX", [Block(b"A"), Broken(Fault.NO_START, 3, OctetClass.LETTER)]),
    "as large as allowed": (b"\x0b12345678\x1c", [Block(b"12345678")]),
    "too large": (b"\x0b123456789\x1c", [Broken(Fault.TOO_LARGE, 9)]),
}
ALL: list[tuple[BlockEnd, bytes, list[Event]]] = [
    *[("1c0d", *frames) for frames in FRAMES.values()],
    *[("1c", *frames) for frames in SHORT_END.values()],
]


@pytest.mark.parametrize("size", [1, 2, 3, 64, 1 << 20])
@pytest.mark.parametrize(("block_end", "wire", "events"), ALL, ids=[*FRAMES, *(f"1c: {name}" for name in SHORT_END)])
def test_cut(block_end: BlockEnd, wire: bytes, events: list[Event], size: int) -> None:
    """The events do not depend on how TCP cut the bytes."""
    assert events == feed(Framer(LARGEST, block_end), cut(wire, size))


ENDS: dict[str, tuple[bytes, list[Event]]] = {
    "between blocks": (b"\x0bA\x1c\r", [Block(b"A")]),
    "after strays": (b"\x0bA\x1c\r\r\n", [Block(b"A"), Skipped(2)]),
    "inside a block": (b"\x0bA", [Broken(Fault.UNFINISHED, 2)]),
    "right after a start": (b"\x0bA\x1c\r\x0b", [Block(b"A"), Broken(Fault.UNFINISHED, 5)]),
    "inside the end": (b"\x0bA\x1c", [Broken(Fault.UNFINISHED, 3)]),
    "after noise": (b"X", [Broken(Fault.NO_START, 0, OctetClass.LETTER)]),
    "after too many strays": (b" " * (MOST_STRAY + 2), [Broken(Fault.TOO_MUCH_STRAY, MOST_STRAY)]),
    "at once": (b"", []),
}


@pytest.mark.parametrize("size", [1, 3, 1 << 20])
@pytest.mark.parametrize(("wire", "events"), ENDS.values(), ids=ENDS)
def test_end_of_stream(wire: bytes, events: list[Event], size: int) -> None:
    """An end between blocks is an end; an end inside one is broken; strays are counted at last."""
    assert events == feed(Framer(LARGEST), cut(wire, size), eof=True)


def test_inside_block() -> None:
    """The caller can tell a stall inside a block from an idle peer."""
    framer = Framer(LARGEST)
    seen = []
    for piece in (b"\r", b"\x0b", b"A", b"\x1c", b"\r", b"\0", b"\x0b123456789"):
        framer.receive_data(piece)
        seen.append(framer.inside_block)
    assert [False, True, True, True, False, False, False] == seen


WIRES = st.lists(
    st.sampled_from([b"\x0b", b"\x1c", b"\r", b"\x1c\r", b"\n", b"\0", b" ", b"A", b"\x0bAB\x1c\r", b"\xff"]),
    max_size=40,
).map(b"".join)
SIZES = st.lists(st.integers(min_value=1, max_value=7), min_size=1, max_size=60)


@given(WIRES, SIZES, st.sampled_from(["1c0d", "1c"]))
def test_any_cut_gives_the_same_events(wire: bytes, sizes: list[int], block_end: BlockEnd) -> None:
    """A stream read whole and the same stream in any pieces are one."""
    pieces, at = [], 0
    for size in sizes:
        pieces.append(wire[at : at + size])
        at += size
    pieces.append(wire[at:])
    whole = feed(Framer(LARGEST, block_end), [wire], eof=True)
    assert whole == feed(Framer(LARGEST, block_end), pieces, eof=True)


@given(WIRES, SIZES, st.integers(min_value=1, max_value=3))
def test_events_in_portions(wire: bytes, sizes: list[int], most: int) -> None:
    """Events that are asked for in portions are the same ones, and no portion is larger than asked for."""
    framer, events, at = Framer(LARGEST), [], 0
    for size in [*sizes, len(wire)]:
        portion = framer.receive_data(wire[at : at + size], most)
        at += size
        while portion:
            assert len(portion) <= most + 1  # strays and the block behind them are not parted
            events += portion
            portion = framer.receive_data(b"", most)
        assert not framer.has_more
    assert feed(Framer(LARGEST), [wire], eof=True) == events + framer.receive_eof()


def test_end_behind_a_portion() -> None:
    """The end of the stream gives what was not asked for before."""
    framer = Framer(LARGEST)
    assert [Block(b"A")] == framer.receive_data(b"\x0bA\x1c\r\x0bB\x1c\r\x0b", 1)
    assert framer.has_more
    assert [Block(b"B"), Broken(Fault.UNFINISHED, 9)] == framer.receive_eof()


@given(st.lists(st.binary(max_size=30)))
def test_hostile_octets(pieces: list[bytes]) -> None:
    """Nothing makes the framer raise, and nothing follows a broken stream."""
    events = feed(Framer(LARGEST), pieces, eof=True)
    assert not any(isinstance(event, Broken) for event in events[:-1])


@given(st.lists(st.binary(max_size=20).filter(lambda payload: b"\x1c\r" not in payload and payload[-1:] != b"\x1c")))
def test_frame_is_undone(payloads: list[bytes]) -> None:
    """What was framed comes out as it went in."""
    assert [Block(payload) for payload in payloads] == feed(Framer(20), [b"".join(map(frame, payloads))])


@given(st.text(st.characters(categories=["L"]), min_size=3))
def test_no_diagnostic_holds_payload(secret: str) -> None:
    """A broken stream is described by an offset and a class; its content stays out of the description."""
    (event,) = Framer(LARGEST).receive_data(b"?" + secret.encode())
    assert Broken(Fault.NO_START, 0, OctetClass.PUNCTUATION) == event


@pytest.mark.parametrize(
    ("count", "payload", "size"), [(50_000, b"A" * 10, 1 << 20), (2, b"A" * (16 << 20), 65_536), (1, b"A" * 300_000, 1)]
)
def test_linear(count: int, payload: bytes, size: int) -> None:
    """Many small blocks, large blocks and single octets all cost time in proportion to their size."""
    pieces = cut(frame(payload) * count, size)
    started = perf_counter()
    blocks = feed(Framer(16 << 20), pieces)
    assert perf_counter() - started < 5
    assert count == len(blocks)

"""The framer: a byte stream to blocks."""

from collections.abc import Callable
from itertools import accumulate, pairwise
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mllp.events import BegunAgain, Block, Broken, Event, Fault, OctetClass, Skipped
from adapters.mllp.framing import BEGINNING, END, LONGEST_END, MOST_STARTS, MOST_STRAY, START, BlockEnd, Framer, frame
from tests.fuzz import mllp_reference as reference
from tests.fuzz.mllp_reference import STRAY

LARGEST = 8


def cut(wire: bytes, size: int) -> list[bytes]:
    """Cut *wire* into pieces of *size* octets."""
    return [wire[at : at + size] for at in range(0, len(wire), size)]


def feed(framer: Framer, pieces: list[bytes], *, eof: bool = False) -> list[Event]:
    """Return all events of a stream that comes in *pieces*."""
    events = [event for piece in pieces for event in framer.receive_data(piece)]
    return events + framer.receive_eof() if eof else events


def too_large(offset: int, beginning: bytes = b"12345678") -> Broken:
    """Return the event of a block of more than LARGEST octets that starts with *beginning*."""
    return Broken(Fault.TOO_LARGE, offset, beginning=beginning)


FRAMES: dict[str, tuple[bytes, list[Event]]] = {
    "a block": (b"\x0bA\x1c\r", [Block(b"A")]),
    "an empty block": (b"\x0b\x1c\r", []),
    "an empty block between": (b"\x0bA\x1c\r\x0b\x1c\r\x0bB\x1c\r", [Block(b"A"), Skipped(3), Block(b"B")]),
    "empty blocks and strays": (b"\r\x0b\x1c\r\n\x0b\x1c\r\x0bA\x1c\r", [Skipped(8), Block(b"A")]),
    "a block of a line end": (b"\x0b\r\n\x1c\r\x0bA\x1c\r", [Skipped(5), Block(b"A")]),
    "a block of blanks": (b"\x0b\t \0\x1c\r\x0bA\x1c\r", [Skipped(6), Block(b"A")]),
    "a block of a byte-order mark": (b"\x0b\xef\xbb\xbf\x1c\r\x0bA\x1c\r", [Skipped(6), Block(b"A")]),
    "an empty block whose end is sent twice": (b"\x0b\x1c\x1c\r\x0bA\x1c\r", [Skipped(4), Block(b"A")]),
    "an empty block whose end has no CR": (b"\x0b\x1c\x0bA\x1c\r", [Skipped(2), Block(b"A")]),
    "the same with a line feed": (b"\x0b\x1c\n\x0bA\x1c\r", [Skipped(3), Block(b"A")]),
    "an empty block begun again": (b"\x0b\x0b\x1c\r\x0bA\x1c\r", [BegunAgain(0, 1), Skipped(3), Block(b"A")]),
    "an empty block, then noise": (
        b"\x0b\x1c\rX",
        [Skipped(3), Broken(Fault.NO_START, 3, OctetClass.LETTER)],
    ),
    "an empty block, then an unclear end": (b"\x0b\x1c\r\x0bA\x1cB", [Skipped(3), Broken(Fault.UNCLEAR_END, 5)]),
    "an empty block, then a large one": (b"\x0b\x1c\r\x0b123456789", [Skipped(3), too_large(12)]),
    "an empty block, then one begun again": (
        b"\x0b\x1c\r\x0bAA\x0bB\x1c\r",
        [Skipped(3), BegunAgain(2, 6, b"AA"), Block(b"B")],
    ),
    "many empty blocks": (b"\x0b\x1c\r" * 20_000 + b"\x0bA\x1c\r", [Skipped(60_000), Block(b"A")]),
    "empty blocks for days": (b"\x0b\x1c\r" * 50_000 + b"\x0bA\x1c\r", [Skipped(150_000), Block(b"A")]),
    "the same with strays between": (
        (b"\x0b\x1c\r" + b" " * 60_000) * 3 + b"\x0bA\x1c\r",
        [Skipped(180_009), Block(b"A")],
    ),
    "too many strays behind an empty block": (
        b"\x0b\x1c\r" + b" " * (MOST_STRAY + 1),
        [Broken(Fault.TOO_MUCH_STRAY, MOST_STRAY + 3)],
    ),
    "too many strays and an empty block": (
        b" " * (MOST_STRAY - 2) + b"\x0b\x1c\r",
        [Broken(Fault.TOO_MUCH_STRAY, MOST_STRAY + 1)],
    ),
    "empty blocks whose start is sent twice": (
        b"\x0b\x0b\x1c\r" * 50 + b"\x0bA\x1c\r",
        [*[each for at in range(50) for each in (BegunAgain(0, 4 * at + 1), Skipped(3))], Block(b"A")],
    ),
    "too many starts of an empty block": (
        b"\x0b\x1c\r" + b"\x0b" * 50,
        [
            Skipped(3),
            *(BegunAgain(0, at + 4) for at in range(MOST_STARTS)),
            Broken(Fault.TOO_MANY_STARTS, MOST_STARTS + 4),
        ],
    ),
    "a byte-order mark before": (b"\xef\xbb\xbf\x0bA\x1c\r", [Skipped(3), Block(b"A")]),
    "a byte-order mark between": (b"\x0bA\x1c\r\xef\xbb\xbf\x0bB\x1c\r", [Block(b"A"), Skipped(3), Block(b"B")]),
    "a byte-order mark behind an end without CR": (
        b"\x0bA\x1c\xef\xbb\xbf\x0bB\x1c\r",
        [Block(b"A"), Skipped(3), Block(b"B")],
    ),
    "a byte-order mark and unframed HL7": (
        b"\xef\xbb\xbfMSH|",
        [Skipped(3), Broken(Fault.NO_START, 3, OctetClass.LETTER)],
    ),
    "a byte-order mark in a message": (b"\x0b\xef\xbb\xbfA\x1c\r", [Block(b"\xef\xbb\xbfA")]),
    "tabs between": (b"\x0bA\x1c\r\t\t\x0bB\x1c\r", [Block(b"A"), Skipped(2), Block(b"B")]),
    "stray ends between": (b"\x0bA\x1c\r\x1c\r\x1c\r\x0bB\x1c\r", [Block(b"A"), Skipped(4), Block(b"B")]),
    "pipelined blocks": (b"\x0bA\x1c\r\x0bB\x1c\r\x0bC\x1c\r", [Block(b"A"), Block(b"B"), Block(b"C")]),
    "carriage returns inside": (b"\x0bA\r\rB\r\x1c\r", [Block(b"A\r\rB\r")]),
    "as large as allowed": (b"\x0b12345678\x1c\r", [Block(b"12345678")]),
    "one too large": (b"\x0b123456789\x1c\r", [too_large(9)]),
    "too large without an end": (b"\x0b" + b"x" * 50, [too_large(9, b"xxxxxxxx")]),
    "too large before a second start": (b"\x0b123456789\x0bA\x1c\r", [too_large(9)]),
    "a good block, then a large one": (b"\x0bA\x1c\r\x0b123456789", [Block(b"A"), too_large(13)]),
    "the next block shows that one has ended": (b"\x0bA\x1c\x0bB\x1c\r", [Block(b"A"), Block(b"B")]),
    "so it does behind strays": (b"\x0bA\x1c\n\r\x0bB\x1c\r", [Block(b"A"), Skipped(2), Block(b"B")]),
    "an end byte sent twice": (b"\x0bA\x1c\x1c\r\x0bB\x1c\r", [Block(b"A"), Skipped(1), Block(b"B")]),
    "an end sent twice": (b"\x0bA\x1c\r\x1c\r\x0bB\x1c\r", [Block(b"A"), Skipped(2), Block(b"B")]),
    "a CR sent twice": (b"\x0bA\x1c\r\r\x0bB\x1c\r", [Block(b"A"), Skipped(1), Block(b"B")]),
    "0x1C in the middle": (b"\x0bA\x1cB\x1c\r", [Broken(Fault.UNCLEAR_END, 2)]),
    "0x1C and a blank in the middle": (b"\x0bA\x1c B\x1c\r", [Broken(Fault.UNCLEAR_END, 2)]),
    "0x1C and a line feed in the middle": (b"\x0bA\x1c\nB\x1c\r", [Broken(Fault.UNCLEAR_END, 2)]),
    "two ends with a blank between": (b"\x0bA\x1c \x1c\r", [Broken(Fault.UNCLEAR_END, 2)]),
    "a good block, then an unclear end": (b"\x0bA\x1c\r\x0bB\x1cC", [Block(b"A"), Broken(Fault.UNCLEAR_END, 6)]),
    "an end that may still be one": (b"\x0bA" + b"\x1c" * LONGEST_END, []),
    "an end without end": (b"\x0bA" + b"\x1c" * 100 + b"\r", [Broken(Fault.UNCLEAR_END, 2)]),
    "a long wait for the next block": (
        b"\x0bA\x1c" + b"\0" * (LONGEST_END - 1) + b"\x0bB\x1c\r",
        [Block(b"A"), Skipped(LONGEST_END - 1), Block(b"B")],
    ),
    "too long a wait for it": (
        b"\x0bA\x1c" + b"\0" * LONGEST_END + b"\x0bB\x1c\r",
        [Broken(Fault.UNCLEAR_END, 2)],
    ),
    "begun again in the middle": (b"\x0bAAA\x0bB\x1c\r", [BegunAgain(3, 4, b"AAA"), Block(b"B")]),
    "begun again at the end": (b"\x0bAA\r\x0bB\x1c\r", [BegunAgain(3, 4, b"AA\r"), Block(b"B")]),
    "begun again twice": (
        b"\x0bA\x0bBB\x0bC\x1c\r",
        [BegunAgain(1, 2, b"A"), BegunAgain(2, 5, b"BB"), Block(b"C")],
    ),
    "begun again with nothing": (
        b"\x0bAA\x0b\r\x1c\r\x0b\x1c\r\x0bB\x1c\r",
        [BegunAgain(2, 3, b"AA"), Block(b"\r"), Skipped(3), Block(b"B")],
    ),
    "strays begun again with nothing": (
        b"\x0b\r\n\x0b\x1c\r\x0bB\x1c\r",
        [BegunAgain(2, 3, b"\r\n"), Skipped(3), Block(b"B")],
    ),
    "a start sent twice": (b"\x0b\x0bA\x1c\r", [BegunAgain(0, 1), Block(b"A")]),
    "begun again, longer than allowed together": (
        b"\x0b12345678\x0b87654321\x1c\r",
        [BegunAgain(8, 9, b"12345678"), Block(b"87654321")],
    ),
    "begun again too often": (
        b"\x0b" * 50,
        [*(BegunAgain(0, at + 1) for at in range(MOST_STARTS)), Broken(Fault.TOO_MANY_STARTS, MOST_STARTS + 1)],
    ),
    "begun again often, but not in one block": (
        b"\x0bA\x0bB\x1c\r" * 20,
        [event for at in range(20) for event in (BegunAgain(1, 6 * at + 2, b"A"), Block(b"B"))],
    ),
    "line ends between": (b"\x0bA\x1c\r\r\n\x0bB\x1c\r", [Block(b"A"), Skipped(2), Block(b"B")]),
    "NUL and space before": (b"\0 \0\x0bA\x1c\r", [Skipped(3), Block(b"A")]),
    "strays alone": (b"\r\n\0 ", []),
    "a good block, then noise": (
        b"\x0bA\x1c\rX\x0bB\x1c\r",
        [Block(b"A"), Broken(Fault.NO_START, 4, OctetClass.LETTER)],
    ),
    "strays, then noise": (b"\r\n7", [Skipped(2), Broken(Fault.NO_START, 2, OctetClass.DIGIT)]),
    "an end without a start": (b"\x1c\r\x0bA\x1c\r", [Skipped(2), Block(b"A")]),
    "tabs": (b"\t\x0bA\x1c\r\t", [Skipped(1), Block(b"A")]),
    "unframed HL7": (b"MSH|^~\\&|A\r", [Broken(Fault.NO_START, 0, OctetClass.LETTER)]),
    "TLS": (b"\x16\x03\x01", [Broken(Fault.TLS, 0)]),
    "the same octets later": (b"\r\x16\x03", [Skipped(1), Broken(Fault.NO_START, 1, OctetClass.CONTROL)]),
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
    "too large": (b"\x0b123456789\x1c", [too_large(9)]),
    "an empty block": (b"\x0b\x1c\x0bA\x1c", [Skipped(2), Block(b"A")]),
    "an empty block and its CR": (b"\x0b\x1c\r\x0bA\x1c", [Skipped(2), Block(b"A")]),
    "a byte-order mark": (b"\x0bA\x1c\xef\xbb\xbf\x0bB\x1c", [Block(b"A"), Skipped(3), Block(b"B")]),
    "an end byte sent twice": (b"\x0bA\x1c\x1c\x0bB\x1c", [Block(b"A"), Skipped(1), Block(b"B")]),
    "begun again in the middle": (b"\x0bAAA\x0bB\x1c", [BegunAgain(3, 4, b"AAA"), Block(b"B")]),
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
    "after an empty block": (b"\x0bA\x1c\r\x0b\x1c\r", [Block(b"A"), Skipped(3)]),
    "inside a block after strays": (b"\r\r\x0bA", [Skipped(2), Broken(Fault.UNFINISHED, 4)]),
    "inside a block": (b"\x0bA", [Broken(Fault.UNFINISHED, 2)]),
    "right after a start": (b"\x0bA\x1c\r\x0b", [Block(b"A"), Broken(Fault.UNFINISHED, 5)]),
    "inside the end": (b"\x0bA\x1c", [Broken(Fault.UNFINISHED, 3)]),
    "inside a long end": (b"\x0bA\x1c\n", [Broken(Fault.UNFINISHED, 4)]),
    "after a second start": (b"\x0bA\x0b", [BegunAgain(1, 2, b"A"), Broken(Fault.UNFINISHED, 3)]),
    "after noise": (b"X", [Broken(Fault.NO_START, 0, OctetClass.LETTER)]),
    "after too many strays": (b" " * (MOST_STRAY + 2), [Broken(Fault.TOO_MUCH_STRAY, MOST_STRAY)]),
    "at once": (b"", []),
}


@pytest.mark.parametrize("size", [1, 3, 1 << 20])
@pytest.mark.parametrize(("wire", "events"), ENDS.values(), ids=ENDS)
def test_end_of_stream(wire: bytes, events: list[Event], size: int) -> None:
    """The stream may end between blocks; an end inside a block is a fault; stray octets are counted at the end."""
    assert events == feed(Framer(LARGEST), cut(wire, size), eof=True)


def test_a_large_block_of_nothing() -> None:
    """Octets of an empty block count against the bound of stray octets, like blanks between blocks."""
    wire = frame(b" " * MOST_STRAY)
    assert [Broken(Fault.TOO_MUCH_STRAY, len(wire))] == feed(Framer(MOST_STRAY), [wire])
    assert reference.read(wire, MOST_STRAY, "1c0d") == feed(Framer(MOST_STRAY), [wire], eof=True)


def test_inside_block() -> None:
    """The caller can tell a stall inside a block from an idle peer."""
    framer = Framer(LARGEST)
    seen = []
    for piece in (b"\r", b"\x0b", b"A", b"\x1c", b"\r", b"\0", b"\x0b123456789"):
        framer.receive_data(piece)
        seen.append(framer.inside_block)
    assert [False, True, True, True, False, False, False] == seen


WIRES = st.lists(
    st.sampled_from(
        [b"\x0b", b"\x1c", b"\r", b"\x1c\r", b"\n", b"\0", b" ", b"A", b"\x0bAB\x1c\r", b"\xff", b"\xef\xbb\xbf"]
    ),
    max_size=40,
).map(b"".join)
SIZES = st.lists(st.integers(min_value=1, max_value=7), min_size=1, max_size=60)


def pieces_of(wire: bytes, sizes: list[int]) -> list[bytes]:
    """Cut *wire* into pieces of these *sizes*, and what is left."""
    ends = list(accumulate(sizes, initial=0))
    return [*(wire[at:end] for at, end in pairwise(ends)), wire[ends[-1] :]]


@given(WIRES, SIZES, st.sampled_from(["1c0d", "1c"]))
def test_any_cut_gives_the_same_events(wire: bytes, sizes: list[int], block_end: BlockEnd) -> None:
    """A stream read whole and the same stream in any pieces give the same events."""
    pieces = pieces_of(wire, sizes)
    whole = feed(Framer(LARGEST, block_end), [wire], eof=True)
    assert whole == feed(Framer(LARGEST, block_end), pieces, eof=True)


@given(WIRES, st.sampled_from(["1c0d", "1c"]))
def test_as_octet_by_octet(wire: bytes, block_end: BlockEnd) -> None:
    """The framer does what the plainest reading of the rules does."""
    assert reference.read(wire, LARGEST, block_end) == feed(Framer(LARGEST, block_end), [wire], eof=True)


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
    """The end of the stream returns the events that were not asked for before."""
    framer = Framer(LARGEST)
    assert [Block(b"A")] == framer.receive_data(b"\x0bA\x1c\r\x0bB\x1c\r\x0b", 1)
    assert framer.has_more
    assert [Block(b"B"), Broken(Fault.UNFINISHED, 9)] == framer.receive_eof()


@given(st.lists(st.binary(max_size=30)))
def test_hostile_octets(pieces: list[bytes]) -> None:
    """Nothing makes the framer raise, and nothing follows a broken stream."""
    events = feed(Framer(LARGEST), pieces, eof=True)
    assert not any(isinstance(event, Broken) for event in events[:-1])


PAYLOADS = st.binary(max_size=20).filter(lambda payload: not {0x0B, 0x1C} & {*payload} and payload.strip(STRAY))


@given(st.lists(PAYLOADS))
def test_frame_is_undone(payloads: list[bytes]) -> None:
    """What was framed comes out as it went in."""
    assert [Block(payload) for payload in payloads] == feed(Framer(20), [b"".join(map(frame, payloads))])


CONTENT = st.text("ABC\r\n ", min_size=1, max_size=6).map(lambda text: b"M" + text.encode() + b"Z")
"""No part of such a message is another one, so that a half of it is noticed."""


class Flaws:
    """Damage to a block by sender or line. A start lost behind a lost end is for ``hl7.batch`` to notice."""

    intact = staticmethod(frame)

    @staticmethod
    def begun_again(payload: bytes) -> bytes:
        """Send a part, then all of it."""
        return frame(payload)[: len(payload) // 2 + 1] + frame(payload)

    @staticmethod
    def begun_again_before_the_end(payload: bytes) -> bytes:
        """Send all but the end, then all of it."""
        return START + payload + frame(payload)

    @staticmethod
    def no_end(payload: bytes) -> bytes:
        """Lose the end."""
        return START + payload

    @staticmethod
    def no_cr(payload: bytes) -> bytes:
        """Lose the last octet of the end."""
        return START + payload + b"\x1c"

    @staticmethod
    def no_end_byte(payload: bytes) -> bytes:
        """Lose the first octet of the end."""
        return START + payload + b"\r"

    @staticmethod
    def doubled_start(payload: bytes) -> bytes:
        """Send the start twice."""
        return START + frame(payload)

    @staticmethod
    def doubled_end_byte(payload: bytes) -> bytes:
        """Send the first octet of the end twice."""
        return START + payload + b"\x1c" + END

    @staticmethod
    def doubled_end(payload: bytes) -> bytes:
        """Send the end twice."""
        return frame(payload) + END


FLAWS = [getattr(Flaws, name) for name in vars(Flaws) if not name.startswith("_")]


@given(st.lists(st.tuples(CONTENT, st.sampled_from(FLAWS)), max_size=8), SIZES, st.binary(max_size=3))
def test_what_arrives_was_sent(
    sent: list[tuple[bytes, Callable[[bytes], bytes]]], sizes: list[int], rest: bytes
) -> None:
    """Restarts, lost ends and doubled octets may cost messages, but what arrives is what was sent, and in order."""
    wire = b"".join(flaw(payload) for payload, flaw in sent) + rest
    events = feed(Framer(LARGEST), [*pieces_of(wire, sizes)], eof=True)
    arrived = [event.payload for event in events if isinstance(event, Block) and event.payload.strip(STRAY)]
    left = iter([payload for payload, _ in sent])
    assert all(payload in left for payload in arrived)


SURVIVED = [
    Flaws.intact,
    Flaws.begun_again,
    Flaws.begun_again_before_the_end,
    Flaws.doubled_start,
    Flaws.doubled_end_byte,
    Flaws.doubled_end,
    Flaws.no_cr,
]


@given(st.lists(st.tuples(CONTENT, st.sampled_from(SURVIVED)), max_size=8))
def test_what_survives(sent: list[tuple[bytes, Callable[[bytes], bytes]]]) -> None:
    """A flaw that leaves no doubt where a message begins and ends costs none."""
    wire = b"".join(flaw(payload) for payload, flaw in sent) + START
    arrived = [event.payload for event in feed(Framer(LARGEST), [wire]) if isinstance(event, Block)]
    assert [payload for payload, _ in sent] == arrived


def test_the_beginning_of_what_is_too_large() -> None:
    """Enough is kept to answer, and not more; it is in no text about the event."""
    (event,) = Framer(BEGINNING * 2).receive_data(b"\x0b" + b"MSH" * BEGINNING)
    assert isinstance(event, Broken)
    assert BEGINNING == len(event.beginning)
    assert "MSH" not in repr(event)


@pytest.mark.parametrize("size", [1, 100, BEGINNING * 2])
def test_the_beginning_of_what_was_dropped(size: int) -> None:
    """Of what came before a start inside a block enough is kept to answer, however it came, and it is in no text."""
    framer = Framer(BEGINNING * 2)
    pieces = cut(b"\x0b" + b"MSH" * BEGINNING, size)[: 2 * BEGINNING // size]
    (event,) = feed(framer, [*pieces, b"\x0b"])
    assert isinstance(event, BegunAgain)
    assert (b"MSH" * BEGINNING)[:BEGINNING] == event.beginning
    assert "MSH" not in repr(event)


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
    started = process_time()
    blocks = feed(Framer(16 << 20), pieces)
    assert process_time() - started < 5
    assert count == len(blocks)

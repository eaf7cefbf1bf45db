"""Blocks for Hypothesis: ordinary messages, and all that differs from one in a single thing or in several."""

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import strategies as st

BEGINNINGS = (
    b"MSH|^~\\&|",
    b"MSH|^~\\&#|",
    b"MSH^~|\\&^",
    b"MSH|^~\\&",
    b"MSHAAAAAA",
    b"\xef\xbb\xbfMSH|^~\\&|",
    b"PID|",
    b"",
)
NAMES = b"", b"HIS", b"A\\T\\B", b"\xc3\xa9", b"\xb0|", b"MSH", b"BTS", b"\x1b$B|"
TYPES = b"ADT^A01", b"ORU^R01^ORU_R01", b"ACK", b"ACK^A01", b" ACK ", b"", b"^A01", b" ", b"ADT"
CONTROL_IDS = b"C1", b"", b"a-b", b" C1 ", b"\xc3\xa9", b"A\\F\\B", b"C1^2", b"9" * 199, b"9" * 200, b"x" * 2000
VERSIONS = b"2.5.1", b"2.3", b"", b"new"
CONDITIONS = b"", b"AL", b"NE", b"ER", b"SU", b"al", b"XX", b" "
CHARSETS = b"", b"~ISO IR87", b"BIG-5", b"SHIFT_JIS", b"nonsense"
ENDS = b"\r", b"\n", b"\r\n", b"", b"\r\r"
SEGMENTS = (
    b"PID|1||0000001^^^TEST^MR||TEST^NOBODY\r",
    b"OBX|1|TX|||a text\nof two lines\r",
    b"OBX|1|TX|||MSH|^~\\&|A|B|C|D|2024||ADT^A01|C2|P|2.5\r",
    b"MSH|^~\\&|A|B|C|D|2024||ADT^A01|C2|P|2.5\r",
    b"\nMSH|^~\\&|A|B|C|D|2024||ADT^A01|C2|P|2.5\r",
    b"OBX|1|TX|||of MSH, BTS and FTS\r",
    b"BTS|1\r",
    b"FTS\r",
    b"BHS|^~\\&|A\r",
)


T = TypeVar("T")


def usual(value: T, others: Sequence[T]) -> st.SearchStrategy[T]:
    """Return mostly *value*: so a third of all blocks is ordinary, and the others differ from one in few things."""
    return st.sampled_from([value] * 7 * len(others) + list(others))


@st.composite
def blocks(draw: st.DrawFn) -> bytes:
    """Return a block."""
    middle = [draw(usual(b"HIS", NAMES)) for _ in range(4)] + [b"2024", b""]
    fields = [*middle, draw(usual(b"ADT^A01", TYPES)), draw(usual(b"C1", CONTROL_IDS)), b"P"]
    fields += [
        draw(usual(b"2.5.1", VERSIONS)),
        b"",
        b"",
        *(draw(usual(b"", CONDITIONS)) for _ in range(2)),
        b"",
        b"8859/1",
    ]
    header = draw(usual(BEGINNINGS[0], BEGINNINGS)) + b"|".join(fields[: draw(usual(16, range(16)))])
    tail = b"".join(draw(st.lists(usual(SEGMENTS[0], SEGMENTS), max_size=4)))
    return header + draw(usual(b"\r", ENDS)) + tail + draw(usual(b"", (b"", b"\0", b"\x1a", b"PID")))

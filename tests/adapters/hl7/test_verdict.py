"""What an answer says about a message."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.hl7.verdict import LONGEST_ID, Verdict, read_any, read_verdict
from tests.adapters.hl7.blocks import usual

ANSWERS = {
    "accepted": (b"MSH|^~\\&|\rMSA|AA|C1\r", Verdict("AA", b"C1")),
    "lower case": (b"MSH|^~\\&|\rMSA|ae|C1\r", Verdict("AE", b"C1")),
    "escaped": (b"MSH|^~\\&|\rMSA|CA|C\\T\\1\r", Verdict("CA", b"C&1")),
    "no MSA-2": (b"MSH|^~\\&|\rMSA|AA\r", Verdict("AA", b"")),
    "unknown code": (b"MSH|^~\\&|\rMSA|OK|C1\r", None),
    "an MSA in a note": (b"MSH|^~\\&|\rNTE|1||MSA|AA|C1\r", None),
    "an MSA behind a line feed in a note": (b"MSH|^~\\&|\rNTE|1||\nMSA|AA|C1\r", None),
    "two": (b"BHS|^~\\&|\rMSH|\rMSA|AA|C1\rMSH|\rMSA|AA|C2\r", None),
    "no header": (b"MSA|AA|C1\r", None),
    "nothing": (b"", None),
    "half a header": (b"MSH", None),
}


@pytest.mark.parametrize(("answer", "expected"), ANSWERS.values(), ids=ANSWERS)
def test_read(answer: bytes, expected: Verdict | None) -> None:
    """One MSA with a known code is read; anything else is no verdict."""
    assert expected == read_verdict(answer)


def test_sorts() -> None:
    """Commit and application, positive and negative answers differ."""
    assert (True, True) == (Verdict("CA", b"").is_positive, Verdict("CA", b"").is_commit)
    assert (False, False) == (Verdict("AE", b"").is_positive, Verdict("AE", b"").is_commit)


BEGINNINGS = (
    b"MSH|^~\\&#|R",
    b"MSH^~|\\&^R",
    b"MSH",
    b"BHS|^~\\&|R",
    b"\xef\xbb\xbfMSH|^~\\&|R",
    b"PID|",
    b"MSH|^~\\&|MSA|AA",
)
ENDS = b"\n", b"\r\n", b"\r\r", b""
CODES = b"AE", b"CA", b"ca", b" AA ", b"OK", b""
NAMED = b"a-b", b" C1 ", b"", b"A\\F\\B", b"\xc3\xa9", b"9" * LONGEST_ID, b"9" * (LONGEST_ID + 1)
BEHIND = b"", b"|text|", b"||MSA", b"^2"
RESTS = b"ERR||PID^1|101\r", b"MSA|AE|C2\r", b"NTE|1||MSA|AE|C2\r", b"NTE|1||\nMSA|AE|C2\r", b"BTS|1\r", b"\n"


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    """Return an answer: most are ordinary, or differ from an ordinary one in a few things."""
    end = draw(usual(b"\r", ENDS))
    msa = b"MSA|" + b"|".join((draw(usual(b"AA", CODES)), draw(usual(b"C1", NAMED))))
    beginning = draw(usual(b"MSH|^~\\&|R|R", BEGINNINGS))
    return beginning + end + msa + draw(usual(b"", BEHIND)) + draw(usual(b"\r", ENDS)) + draw(usual(b"", RESTS))


@settings(max_examples=1000)
@given(answers())
def test_same_as_the_general_way(answer: bytes) -> None:
    """An answer that is read in a few calls says what the general way reads."""
    assert read_any(answer) == read_verdict(answer)

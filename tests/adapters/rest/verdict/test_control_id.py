"""Whether MSA-2 names the message that was sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.rest.verdict.acknowledgement import ANOTHER, read_acknowledgement
from adapters.rest.verdict.control_id import ANYTHING, Rule, asked
from gateway.contract.outcome import Refused, Stored

LONG = "20240501120000-0001-A-42"


def message(control_id: str, delimiters: str = "|^~\\&") -> bytes:
    """Return a message with this MSH-10."""
    head = f"MSH{delimiters}#P#B#S#A#20240501##ADT^A01#{control_id}#P#2.5\rEVN#A01\r"
    return head.replace("#", delimiters[0]).encode("latin-1")


def answer(named: str, code: str = "AA", delimiters: str = "|^~\\&", charset: str = "latin-1") -> bytes:
    """Return an acknowledgement with this MSA-2."""
    head = f"MSH{delimiters}#S#A#P#B#20240501##ACK#99#P#2.5\rMSA#{code}#{named}#text\r"
    return head.replace("#", delimiters[0]).encode(charset)


ANSWERS: dict[str, tuple[bytes, Rule, bytes, bool]] = {
    "ours": (message("42"), "whole", answer("42"), True),
    "ours, with blanks": (message("42"), "whole", answer(" 42 "), True),
    "ours, blanks in the message": (message(" 42"), "whole", answer("42"), True),
    "ours, after a byte order mark": (b"\xef\xbb\xbf" + message("42"), "whole", answer("42"), True),
    "ours, lines end in LF": (message("42").replace(b"\r", b"\n"), "whole", answer("42"), True),
    "ours, other delimiters": (message("4&2"), "whole", answer("4\\T\\2"), True),
    "ours, other field separator": (message("42"), "whole", answer("42", delimiters="*^~\\&"), True),
    "ours, another character set": (message("M\xfc42"), "whole", answer("M\xfc42", charset="utf-8"), True),
    "another's": (message("42"), "whole", answer("43"), False),
    "the one before": (message("10"), "whole", answer("9"), False),
    "longer than ours": (message("42"), "whole", answer("421"), False),
    "the beginning of ours": (message("42"), "whole", answer("4"), False),
    "another case": (message("a42"), "whole", answer("A42"), False),
    "its own MSH-10": (message("42"), "whole", answer("99"), False),
    "the first 20 of ours": (message(LONG), "whole", answer(LONG[:20]), False),
    "the first 20 of ours, by setting": (message(LONG), "first_20", answer(LONG[:20]), True),
    "all of ours, by setting": (message(LONG), "first_20", answer(LONG), True),
    "the first 19 of ours, by setting": (message(LONG), "first_20", answer(LONG[:19]), False),
    "the first 20 of another": (message(LONG), "first_20", answer("9" + LONG[1:20]), False),
    "anything, by setting": (message("42"), "any", answer("43"), True),
    "names nothing": (message("42"), "whole", answer(""), True),
    "ours has none": (message(""), "whole", answer("43"), True),
    "ours is too short for one": (b"MSH|^~\\&|P\r", "whole", answer("43"), True),
    "ours is no HL7": (b"hello", "whole", answer("43"), True),
    "ours is empty": (b"", "whole", answer("43"), True),
}
"""The message, the setting, the acknowledgement, and whether it may be about the message."""


@pytest.mark.parametrize(("sent", "rule", "reply", "ours"), ANSWERS.values(), ids=ANSWERS)
def test_positive(sent: bytes, rule: Rule, reply: bytes, ours: bool) -> None:
    """An acknowledgement of another message does not say that this one is stored."""
    assert (Stored(reply=reply) if ours else ANOTHER) == read_acknowledgement(reply, asked(sent, rule))


@pytest.mark.parametrize("code", ["AE", "AR", "CE", "CR"])
def test_negative(code: str) -> None:
    """A refusal of another message is not accepted either, and the peer does not get it."""
    question = asked(message("42"), "whole")
    assert isinstance(read_acknowledgement(answer("42", code), question), Refused)
    assert ANOTHER == read_acknowledgement(answer("43", code), question)


def test_without_msa_2() -> None:
    """An acknowledgement that ends after its code names no message."""
    reply = answer("").replace(b"|AA||text", b"|AA")
    assert Stored(reply=reply) == read_acknowledgement(reply, asked(message("42"), "whole"))


@given(st.binary(), st.binary())
def test_never_raises(sent: bytes, reply: bytes) -> None:
    """Any octets are compared without an error."""
    assert ANYTHING == asked(b"MSH" + sent, "any")
    read_acknowledgement(b"MSH" + reply, asked(b"MSH" + sent, "whole"))
    read_acknowledgement(b"MSH|^~\\&\rMSA|AA|" + reply, asked(sent, "first_20"))

"""Segments, and texts with escape sequences."""

import pytest

from adapters.fhir.reading import MOST_SEGMENTS, NULL, OTHER, TOO_MANY, Delimiters, read_message
from adapters.hl7.charset import UNKNOWN
from adapters.hl7.outbound import NO_HEADER
from gateway.contract.outcome import Refused
from tests.adapters.fhir.making import PID, message

TEXTS = {
    r"a\F\b\S\c\T\d\R\e\E\f": "a|b^c&d~e\\f",
    r"one\.br\two\.sp2\three": "one\ntwo\n\nthree",
    r"\H\bold\N\ text": "bold text",
    r"\X41\\X0D\B": "A\rB",
    r"\Zlocal\ stays": r"\Zlocal\ stays",
    "  blanks \x07 bell ": "blanks  bell",
    '""': "",
}


@pytest.mark.parametrize(("raw", "text"), TEXTS.items())
def test_text(raw: str, text: str) -> None:
    """Delimiters and layout are decoded, unknown sequences stay, control characters go."""
    assert text == Delimiters("|", "^~\\&").text(raw)


def test_segments() -> None:
    """Fields have their numbers, in MSH too, and occurrences are counted."""
    found = read_message(message(PID, "OBX|1", "OBX|2"))
    assert not isinstance(found, Refused)
    assert ("ADT^A01", "C1") == (found.header.get(9), found.header.get(10))
    assert "OBX[2]-5" == found.segments[-1].place(5)


def test_unread() -> None:
    """A segment tells which of its fields with a value nothing has read."""
    found = read_message(message("PID|1||7|||||M"))
    assert not isinstance(found, Refused)
    pid = found.segments[1]
    pid.get(3)
    assert ([1, 8], "M") == (list(pid.unread()), pid.peek(8))


REFUSED = {
    "no header": (b"PID|1", NO_HEADER),
    "an unknown character set": (b"MSH|^~\\&|A|B|||1||ADT^A01|1|P|2.5||||||KLINGON\r", UNKNOWN),
    "too many segments": (message(*["NTE"] * (MOST_SEGMENTS + 1)), TOO_MANY),
}


@pytest.mark.parametrize(("data", "reason"), REFUSED.values(), ids=REFUSED)
def test_refused(data: bytes, reason: Refused) -> None:
    """What cannot be read is refused."""
    assert reason == read_message(data)


def test_names() -> None:
    """A line that begins with no name of a segment is one without a name: it may be a patient's."""
    found = read_message(message("DOE|x", "ZPD|y", "a text"))
    assert not isinstance(found, Refused)
    assert ["MSH", OTHER, "ZPD", OTHER] == [each.name for each in found.segments]


NULLS = {
    '""': True,
    '"" ': True,
    '""^""^""': True,
    '""~""': True,
    '""^^~': True,
    '""&""': True,
    '""^a': False,
    '""""': False,
    'a""': False,
}


@pytest.mark.parametrize(("raw", "is_null"), NULLS.items())
def test_null_in_parts(raw: str, is_null: bool) -> None:
    """A field deletes its value if each part of it does that is not empty."""
    found = read_message(message(f"PID|1|{raw}"))
    assert not isinstance(found, Refused)
    assert is_null == (found.segments[1].get(2) == NULL)


@pytest.mark.parametrize(("digits", "text"), [("C3A9", "é"), ("E9", "é"), ("41", "A")])
def test_hexadecimal(digits: str, text: str) -> None:
    """Hexadecimal digits are UTF-8 if they can be."""
    assert text == Delimiters("|", "^~\\&").text(f"\\X{digits}\\")

"""A message's text, cut into segments, and the names of places in it."""

import pytest

from adapters.hl7.validation.reading import Place, Separators, read_segments

STANDARD = Separators.of(b"|", b"^~\\&#")


def test_fields_are_numbered_as_the_standard_does() -> None:
    """MSH-1 is the separator itself; in all other segments field 1 stands behind the name."""
    msh, pid = read_segments("MSH|^~\\&|A\rPID|1||X\r", STANDARD, b"\r")
    assert ["|", "^~\\&", "A", ""] == [msh.field(number) for number in (1, 2, 3, 4)]
    assert ["1", "", "X", ""] == [pid.field(number) for number in (1, 2, 3, 4)]


def test_segments_are_counted_by_their_name() -> None:
    """Each segment knows which one of its name it is, and which one of all."""
    segments = read_segments("MSH|\r\n\nOBX|1\r\nNTE|\r\n OBX|2\r\n", STANDARD, b"\r\n")
    assert [("MSH", 1, 1), ("OBX", 1, 2), ("NTE", 1, 3), ("OBX", 2, 4)] == [
        (each.name, each.occurrence, each.ordinal) for each in segments
    ]


def test_a_line_feed_is_text_where_cr_ends_segments() -> None:
    """The caller says what ends a segment."""
    assert ["MSH", "OBX"] == [each.name for each in read_segments("MSH|\rOBX|a\nNTE|b\r", STANDARD, b"\r")]


@pytest.mark.parametrize(("value", "blank"), {"": True, "^^~&": True, " ": True, '""': False, "^A": False}.items())
def test_blank(value: str, blank: bool) -> None:
    """A field of separators alone is blank; the null value is not."""
    assert blank == STANDARD.is_blank(value)


@pytest.mark.parametrize("encoding", [b"^", b"^~", b"^~\\"])
def test_missing_encoding_characters_divide_nothing(encoding: bytes) -> None:
    """Where MSH-2 is short, what it leaves out does not occur."""
    assert ["a~b&c"] == "a~b&c".split(Separators.of(b"|", encoding).parts[1])


PLACES = {
    Place("PID"): ("PID", "PID^1"),
    Place("PID", 1, 5, 1): ("PID-5", "PID^1^5^1"),
    Place("OBX", 2, 5, 3, 1): ("OBX[2]-5[3].1", "OBX^2^5^3^1"),
    Place("PID", 1, 3, 1).part(4, 0).part(2, 1): ("PID-3.4.2", "PID^1^3^1^4^2"),
}


@pytest.mark.parametrize(("place", "expected"), PLACES.items(), ids=str)
def test_places(place: Place, expected: tuple[str, str]) -> None:
    """A place is written for people, and as ERL."""
    assert expected == (str(place), place.location)

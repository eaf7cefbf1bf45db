"""The lazy header reader."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.hl7.er7 import STANDARD, Delimiters, Header, lead

ADT = (
    b"MSH|^~\\&|HIS^1.2^ISO|HOSPITAL|LAB|WARD|20240102030405||ADT^A01^ADT_A01|C1|P^T|2.5.1^DEU|||AL|NE||8859/1~UTF-8\r"
)


def read(data: bytes, charset: str | None = None) -> Header:
    """Return the header, which must be there."""
    header = Header.parse(data, charset)
    assert header is not None
    return header


SHAPES = {
    "CR": b"MSH|^~\\&|A|B\rPID|1",
    "LF": b"MSH|^~\\&|A|B\nPID|1",
    "CRLF": b"MSH|^~\\&|A|B\r\nPID|1",
    "no end": b"MSH|^~\\&|A|B",
    "byte-order mark": b"\xef\xbb\xbfMSH|^~\\&|A|B\r",
    "blank lines before": b"\r\n\r\nMSH|^~\\&|A|B\r",
    "mark and blank lines": b"\xef\xbb\xbf\r\nMSH|^~\\&|A|B\r",
    "a second start block": b"\x0bMSH|^~\\&|A|B\r",
    "five encoding characters": b"MSH|^~\\&#|A|B\r",
    "other delimiters": b"MSH#!@%*#A#B\r",
    "two encoding characters": b"MSH|^~|A|B\r",
    "cut short": b"MSH|NK1|A|B\r",
}


@pytest.mark.parametrize("data", SHAPES.values(), ids=SHAPES)
def test_shapes(data: bytes) -> None:
    """Whatever surrounds it and whatever divides it, the fields are found."""
    header = read(data)
    assert header.usable
    assert (b"A", b"B", b"") == (header.field(3), header.field(4), header.field(5))


DELIMITERS = {
    "standard": (b"MSH|^~\\&|", b"|", b"^~\\&"),
    "five": (b"MSH|^~\\&#|", b"|", b"^~\\&#"),
    "other": (b"MSH#!@%*#", b"#", b"!@%*"),
    "swapped": (b"MSH^~|\\&^", b"^", b"~|\\&"),
    "too short": (b"MSH|^~|", b"|", b"^~"),
    "overwritten": (b"MSH|NK1|", b"|", b"^~\\&"),
    "missing": (b"MSH|", b"|", b"^~\\&"),
}


@pytest.mark.parametrize(("data", "field", "encoding"), DELIMITERS.values(), ids=DELIMITERS)
def test_delimiters(data: bytes, field: bytes, encoding: bytes) -> None:
    """MSH-1 and MSH-2 come from the message; what it lacks is HL7's recommendation."""
    assert Delimiters(field, encoding) == read(data).delimiters


@pytest.mark.parametrize(
    "data", [b"MSH", b"MSH\r|^~\\&|A", b"MSHX|^~\\&|A", b"MSH\xa6^~\\&|A", b"MSH^NK1^A", b"MSH \x1c"]
)
def test_unusable(data: bytes) -> None:
    """Without a usable MSH-1 the header stands, but has no fields."""
    header = read(data)
    assert not header.usable
    assert STANDARD == header.delimiters
    assert b"" == header.field(3)


@pytest.mark.parametrize(
    "data", [b"", b"PID|1", b"EVN|\rMSH|^~\\&|", b"FHS|^~\\&|", b"M", "MSH|^~\\&|".encode("utf-16")]
)
def test_no_header(data: bytes) -> None:
    """If MSH is not first, there is no header."""
    assert Header.parse(data) is None


def test_segment_end() -> None:
    """With `cr`, a line feed is data of the field that holds it."""
    header = Header.parse(b"MSH|^~\\&|A\nB|C\rPID|1", segment_end="cr")
    assert header is not None
    assert b"A\nB" == header.field(3)


def test_fields() -> None:
    """Fields stay the octets received; components and repetitions are cut on request."""
    header = read(ADT)
    assert b"HIS^1.2^ISO" == header.field(3)
    assert b"HIS" == header.first(3)
    assert ("HIS", "1.2", "ISO", "") == tuple(header.text(3, number) for number in (1, 2, 3, 4))
    assert b"" == header.field(99)
    assert ["8859/1", "UTF-8"] == header.charsets()


def test_charset_name_that_holds_a_delimiter() -> None:
    """The name of a character set is escaped as any other text, and read so."""
    assert ["UNICODE UTF-8", "8859/1"] == read(b"MSH-^~\\&" + 16 * b"-" + b"UNICODE UTF\\F\\8~8859/1").charsets()


def test_text_is_decoded() -> None:
    """People read fields in the message's character set, or in the listener's override."""
    data = b"MSH|^~\\&|A|M\xfcnchen|||||ADT^A01||||||||%s\r"
    assert "München" == read(data % b"|8859/1").text(4)
    assert "München" == read(data % b"", charset="8859/1").text(4)
    assert "M\ufffdnchen" == read(data % b"|ASCII").text(4)


def test_half_a_character_is_no_delimiter() -> None:
    """院 is B0 7C in BIG-5; its second octet does not end the field."""
    fields = [
        "MSH",
        "^~\\&",
        "HIS",
        "台大醫院",
        "R",
        "F",
        "20240101",
        "",
        "ADT^A01",
        "C1",
        "P",
        "2.5",
        *[""] * 5,
        "BIG-5",
    ]
    header = read("|".join(fields).encode("big5"))
    assert "台大醫院" == header.text(4)
    assert (b"C1", b"BIG-5") == (header.field(10), header.field(18))
    assert b"C1" == read("|".join(fields[:12]).encode("big5"), charset="BIG-5").field(10)


def test_escape_sequences_in_japanese_hold_no_delimiter() -> None:
    """Between ISO 2022 escape sequences every octet is half a character."""
    data = b"MSH|^~\\&|HIS|\x1b$B0|0^\x1b(B^2|R|F|||ADT^A01|C1|P|2.5||||||~ISO IR87\r"
    assert ("淫緯", "2") == (read(data).text(4), read(data).text(4, 2))
    assert b"C1" == read(data).field(10)


@given(st.text(), st.sampled_from([STANDARD, Delimiters(b"#", b"!@%*"), Delimiters(b"|", b"^~\\&#")]))
def test_unescape_undoes_escape(text: str, delimiters: Delimiters) -> None:
    """Printable ASCII survives escaping, and no delimiter survives in it."""
    ascii_text = "".join(char for char in text if " " <= char <= "~")
    escaped = delimiters.escape(ascii_text).decode()
    assert ascii_text == delimiters.unescape(escaped)
    assert not set(escaped) & set((delimiters.field + delimiters.encoding[:2] + delimiters.encoding[3:4]).decode())


@pytest.mark.parametrize(
    ("text", "expected"),
    [("A|B", b"A\\F\\B"), ("^~&\\", b"\\S\\\\R\\\\T\\\\E\\"), ("line\r\nend", b"line  end"), ("Ä", b"?")],
)
def test_escape(text: str, expected: bytes) -> None:
    """Delimiters become escape sequences, control characters spaces, other alphabets question marks."""
    assert expected == STANDARD.escape(text)


def test_escape_without_escape_character() -> None:
    """A message that has no escape character gets spaces for delimiters."""
    assert b"A B" == Delimiters(b"|", b"^~").escape("A|B")


@pytest.mark.parametrize(("data", "expected"), [(b"MSH", 0), (b"\xef\xbb\xbf\r\nMSH", 5), (b"", 0), (b"PID", 0)])
def test_lead(data: bytes, expected: int) -> None:
    """The octets before the first segment are counted."""
    assert expected == lead(data)


@given(st.binary(max_size=200), st.sampled_from([None, "BIG-5", "nonsense", "~ISO IR87"]))
def test_never_raises(tail: bytes, charset: str | None) -> None:
    """No header makes the reader raise, and what it reads came from the header."""
    header = Header.parse(b"MSH" + tail, charset)
    assert header is not None
    assert all(header.field(number) in b"MSH" + tail for number in range(2, 30)) or charset or b"\x1b" in tail


def test_a_long_lead_is_no_header() -> None:
    """Only a limited number of blank lines is searched for a header."""
    assert Header.parse(b"\r\n" * 1_000_000 + b"MSH|^~\\&|") is None


def test_a_header_of_delimiters_stays_small() -> None:
    """A hostile header of nothing but delimiters is split only up to a limit."""
    assert len(read(b"MSH|^~\\&|" + b"|" * 1_000_000).fields) < 40

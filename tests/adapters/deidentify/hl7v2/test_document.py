"""Messages are read with their own delimiters, escapes and character sets, and written back the same."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.hl7v2 import document
from adapters.deidentify.hl7v2.document import Document, read


def whole(data: bytes, charset: str | None = None) -> Document:
    """Return a message of which every field is kept."""
    found = read(data, charset)
    for segment in found.segments:
        for number in segment.given():
            segment.keep(number)
    return found


WELL_FORMED = "MSH|^~\\&|A|B\rPID|1||7^^^H&1.2&ISO~8\rZZ1|x\r"


@pytest.mark.parametrize(
    "data",
    [
        WELL_FORMED,
        WELL_FORMED.replace("|", "#").replace("^", "$"),
        "MSH|^~\\&|A\rOBX|1|ST|||a\\F\\b\\.br\\c\r",
        "MSH|^~|A\rPID|1||a&b\\c\r",
        "MSH|^~\\&#|A\rPID|1||a#b\r",
    ],
)
def test_same(data: str) -> None:
    """What nobody changes is written as it was."""
    assert whole(data.encode()).encoded() == data.encode()


def test_line_ends() -> None:
    """Line feeds become CR and LF throughout; NUL and blank lines go; trailing delimiters too."""
    found = whole(b"\xef\xbb\xbfMSH|^~\\&|A||\nPID|1||\n\n\0\n")
    assert found.encoded() == b"MSH|^~\\&|A\r\nPID|1\r\n"


@pytest.mark.parametrize(
    ("charset", "codec", "name"),
    [
        ("UNICODE UTF-8", "utf-8", "Müller"),
        ("8859/1", "latin-1", "Müller"),
        ("8859/5", "iso8859_5", "Иванов"),
        ("~ISO IR87", "iso2022_jp", "山田"),
        ("GB 18030-2000", "gb18030", "王"),
        ("KS X 1001", "euc_kr", "김"),
        ("UTF-8", "utf-8", "Ångström"),
    ],
)
def test_character_sets(charset: str, codec: str, name: str) -> None:
    """Text is read and written in the character set of the message."""
    data = f"MSH|^~\\&{'|' * 16}{charset}\rPID|1||||{name}\r".encode(codec)
    found = whole(data)
    assert found.segments[1].keep(5)[0][0][0].raw == name
    assert found.encoded() == data


def test_listener_overrides_the_character_set() -> None:
    """The listener knows what a peer really sends."""
    assert whole("MSH|^~\\&\rPID|é\r".encode("latin-1"), "8859/1").segments[1].keep(1)[0][0][0].raw == "é"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no MSH"),
        (b"PID|1\r", "no MSH"),
        (b"MSH", "no MSH"),
        (b"MSHX^~\\&|A\r", "no MSH"),
        (b"MSH|^~\\&\rPID|M\xfcller\r", "octets"),
        (b"MSH|^~\\&" + b"|" * 16 + b"KLINGON\rPID|Smith\r", "octets"),
        (b"MSH|^~\\&\rSmith, John\r", "no segment"),
        (b"MSH|^~\\&\rpid|1\r", "no segment"),
        (b"MSH|^^\\&\rPID|1\r", "same character"),
    ],
)
def test_held_back(data: bytes, why: str) -> None:
    """What cannot be read with certainty is held back, without a word of it."""
    with pytest.raises(HeldBackError) as caught:
        read(data)
    assert any(each in str(caught.value) for each in why.split("|"))
    assert "Smith" not in str(caught.value)
    assert "KLINGON" not in str(caught.value)


def test_many_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message of delimiters alone does not fill the memory."""
    monkeypatch.setattr(document, "MOST_LEAVES", 100)
    for delimiter in (b"^", b"~", b"&"):
        with pytest.raises(HeldBackError, match="parts"):
            whole(b"MSH|^~\\&\rPID|" + delimiter * 101 + b"\r")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("a\\F\\b", "a|b"),
        ("Sm\\X6974\\h", "Smith"),
        ("Sm\\H\\ith", "Smith"),
        ("S\\.br\\mith", "Smith"),
        ("S\\X6D6\\ith", "Smith"),  # half an octet
        ("plain", "plain"),
    ],
)
def test_said(raw: str, said: str) -> None:
    """What a reader would read is searched, whatever sequences are between its letters."""
    assert said in read(b"MSH|^~\\&|\r").said(raw)


def test_only_what_is_kept_is_written() -> None:
    """A field that was read and not kept is not written, nor one that nobody asked for."""
    found = read(b"MSH|^~\\&|A|B\rPID|1||7|8\r")
    segment = found.segments[1]
    assert segment.field(3) is not None
    segment.keep(4)
    assert segment.field(9) is None
    with pytest.raises(KeyError):
        segment.keep(9)
    assert found.encoded() == b"MSH|^~\\&\rPID||||8\r"


@pytest.mark.parametrize("header", ["MSH|NK1|A", "MSH|Smith|A", "MSH|^~\\&#$%Smith|A"])
def test_text_in_place_of_delimiters(header: str) -> None:
    """MSH-2 is written as delimiters, also where a sender has put a text there."""
    made = whole(f"{header}\rPID|1\r".encode()).encoded()
    assert made.startswith(b"MSH|^~\\&")
    assert b"Smith" not in made
    assert b"NK1" not in made


def test_not_writable() -> None:
    """A text that its character set does not have is held back when it is written."""
    found = read(b"MSH|^~\\&" + b"|" * 16 + b"8859/1\rPID|a\r")
    found.segments[1].keep(1)[0][0][0].raw = "山"
    with pytest.raises(HeldBackError, match="cannot be written"):
        found.encoded()


@given(st.binary(max_size=200), st.booleans())
def test_any_octets(data: bytes, has_header: bool) -> None:
    """Whatever comes is read or held back."""
    with suppress(HeldBackError):
        whole((b"MSH|^~\\&|A\r" if has_header else b"") + data).encoded()

"""Where octets may be cut, and how texts are written, in each character set."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.hl7.charset import JAPANESE, UNDECODABLE, UNKNOWN, WIDER, codec
from adapters.hl7.editing.alphabet import Alphabet

WITH_HALVES = {
    "ISO IR13": "shift_jis",
    "WINDOWS-31J": "cp932",
    "BIG-5": "big5",
    "CP950": "cp950",
    "BIG5-HKSCS": "big5hkscs",
    "GB 18030-2000": "gb18030",
    "ISO IR87": JAPANESE,
}
WITHOUT_HALVES = ["", "UNICODE UTF-8", "8859/1", "KOI8-R", "EUC-JP", "KS X 1001", "CP949", "KLINGON"]
DELIMITERS = "|^~\\&#$"


def letters_with_halves(known: str) -> str:
    """Return characters of which one octet is that of a delimiter."""
    halves = [
        bytes((lead, trail)) for lead in range(0x21, 0xFF) for trail in b"|^~\\&#$" if known == JAPANESE or lead > 127
    ]
    if known == JAPANESE:
        halves = [b"\x1b$B" + pair + b"\x1b(B" for pair in halves if pair[0] < 0x7F]
    texts = [pair.decode(known, "ignore") for pair in halves]
    return "".join(text for text in texts if len(text) == 1 and is_written(text, known))


def is_written(text: str, known: str) -> bool:
    """Whether the character set has *text*."""
    return text == text.encode(known, "ignore").decode(known)


@pytest.mark.parametrize(("name", "known"), WITH_HALVES.items(), ids=WITH_HALVES)
@given(data=st.data())
def test_split_is_that_of_the_text(name: str, known: str, data: st.DataObject) -> None:
    """Octets are cut where the text has the delimiter, however many of its octets look like one."""
    letter = st.sampled_from(letters_with_halves(known) + "a|^&é")
    text = data.draw(st.text(letter, max_size=12).filter(lambda text: is_written(text, known)))
    octets = b"|".join(part.encode(known) for part in text.split("|"))
    parts = Alphabet([name], octets).split(octets, b"|")
    assert text.split("|") == [part.decode(known) for part in parts]
    assert octets == b"|".join(parts)


@pytest.mark.parametrize("name", [*WITH_HALVES, *WITHOUT_HALVES])
@given(octets=st.binary(max_size=40), delimiter=st.sampled_from([char.encode() for char in DELIMITERS]))
def test_split_loses_nothing(name: str, octets: bytes, delimiter: bytes) -> None:
    """Joined again, any octets are the same ones; where they are no text of the set, octets decide."""
    alphabet = Alphabet([name], octets)
    parts = alphabet.split(octets, delimiter)
    assert octets == delimiter.join(parts)
    if alphabet.read(octets) in (UNKNOWN, UNDECODABLE):
        assert octets.split(delimiter) == parts


@pytest.mark.parametrize("name", [*WITH_HALVES, *WITHOUT_HALVES])
@given(text=st.text(st.characters(exclude_categories=["Cc"]), max_size=8))
def test_what_is_written_is_read(name: str, text: str) -> None:
    """A text is written so that reading gives the same text, or not at all."""
    alphabet = Alphabet([name], b"")
    octets = alphabet.write(text)
    assert octets is None or text == alphabet.read(octets)
    assert octets is not None or not text.isascii()


WRITTEN: dict[str, tuple[list[str], str, bytes | None]] = {
    "ASCII in any set": (["KLINGON"], "A", b"A"),
    "no set is UTF-8": ([""], "Ä", "Ä".encode()),
    "ISO 8859-1": (["8859/1"], "Ä", b"\xc4"),
    "ISO 8859-1 by its word": (["8859/1"], "€", None),
    "Windows": (["WINDOWS-1252"], "€", b"\x80"),
    "ASCII": (["ASCII"], "Ä", None),
    "kanji that the message names": (["", "ISO IR87"], "山", b"\x1b$B;3\x1b(B"),
    "JIS X 0212 that it does not name": (["", "ISO IR87"], "é", None),
    "JIS X 0212": (["", "ISO IR87", "ISO IR159"], "é", b"\x1b$(D+1\x1b(B"),
    "kana that it does not name": (["", "ISO IR87"], "ｱ", None),
    "kana": (["", "ISO IR87", "ISO IR13"], "ｱ", b"\x1b(I1\x1b(B"),
    "a yen that would be a backslash": (["SHIFT-JIS"], "¥", None),
    "a yen in JIS X 0201 Roman": (["", "ISO IR87"], "¥", None),
    "half of a surrogate": ([""], "\ud800", None),
}


@pytest.mark.parametrize(("names", "text", "octets"), WRITTEN.values(), ids=WRITTEN)
def test_write(names: list[str], text: str, octets: bytes | None) -> None:
    """A text is written in the sets that the message names, in their strict definition."""
    assert octets == Alphabet(names, b"").write(text)


@pytest.mark.parametrize("name", [*WITH_HALVES, *WITHOUT_HALVES])
@given(octets=st.binary(max_size=12))
def test_what_is_written_again_is_the_same_text(name: str, octets: bytes) -> None:
    """A text that was read can be written, and is read again, but where a set and the wider one differ."""
    alphabet = Alphabet([name], octets)
    text = alphabet.read(octets)
    if isinstance(text, str):
        again = alphabet.write_again(text)
        assert again is not None
        assert codec([name]) in WIDER or text == alphabet.read(again)


def test_a_set_that_is_not_named() -> None:
    """A message that names no set and is not UTF-8 can get ASCII alone: nobody knows what its set is."""
    alphabet = Alphabet([""], b"M\xfcller")
    assert (b"A", None) == (alphabet.write("A"), alphabet.write("Ä"))


@pytest.mark.parametrize(("name", "octets"), [("SHIFT-JIS", b"\x87\x40"), ("8859/1", b"\x80"), ("BIG-5", b"\xf9\xd6")])
def test_written_again(name: str, octets: bytes) -> None:
    """Characters of a wider set than the name says stay as they are."""
    alphabet = Alphabet([name], octets)
    text = alphabet.read(octets)
    assert isinstance(text, str)
    assert octets == alphabet.write_again(text)
    assert codec([name]) is not None

"""Text is found in octets that should be numbers: as it is, with a NUL between its letters, encoded, deflated."""

import base64
import gzip
import time
import zlib
from collections.abc import Callable
from random import Random
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.deidentify.own.octets import MOST_STREAMS, OctetSearch, inflated, printed
from adapters.deidentify.own.search import OwnIdentifiers
from tests.seeds import SEED


def own() -> OwnIdentifiers:
    """Return the identifiers of one patient."""
    found = OwnIdentifiers()
    found.add_name("Müller^Änne")
    found.add_name("Ng^Wei")
    found.add_number("MRN7423501")
    found.add_number("000481516")
    found.add_date("19540307")
    return found


OWN = own()
SEARCH = OctetSearch({"muller", "anne", "ng wei", "wei"}, {"481516"}, {"Müller", "山田"})
NUMBERS = Random(SEED).randbytes(3000)
HIDING: dict[str, Callable[[str], bytes]] = {
    "as it is": str.encode,
    "in capital letters": lambda text: text.upper().encode(),
    "Latin-1": lambda text: text.encode("latin-1"),
    "UTF-16": lambda text: text.encode("utf-16-le"),
    "UTF-16, big-endian": lambda text: text.encode("utf-16-be"),
    "deflated": lambda text: zlib.compress(text.encode()),
    "gzip": lambda text: gzip.compress(text.encode()),
    "base64": lambda text: base64.b64encode(b"who: " + text.encode() + b"!"),
    "base64 of UTF-16": lambda text: base64.b64encode(text.encode("utf-16-le")),
    "base64 in UTF-16": lambda text: base64.b64encode(b"who: " + text.encode() + b"!").decode().encode("utf-16-le"),
    "hexadecimal": lambda text: b" " + text.encode().hex().encode() + b" ",
    "one letter in percent": lambda text: (
        quote(text[:3]).encode() + b"%%%02X" % ord(text[3]) + quote(text[4:]).encode()
    ),
    "base64, deflated": lambda text: zlib.compress(base64.b64encode(b"who: " + text.encode() + b"!")),
}


@pytest.mark.parametrize("how", HIDING)
@pytest.mark.parametrize("text", ["Mueller", "Müller", "MRN7423501", "Anne Muller"])
def test_found(text: str, how: str) -> None:
    """Each of them is found, alone and between numbers."""
    hidden = HIDING[how](text)
    assert OWN.is_in_octets(hidden)
    assert OWN.is_in_octets(NUMBERS + b"\xff" + hidden + b"\xff" + NUMBERS)


@pytest.mark.parametrize("text", ["1954-03-07", "07.03.1954", "19540307", "7 March 1954", "481516", "Ng, Wei"])
def test_dates_and_numbers(text: str) -> None:
    """Dates in their spellings, numbers without leading zeros, short names beside one another."""
    assert OWN.is_in_octets(b"\x00\x01 " + text.encode() + b" \xff")


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        NUMBERS,
        bytes(4096),
        bytes(range(256)) * 16,
        zlib.compress(NUMBERS),
        b"a plain text of somebody else",
        base64.b64encode(b"a plain text of somebody else"),
        b"123456789012345678901234567890",
    ],
)
def test_not_found(octets: bytes) -> None:
    """Numbers, images and the texts of others stay; a text of twelve characters and more is no error."""
    assert not OWN.is_in_octets(octets)


def test_many_streams() -> None:
    """Octets that look like very many streams, of which not all are read, are taken for a hiding place."""
    assert OWN.is_in_octets(zlib.compress(b"1") * (MOST_STREAMS + 2))
    assert not OWN.is_in_octets(zlib.compress(b"1") * MOST_STREAMS)


def test_another_identifier() -> None:
    """An identifier that is added later is searched for as well."""
    found = own()
    assert not found.is_in_octets(b"\x01 Lindqvist \x02")
    found.add_name("Lindqvist")
    assert found.is_in_octets(b"\x01 Lindqvist \x02")


@pytest.mark.parametrize(
    "octets",
    [b"Mull%65r", b"Mu=6Cler", b"M&#117;ller", b"M\\u0075ller", base64.b64encode(b"Muller"), b"Muller".hex().encode()],
)
def test_short_encodings(octets: bytes) -> None:
    """A short name is found in numbers in each encoding, also if it takes less than twelve characters."""
    assert OWN.is_in_octets(b"\xff\x80" + octets + b"\xff\x80")


def test_printed() -> None:
    """Runs of twelve printable characters are texts, also with NULs between them."""
    assert printed(b"\xff" + b"abcdefghijkl" + b"\xff" + b"short") == ["abcdefghijkl"]
    assert "abcdefghijkl" in printed("abcdefghijkl".encode("utf-16-le"))
    assert printed(bytes(100)) == []


def test_inflated() -> None:
    """What is deflated is read up to 64 KiB, also if its end is missing; what only looks so is passed over."""
    assert inflated(b"xx" + zlib.compress(b"Smith") + b"yy") == [b"Smith"]
    assert inflated(gzip.compress(b"Smith")[:-4]) == [b"Smith"]
    assert inflated(b"\x78\x9c\xff\xff\xff") == []
    assert len(inflated(zlib.compress(bytes(10**6)))[0]) == 64 * 1024


def test_words_and_insides() -> None:
    """Four letters count as a word, five inside another, three are in any image by chance."""
    assert SEARCH.is_in(b"\x01anne\x02")
    assert not SEARCH.is_in(b"\x01joanne\x02")
    assert SEARCH.is_in(b"xxMULLERxx")
    assert SEARCH.is_in(b"id481516x")
    assert not SEARCH.is_in(b"\x01wei\x02")
    assert SEARCH.is_in("山田".encode())
    assert SEARCH.is_in("山田".encode("utf-16-le"))


def test_frames() -> None:
    """In a compressed frame words of five letters are found; what cannot be text is not looked at."""
    assert OWN.is_in_frame(b"\xff\xd8" + NUMBERS + b"\xff Mueller \xff" + NUMBERS)
    assert OWN.is_in_frame(b"\xff" + "Muller".encode("utf-16-le") + b"\xff")
    assert not OWN.is_in_frame(b"\xff\xd8\xff\xd9")
    assert not OWN.is_in_frame(b"\x00anne\x00")


@given(st.binary(max_size=300))
def test_any_octets(octets: bytes) -> None:
    """No octets are an error, and a name between them is found."""
    OWN.is_in_octets(octets)
    OWN.is_in_frame(octets)
    assert OWN.is_in_octets(octets + b"\xff Mueller \xff")


def test_time() -> None:
    """Four megabytes of numbers are searched in well under a second or two of processor time."""
    octets = Random(SEED).randbytes(4_000_000)
    started = time.process_time()
    OWN.is_in_octets(octets)
    OWN.is_in_frame(octets)
    assert time.process_time() - started < 5

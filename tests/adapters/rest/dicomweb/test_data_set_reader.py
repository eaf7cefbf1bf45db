"""Elements are written in one form, whatever they were encoded in, octet by octet."""

import struct

import pytest

from adapters.rest.dicomweb.data_set_reader import DataSetReader, Unreadable
from adapters.rest.dicomweb.file_meta import BIG_ENDIAN, EXPLICIT, IMPLICIT


def hexadecimal(text: str) -> bytes:
    """Return the octets that *text* shows."""
    return bytes.fromhex(text)


def value(tag: int, octets: bytes) -> bytes:
    """Return the one form of an element."""
    return b"V" + struct.pack(">IQ", tag, len(octets)) + octets


def item(tag: int, *elements: bytes) -> bytes:
    """Return the one form of an item."""
    return b"I" + struct.pack(">I", tag) + b"".join(elements) + b"E"


def form_of(octets: str, syntax: str = EXPLICIT, size: int = 1000) -> bytes:
    """Return the one form of the data set that *octets* show."""
    reader, data = DataSetReader(syntax), hexadecimal(octets)
    for start in range(0, len(data), size):
        reader.receive_data(data[start : start + size])
    reader.receive_end()
    return bytes(reader.written)


ROWS_OCTETS = "2800 1000 5553 0200 0801"
ROWS = value(0x00280010, b"\x08\x01")
SEQUENCE = 0x00081140
PRIVATE = 0x00091010

# Syntax, octets, one form
DATA_SETS: dict[str, tuple[str, str, bytes]] = {
    "nothing": (EXPLICIT, "", b""),
    "implicit": (IMPLICIT, "2800 1000 02000000 0801", ROWS),
    "explicit": (EXPLICIT, "2800 1000 5553 0200 0801", ROWS),
    "big endian": (BIG_ENDIAN, "0028 0010 5553 0002 0108", ROWS),
    "four octets, big endian": (BIG_ENDIAN, "0028 0010 554C 0004 01020304", value(0x00280010, b"\4\3\2\1")),
    "text, big endian": (BIG_ENDIAN, "0008 0060 4353 0002 4354", value(0x00080060, b"CT")),
    "an odd length, big endian": (BIG_ENDIAN, "0028 0010 5553 0003 010805", value(0x00280010, b"\x08\x01\x05")),
    "a group length": (EXPLICIT, "2800 0000 554C 0400 0A000000 2800 1000 5553 0200 0801", ROWS),
    "NULs behind it": (EXPLICIT, "2800 1000 5553 0200 0801 0000000000", ROWS),
    "one NUL behind it": (EXPLICIT, "2800 1000 5553 0200 0801 00", ROWS),
    "pixels in fragments": (
        EXPLICIT,
        "E07F 1000 4F42 0000 FFFFFFFF FEFF 00E0 00000000 FEFF 00E0 02000000 0801 FEFF DDE0 00000000",
        value(0x7FE00010, b"") + value(0x7FE00010, b"\x08\x01"),
    ),
    "padding": (EXPLICIT, "2800 1000 5553 0200 0801 FCFF FCFF 4F42 0000 04000000 00000000", ROWS),
    "a sequence": (
        EXPLICIT,
        "0800 4011 5351 0000 12000000 FEFF 00E0 0A000000 2800 1000 5553 0200 0801",
        item(SEQUENCE, ROWS),
    ),
    "a sequence with delimiters": (
        EXPLICIT,
        f"0800 4011 5351 0000 FFFFFFFF FEFF 00E0 FFFFFFFF {ROWS_OCTETS} FEFF 0DE0 00000000 FEFF DDE0 00000000",
        item(SEQUENCE, ROWS),
    ),
    "a sequence, implicit": (
        IMPLICIT,
        "0800 4011 12000000 FEFF 00E0 0A000000 2800 1000 02000000 0801",
        item(SEQUENCE, ROWS),
    ),
    "an empty sequence": (EXPLICIT, "0800 4011 5351 0000 00000000", value(SEQUENCE, b"")),
    "an empty sequence with a delimiter": (
        EXPLICIT,
        "0800 4011 5351 0000 FFFFFFFF FEFF DDE0 00000000",
        value(SEQUENCE, b""),
    ),
    "an unknown sequence": (
        EXPLICIT,
        "0900 1010 554E 0000 FFFFFFFF FEFF 00E0 0A000000 2800 1000 02000000 0801 FEFF DDE0 00000000",
        item(PRIVATE, ROWS),
    ),
    "a private sequence, implicit": (
        IMPLICIT,
        "0900 1010 12000000 FEFF 00E0 0A000000 2800 1000 02000000 0801",
        item(PRIVATE, ROWS),
    ),
}


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(("syntax", "octets", "form"), DATA_SETS.values(), ids=DATA_SETS)
def test_form(syntax: str, octets: str, form: bytes, size: int) -> None:
    """The form does not depend on the encoding, nor on how the octets come."""
    assert form == form_of(octets, syntax, size)


UNREADABLE = {
    "half a header": "2800 10",
    "half a value": "2800 1000 5553 0400 0801",
    "no representation": "2800 1000 0000 0200 0801",
    "the end of an item": "FEFF 0DE0 00000000",
    "an item": "FEFF 00E0 00000000",
    "an item that is too long": "0800 4011 5351 0000 08000000 FEFF 00E0 0A000000 2800 1000 5553 0200 0801",
    "no item in a sequence": "0800 4011 5351 0000 0A000000 2800 1000 5553 0200 0801",
    "a text without an end": "1000 1000 504E 0000 FFFFFFFF FEFF DDE0 00000000",
    "NULs and something else": "2800 1000 5553 0200 0801 00000000 00000001",
}


@pytest.mark.parametrize("octets", UNREADABLE.values(), ids=UNREADABLE)
def test_unreadable(octets: str) -> None:
    """A wrong encoding is noticed, at the end at the latest."""
    with pytest.raises(Unreadable):
        form_of(octets)


GUESSES = {
    "a known element": (EXPLICIT, "2800 1000 5553 0200 0801", False),
    "an unknown value": (EXPLICIT, "0900 1010 554E 0000 02000000 0801", False),
    "an unknown value in big endian": (BIG_ENDIAN, "0009 1010 554E 0000 00000002 0108", True),
    "what may be a sequence": (IMPLICIT, "0900 1010 08000000 FEFF 00E0 00000000", True),
}


@pytest.mark.parametrize(("syntax", "octets", "guessed"), GUESSES.values(), ids=GUESSES)
def test_guess(syntax: str, octets: str, guessed: bool) -> None:
    """The reader says when the encoding does not tell what an element is."""
    reader = DataSetReader(syntax)
    reader.receive_data(hexadecimal(octets))
    reader.receive_end()
    assert guessed == reader.guessed

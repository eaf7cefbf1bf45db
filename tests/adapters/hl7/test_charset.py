"""Names of HL7 table 0211 to Python codecs."""

import codecs

import pytest

from adapters.hl7.charset import UNDECODABLE, UNKNOWN, codec, decode

NAMES = {
    "ASCII": "ascii",
    "8859/1": "iso8859-1",
    "8859/11": "iso8859-11",
    "8859/15": "iso8859-15",
    "ISO-8859-2": "iso8859-2",
    "ISO_IR 100": "iso8859-1",
    "UNICODE UTF-8": "utf-8",
    "unicode utf-8": "utf-8",
    "UNICODE UTF-8^something": "utf-8",
    "UTF-8": "utf-8",
    "utf8": "utf-8",
    "UNICODE": "utf-8",
    "ISO IR87": "iso2022_jp_ext",
    "ISO IR14": "shift_jis",
    "GB 18030-2000": "gb18030",
    "BIG-5": "big5",
    "KS X 1001": "euc_kr",
    "WINDOWS-1252": "cp1252",
    "": "utf-8",
}
REPETITIONS: dict[tuple[str, ...], str | None] = {
    ("", "ISO IR87"): "iso2022_jp_ext",
    ("", "ISOIR87"): "iso2022_jp_ext",
    ("ISO IR14", "ISO IR87"): "iso2022_jp_ext",
    ("ASCII", "ISO IR87", "ISO IR159"): "iso2022_jp_ext",
    ("UTF-8", "UNICODE"): "utf-8",
    ("UNICODE UTF-8", "ISO IR87"): "utf-8",
    ("8859/1", "8859/2"): "iso8859-1",
    (): "utf-8",
}


@pytest.mark.parametrize(("name", "expected"), NAMES.items(), ids=NAMES)
def test_one_name(name: str, expected: str) -> None:
    """A name, its aliases and its spellings lead to one codec."""
    found = codec([name])
    assert found is not None
    assert expected == codecs.lookup(found).name


@pytest.mark.parametrize(("names", "expected"), REPETITIONS.items(), ids=map(repr, REPETITIONS))
def test_repetitions(names: tuple[str, ...], expected: str) -> None:
    """The first repetition counts, unless Japanese sets are switched to from ASCII."""
    found = codec(names)
    assert found is not None
    assert expected == codecs.lookup(found).name


@pytest.mark.parametrize(
    "name", ["PRELIM", "ISO IR 999", "8859/12", "UNICODE UTF-16", "UNICODE UTF-32", "CNS 11643-1992"]
)
def test_unknown_name(name: str) -> None:
    """A name that stands for nothing readable over MLLP has no codec, and its text is refused with code 103."""
    assert codec([name]) is None
    assert decode(b"A", [name]) == UNKNOWN
    assert UNKNOWN.code == "103"


@pytest.mark.parametrize("ascii_octet", range(0x20, 0x7F))
def test_ascii_is_kept(ascii_octet: int) -> None:
    """Every codec reads the delimiters where ASCII has them, so a header can be split before it is decoded."""
    octet = bytes([ascii_octet])
    readings = {octet.decode(known) for name in NAMES if (known := codec([name]))}
    # JIS X 0201 has yen and overline in two places; Python's shift_jis reads one of them as ASCII all the same.
    assert readings <= {octet.decode(), "\u203e", "\u00a5"}
    assert octet.decode() in readings


DECODED = {
    "latin 1": (b"M\xfcller", ["8859/1"], "Müller"),
    "UTF-8": ("Müller".encode(), ["UNICODE UTF-8"], "Müller"),
    "UTF-8 where nothing is named": ("Müller".encode(), [""], "Müller"),
    "Japanese by escape sequences": ("山田^太郎".encode("iso2022_jp"), ["", "ISO IR87"], "山田^太郎"),
    "half-width Japanese": ("ﾔﾏﾀﾞ".encode("iso2022_jp_ext"), ["", "ISO IR13", "ISO IR87"], "ﾔﾏﾀﾞ"),
    "a control character of a printer": (b"\x1bE", ["ASCII"], "\x1bE"),
}
UNDECODABLES = {
    "latin 1 called ASCII": (b"M\xfcller", ["ASCII"]),
    "latin 1 called UTF-8": (b"M\xfcller", ["UNICODE UTF-8"]),
    "latin 1 with no name": (b"M\xfcller", [""]),
    "a switch that is not followed": (b"\x1b-BM\xfcller", ["8859/1", "8859/2"]),
}


@pytest.mark.parametrize(("data", "names", "expected"), DECODED.values(), ids=DECODED)
def test_decode(data: bytes, names: list[str], expected: str) -> None:
    """Text comes out as the character set says."""
    assert expected == decode(data, names)


@pytest.mark.parametrize(("data", "names"), UNDECODABLES.values(), ids=UNDECODABLES)
def test_undecodable(data: bytes, names: list[str]) -> None:
    """An octet outside the character set refuses the text with code 102; it never becomes U+FFFD."""
    assert decode(data, names) == UNDECODABLE
    assert UNDECODABLE.code == "102"

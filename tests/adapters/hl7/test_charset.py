"""Names of HL7 table 0211 to Python codecs."""

import codecs
import unicodedata

import pytest

from adapters.hl7.charset import UNDECODABLE, UNKNOWN, codec, decode

NAMES = {
    "ASCII": "ascii",
    "8859/1": "cp1252",
    "8859/11": "iso8859-11",
    "8859/15": "iso8859-15",
    "ISO-8859-2": "iso8859-2",
    "ISO_IR 100": "cp1252",
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
    "ANSI": "cp1252",
    "MS-ANSI": "cp1252",
    "1252": "cp1252",
    "CP1252": "cp1252",
    "CP-1252": "cp1252",
    "win1250": "cp1250",
    "windows-1258": "cp1258",
    "CP850": "cp850",
    "850": "cp850",
    "IBM-850": "cp850",
    "IBM437": "cp437",
    "PC852": "cp852",
    "cp858": "cp858",
    "CP866": "cp866",
    "874": "cp874",
    "ISO 8859-1": "cp1252",
    "ISO8859/1": "cp1252",
    "LATIN1": "cp1252",
    "ISO-LATIN-1": "cp1252",
    "Latin-2": "iso8859-2",
    "LATIN-9": "iso8859-15",
    "28591": "cp1252",
    "CP28605": "iso8859-15",
    "ANSI_X3.4-1968": "ascii",
    "65001": "utf-8",
    "utf8mb4": "utf-8",
    "936": "gb18030",
    "MS936": "gb18030",
    "GB2312-80": "gb18030",
    "MS932": "cp932",
    "UHC": "cp949",
    "KSC5601-1987": "euc_kr",
    "Big5-HKSCS": "big5hkscs",
    "KOI8-U": "koi8-u",
    "macintosh": "mac-roman",
    "": "utf-8",
}
REPETITIONS: dict[tuple[str, ...], str | None] = {
    ("", "ISO IR87"): "iso2022_jp_ext",
    ("", "ISOIR87"): "iso2022_jp_ext",
    ("ISO IR14", "ISO IR87"): "iso2022_jp_ext",
    ("ASCII", "ISO IR87", "ISO IR159"): "iso2022_jp_ext",
    ("UTF-8", "UNICODE"): "utf-8",
    ("UNICODE UTF-8", "ISO IR87"): "utf-8",
    ("8859/1", "8859/2"): "cp1252",
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
    """The name of a set that MLLP cannot carry has no codec, and its text is refused with code 103."""
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
    "a euro sign and quotes in what is called latin 1": (b"\x84\x80 5\x93", ["8859/1"], "„€ 5“"),
    "the same by its number": (b"\x80", ["ISO IR100"], "€"),
    "a name of Windows-1252": (b"\x8a\x9e", ["ANSI"], "Šž"),
    "code page 850": (b"M\x81ller", ["CP850"], "Müller"),
    "a character of Windows in Shift JIS": (b"\xfb\xfc\x8b\xb4", ["ISO IR14"], "髙橋"),
    "a character of Windows in KS X 1001": (b"\x8cc\xb0\xa1", ["KS X 1001"], "똠가"),
    "a character of ETEN in BIG-5": (b"\xf9\xd8", ["BIG-5"], "裏"),
    "a control that UTF-8 has": (b"\xc2\x85", ["UTF-8"], "\x85"),
    "a control character of a printer": (b"\x1bE", ["ASCII"], "\x1bE"),
}
UNDECODABLES = {
    "latin 1 called ASCII": (b"M\xfcller", ["ASCII"]),
    "latin 1 called UTF-8": (b"M\xfcller", ["UNICODE UTF-8"]),
    "latin 1 with no name": (b"M\xfcller", [""]),
    "what Windows-1252 does not have either": (b"M\x81ller", ["8859/1"]),
    "the last one of those": (b"\x9d", ["8859/1"]),
    "Windows-1252 called latin 2": (b"\x80", ["8859/2"]),
    "Windows-1252 called latin 9": (b"\x93M\xfcller\x94", ["8859/15"]),
    "Windows-1254 called latin 5": (b"\x85", ["8859/9"]),
    "Windows-874 called 8859/11": (b"\x85", ["8859/11"]),
    "Windows-874 called TIS 620": (b"\x85", ["TIS-620"]),
    "code page 850 called latin 1": (b"M\x81ller", ["LATIN1"]),
    "code page 850 called ASCII": (b"M\x81ller", ["ASCII"]),
    "a control in code page 932": (b"\x80", ["CP932"]),
    "private characters of code page 932": (b"\xfd", ["WINDOWS-31J"]),
    "the same in Shift JIS": (b"\xa0", ["SHIFT_JIS"]),
    "the apple of a Macintosh": (b"\xf0", ["MACINTOSH"]),
    "Windows-1253 without that octet": (b"\xd2", ["CP1253"]),
    "a switch that is not followed": (b"\x1b-BM\xfcller", ["8859/1", "8859/2"]),
}


@pytest.mark.parametrize(("data", "names", "expected"), DECODED.values(), ids=DECODED)
def test_decode(data: bytes, names: list[str], expected: str) -> None:
    """Text comes out as the character set says."""
    assert expected == decode(data, names)


@pytest.mark.parametrize("octet", range(0x80, 0x100))
def test_no_controls(octet: int) -> None:
    """No octet becomes a control or a private character, whatever set of single octets is named."""
    for name in NAMES:
        text = decode(bytes([octet]), [name])
        assert text == UNDECODABLE or (isinstance(text, str) and unicodedata.category(text) not in ("Cc", "Co", "Cn"))


@pytest.mark.parametrize(("data", "names"), UNDECODABLES.values(), ids=UNDECODABLES)
def test_undecodable(data: bytes, names: list[str]) -> None:
    """An octet outside the character set refuses the text with code 102; it never becomes U+FFFD."""
    assert decode(data, names) == UNDECODABLE
    assert UNDECODABLE.code == "102"

"""Character sets: maps the names of HL7 table 0211, and other names that senders use, to Python codecs.

Every codec here contains ASCII as it is, so a header can be read before its character set is known. ``UNICODE UTF-16``
and ``UNICODE UTF-32`` do not; they cannot be sent over MLLP and are unknown on purpose.

If senders use the name of one set for a wider one, the name means the wider one, as in the WHATWG Encoding Standard. A
message with an octet that the set does not have is refused; the octet becomes no control character or question mark.
"""

import re
from collections.abc import Sequence

from gateway.contract.outcome import Refused

# HL7 2.15.9.18: an empty MSH-18 means ASCII. UTF-8 contains ASCII, and peers often send UTF-8 then.
UNNAMED = "utf-8"
JAPANESE = "iso2022_jp_ext"
"""JIS X 0201, 0208 and 0212 switched by escape sequences, as ``~ISO IR87`` asks."""

_ISO_2022_JP = frozenset({"ISOIR87", "ISOIR159", "JISX0208", "JISX0212", "JISX0202", "ISO2022JP"})
_ROMAN = frozenset({"", "ASCII", "USASCII", "ISOIR6", "ISOIR13", "ISOIR14", "JISX0201"}) | _ISO_2022_JP
_PART_OF_8859 = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16)
_REGISTERED = {100: 1, 101: 2, 109: 3, 110: 4, 144: 5, 127: 6, 126: 7, 138: 8, 148: 9, 203: 15}
"""ISO-IR registration numbers of the parts of ISO 8859, which DICOM uses as names."""

_LATIN_1 = "cp1252"
"""What senders and browsers mean by ISO 8859-1, in which 80 to 9F are control characters, which no message has."""
_LATINS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 9, 6: 10, 7: 13, 8: 14, 9: 15, 10: 16}
_OF_DOS = (437, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 865, 866, 869)
_OF_WINDOWS = (874, *range(1250, 1259))
_EAST_ASIAN = {932: "cp932", 936: "gb18030", 949: "cp949", 950: "cp950", 54936: "gb18030"}
_ALPHABETS = {"CYRILLIC": 5, "ARABIC": 6, "GREEK": 7, "HEBREW": 8}


def _part(number: int) -> str:
    return _LATIN_1 if number == 1 else f"iso8859_{number}"


def _pages(number: int) -> list[str]:
    """Return the names of a code page: ``850``, ``CP850``, ``IBM-850``, ``Windows-850`` and the like."""
    return [f"{prefix}{number}" for prefix in ("", "CP", "IBM", "PC", "DOS", "OEM", "MS", "WIN", "WINDOWS", "ANSI")]


_CODECS = {
    **{name: f"cp{page}" for page in (*_OF_DOS, *_OF_WINDOWS) for name in _pages(page)},
    **{name: known for page, known in _EAST_ASIAN.items() for name in _pages(page)},
    **dict.fromkeys(("ASCII", "USASCII", "ISOIR6", "ISO646", "ANSIX341968", "ANSIX341986"), "ascii"),
    **dict.fromkeys(("UNICODE", "UNICODEUTF8", "UTF8", "UTF8MB4", "ISOIR192", "65001", "CP65001"), "utf-8"),
    **{f"{prefix}8859{part}": _part(part) for prefix in ("", "ISO", "ISOIEC") for part in _PART_OF_8859},
    **{f"{prefix}{28590 + part}": _part(part) for prefix in ("", "CP") for part in _PART_OF_8859},
    **{f"ISOIR{number}": _part(part) for number, part in _REGISTERED.items()},
    **{f"{prefix}{number}": _part(part) for prefix in ("LATIN", "ISOLATIN", "L") for number, part in _LATINS.items()},
    **{name: _part(part) for name, part in _ALPHABETS.items()},
    **dict.fromkeys(("ANSI", "MSANSI", "WINANSI", "WINDOWSANSI", "XANSI"), "cp1252"),
    **dict.fromkeys(("CP819", "IBM819"), _LATIN_1),
    **dict.fromkeys(("ISOIR166", "TIS620"), "tis_620"),
    **dict.fromkeys(_ISO_2022_JP, JAPANESE),
    **dict.fromkeys(("ISOIR13", "ISOIR14", "JISX0201", "SHIFTJIS", "SJIS"), "shift_jis"),
    "WINDOWS31J": "cp932",
    "EUCJP": "euc_jp",
    **dict.fromkeys(("GB180302000", "GB18030", "GBK", "GB2312", "GB231280", "EUCCN"), "gb18030"),
    **dict.fromkeys(("BIG5", "BIG5ETEN"), "big5"),
    "BIG5HKSCS": "big5hkscs",
    **dict.fromkeys(("KSX1001", "KSC5601", "KSC56011987", "EUCKR", "ISOIR149"), "euc_kr"),
    "UHC": "cp949",
    **dict.fromkeys(("KOI8", "KOI8R"), "koi8_r"),
    "KOI8U": "koi8_u",
    **dict.fromkeys(("MACINTOSH", "MACROMAN"), "mac_roman"),
}
WIDER = {"shift_jis": "cp932", "euc_kr": "cp949", "big5": "cp950"}
"""The wider sets that browsers use for narrower ones: the same characters, and more."""
_UNICODE = frozenset({"utf-8", "gb18030"})
_NO_CHARACTERS = re.compile("[\x80-\x9f\uf8f0-\uf8ff]")
"""What some of Python's codecs return for octets that the set does not have."""

UNKNOWN = Refused("The character set that the message names is not known here", code="103")
UNDECODABLE = Refused("The message holds octets that its character set does not have", code="102")


def codec(names: Sequence[str]) -> str | None:
    """Return the Python codec for the repetitions of ``MSH-18``, or None if the first name is unknown.

    The first repetition is the character set of the message; ISO 2022 escape sequences may switch to the others.
    """
    keys = [_key(name) for name in names] or [""]
    if keys[0] in _ROMAN and not _ISO_2022_JP.isdisjoint(keys):
        return JAPANESE
    return _CODECS.get(keys[0]) if keys[0] else UNNAMED


def decode(data: bytes, names: Sequence[str]) -> str | Refused:
    """Decode *data* strictly: no replacement characters, and no undecoded escape sequences."""
    known = codec(names)
    if known is None:
        return UNKNOWN
    text = _decode(data, known)
    if text is None and known in WIDER:
        text = _decode(data, WIDER[known])
    # An escape character in the text switches to a set that `known` does not support.
    return UNDECODABLE if text is None or (len(names) > 1 and "\x1b" in text) else text


def _decode(data: bytes, known: str) -> str | None:
    try:
        text = data.decode(known)
    except UnicodeDecodeError:
        return None
    if known in _UNICODE or data.isascii():
        return text
    return None if _NO_CHARACTERS.search(text) else text


def _key(name: str) -> str:
    """Normalize the spelling of a name: ``utf-8`` and ``UTF8^x`` are the same."""
    return re.sub(r"[^A-Z0-9]", "", name.partition("^")[0].upper())

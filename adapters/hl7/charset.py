"""Character sets: the names of HL7 table 0211, and their aliases in the wild, to Python codecs.

Every codec here keeps ASCII where ASCII is, so a header can be read before its character set is known.
``UNICODE UTF-16`` and ``UNICODE UTF-32`` do not, cannot travel over MLLP and are unknown on purpose.
"""

import re
from collections.abc import Sequence

from gateway.message import Refused

# HL7 2.15.9.18: an empty MSH-18 means ASCII. UTF-8 contains it, and is what peers often send then.
UNNAMED = "utf-8"
JAPANESE = "iso2022_jp_ext"
"""JIS X 0201, 0208 and 0212 switched by escape sequences, as ``~ISO IR87`` asks."""

_ISO_2022_JP = frozenset({"ISOIR87", "ISOIR159", "JISX0208", "JISX0212", "JISX0202", "ISO2022JP"})
_ROMAN = frozenset({"", "ASCII", "USASCII", "ISOIR6", "ISOIR13", "ISOIR14", "JISX0201"}) | _ISO_2022_JP
_PART_OF_8859 = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16)
_REGISTERED = {100: 1, 101: 2, 109: 3, 110: 4, 144: 5, 127: 6, 126: 7, 138: 8, 148: 9, 203: 15}
"""ISO registration number of the right half of each part of ISO 8859, the way DICOM names them."""

_CODECS = {
    **dict.fromkeys(("ASCII", "USASCII", "ISOIR6", "ISO646"), "ascii"),
    **dict.fromkeys(("UNICODE", "UNICODEUTF8", "UTF8", "ISOIR192"), "utf-8"),
    **{f"{prefix}8859{part}": f"iso8859_{part}" for prefix in ("", "ISO") for part in _PART_OF_8859},
    **{f"ISOIR{number}": f"iso8859_{part}" for number, part in _REGISTERED.items()},
    **{f"{prefix}{page}": f"cp{page}" for prefix in ("CP", "WINDOWS") for page in range(1250, 1259)},
    **dict.fromkeys(("LATIN1", "ISOLATIN1"), "iso8859_1"),
    **dict.fromkeys(("ISOIR166", "TIS620"), "tis_620"),
    **dict.fromkeys(_ISO_2022_JP, JAPANESE),
    **dict.fromkeys(("ISOIR13", "ISOIR14", "JISX0201", "SHIFTJIS", "SJIS"), "shift_jis"),
    **dict.fromkeys(("CP932", "WINDOWS31J"), "cp932"),
    "EUCJP": "euc_jp",
    **dict.fromkeys(("GB180302000", "GB18030", "GBK", "GB2312", "EUCCN"), "gb18030"),
    "BIG5": "big5",
    "CP950": "cp950",
    **dict.fromkeys(("KSX1001", "KSC5601", "EUCKR", "ISOIR149"), "euc_kr"),
    "CP949": "cp949",
    "KOI8R": "koi8_r",
}

UNKNOWN = Refused("The character set that the message names is not known here", code="103")
UNDECODABLE = Refused("The message holds octets that its character set does not have", code="102")


def codec(names: Sequence[str]) -> str | None:
    """Return the Python codec for the repetitions of ``MSH-18``, or None where the first names nothing known.

    The first repetition is the character set of the message; ISO 2022 escape sequences may switch to the others.
    """
    keys = [_key(name) for name in names] or [""]
    if keys[0] in _ROMAN and not _ISO_2022_JP.isdisjoint(keys):
        return JAPANESE
    return _CODECS.get(keys[0]) if keys[0] else UNNAMED


def decode(data: bytes, names: Sequence[str]) -> str | Refused:
    """Decode *data* strictly: never a replacement character, and no escape sequence left unread."""
    known = codec(names)
    if known is None:
        return UNKNOWN
    try:
        text = data.decode(known)
    except UnicodeDecodeError:
        return UNDECODABLE
    # An escape character that survived switches to an alternative that `known` cannot follow.
    return UNDECODABLE if len(names) > 1 and "\x1b" in text else text


def _key(name: str) -> str:
    """Reduce a name to what its spellings have in common: ``utf-8`` and ``UTF8^x`` are one."""
    return re.sub(r"[^A-Z0-9]", "", name.partition("^")[0].upper())

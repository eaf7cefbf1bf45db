"""Names as octets of the character sets in which a text may be written although its object names another one."""

import unicodedata
from collections.abc import Iterable, Iterator

CHARSETS = (
    *("utf-8", "utf-16-le", "utf-16-be", "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "koi8_r", "cp1251"),
    *(f"iso8859_{part}" for part in (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 15)),
)
"""Those of PS3.3 C.12.1.1.2 and HL7 table 0211, and others that are common beside them."""
SWITCHED = ("iso2022_jp", "iso2022_jp_1", "iso2022_kr")
"""Sets that begin with an escape sequence (ISO 2022): the letters behind it look like ASCII."""
ENDS = (b"\x1b(B", b"\x0f")
HEADS = (b"\x1b$B", b"\x1b$(D", b"\x1b$@", b"\x0e")
SHORTEST = 4
"""Octets of a name: fewer are in other texts by chance."""


def in_charsets(names: Iterable[str]) -> frozenset[bytes]:
    """Return *names*, in capital and small letters, in each of the character sets that has their letters."""
    return frozenset(
        octets
        for name in names
        for written in written_in_cases(name)
        for octets in _octets(written)
        if len(octets) >= SHORTEST
    )


def written_in_cases(name: str) -> Iterator[str]:
    """Yield a name in capital and in small letters, its accents as part of its letters and behind them."""
    for each in {name, name.upper(), name.lower(), name.title()}:
        yield unicodedata.normalize("NFC", each)
        yield unicodedata.normalize("NFD", each)


def _octets(text: str) -> Iterator[bytes]:
    for charset in CHARSETS:
        try:
            yield text.encode(charset)
        except UnicodeEncodeError:
            continue
    for charset in SWITCHED:
        try:
            octets = text.encode(charset)
        except UnicodeEncodeError:
            continue
        for end in ENDS:
            octets = octets.removesuffix(end)
        start = max(octets.rfind(each) for each in HEADS)
        if start >= 0:
            yield octets[start:]

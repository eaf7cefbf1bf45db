"""Other readings of a text: what it says once an encoding inside it is undone."""

import base64
import binascii
import html
import quopri
import re
from collections.abc import Iterator
from urllib.parse import unquote

from adapters.deidentify.own.disguises import undisguised

BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
HEXADECIMAL = re.compile(r"(?:[0-9A-Fa-f]{2}[ :-]?){4,}")
PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
QUOTED = re.compile(r"=[0-9A-F]{2}")
ESCAPED = re.compile(r"\\(?:u(?=[0-9a-fA-F]{4})|x)([0-9a-fA-F]{4}|[0-9a-fA-F]{2})")
MOST_TOKENS = 64
"""Runs of a value that are decoded."""


def readings(text: str) -> Iterator[str]:
    """Yield what *text* may say besides itself: of percent, HTML, quoted-printable, base64, hexadecimal, UTF-16."""
    yield from undisguised(text)
    if "\0" in text:
        yield text.replace("\0", "")
    if PERCENT.search(text):
        yield unquote(text, errors="replace")
    if "&" in text:
        yield html.unescape(text)
    if QUOTED.search(text):
        yield quopri.decodestring(text.encode(errors="replace")).decode(errors="replace")
    if ESCAPED.search(text):
        yield ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    for found in list(BASE64.finditer(text))[:MOST_TOKENS]:
        yield from _base64(found[0])
    for found in list(HEXADECIMAL.finditer(text))[:MOST_TOKENS]:
        digits = re.sub(r"[^0-9A-Fa-f]", "", found[0])
        yield from _texts(bytes.fromhex(digits[: len(digits) // 2 * 2]))


def _base64(token: str) -> Iterator[str]:
    """Yield what a token says from each of the offsets at which a group of four characters may begin."""
    standard = token.rstrip("=").replace("-", "+").replace("_", "/")
    for offset in range(4):
        group = standard[offset:]
        whole = group[: len(group) // 4 * 4] if len(group) % 4 == 1 else group
        try:
            yield from _texts(base64.b64decode(whole + "=" * (-len(whole) % 4)))
        except binascii.Error:
            continue


def _texts(octets: bytes) -> Iterator[str]:
    yield octets.decode("utf-8", errors="replace")
    if not octets.isascii():
        yield octets.decode("latin-1")
    if b"\0" in octets:
        yield octets.replace(b"\0", b"").decode("latin-1")

"""Other readings of a text: what it says once an encoding inside it is undone."""

import html
import quopri
import re
from binascii import a2b_base64
from collections.abc import Collection, Iterator, Sequence
from urllib.parse import unquote

from adapters.deidentify.own.disguises import disguises_in, undisguised

BASE64 = re.compile(r"[A-Za-z0-9+/_-]{6,}={0,2}|[A-Za-z0-9+/_-]{2,5}={1,2}")
HEXADECIMAL = re.compile(r"(?:[0-9A-Fa-f]{2}[ :,;_-]?){3,}")
WRAPPED = re.compile(r"(?<=[A-Za-z0-9+/_-])[ \t]*\r?\n[ \t]*(?=[A-Za-z0-9+/_=-])")
"""The end of a line inside of an encoded text (RFC 2045 6.8)."""
TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
QUOTED = re.compile(r"=[0-9A-F]{2}")
ESCAPED = re.compile(r"\\(?:u(?=[0-9a-fA-F]{4})|x)([0-9a-fA-F]{4}|[0-9a-fA-F]{2})")
SHORTEST = 4
"""Characters of a text in which something may be encoded."""
PRINTED = re.compile(r"[\t\n\r -~]+")
NUMBER = r"[-+]?+\d*+(?:\.\d*+)?+(?:[eE][-+]?\d++)?+"
NUMBERS = re.compile(rf"{NUMBER}(?:[\\ ]++{NUMBER})*+", re.ASCII)
"""Values of DS, IS and TM. In base64 digits say at most two letters of ASCII in a row: every third octet is none."""
IN_NO_NUMBER = re.compile(r"[^-+0-9.eE\\ ]")
PADDING = ("", "", "==", "=")
"""By the characters of a last group of base64; a single one says nothing."""


def readings(text: str) -> list[str]:
    """Return what *text* may say besides itself, also where it is encoded twice.

    Of percent, HTML, quoted-printable, base64, hexadecimal, UTF-16, escapes as in JSON.
    """
    return all_readings([text])[0]


def all_readings(texts: Sequence[str]) -> list[list[str]]:
    """Return the readings of each of *texts*; what none of them has is looked for in all of them at once."""
    together = "\n".join(texts)
    disguises = disguises_in(together)
    is_escaped = any(each in together for each in "\0%&=<") or ESCAPED.search(together) is not None
    return [_readings(text, disguises, is_escaped=is_escaped) for text in texts]


def _readings(text: str, disguises: Collection[str], *, is_escaped: bool) -> list[str]:
    found = list(undisguised(text, disguises)) if disguises else []
    if is_escaped:
        for once in _unescaped(text):
            found.append(once)
            if once != text:
                found.extend(_unescaped(once))
                found += _unpacked(once)
    packed = [text]
    if "\n" in text and (unwrapped := WRAPPED.sub("", text)) != text:
        packed.append(unwrapped)
    for once in (each for one in packed for each in _unpacked(one)):
        found.append(once)
        if PRINTED.fullmatch(once):  # most runs only look like base64, and say nothing
            found.extend(_unescaped(once))
            found += _unpacked(once)
    return found


def _unescaped(text: str) -> Iterator[str]:
    """Yield the whole text with one kind of escape sequence undone."""
    if "\0" in text:
        yield text.replace("\0", "")
    if "<" in text and TAG.search(text):
        yield TAG.sub("", text)
    if "%" in text and PERCENT.search(text):
        yield unquote(text, errors="replace")
    if "&" in text:
        yield html.unescape(text)
    if "=" in text and QUOTED.search(text):
        yield quopri.decodestring(text.encode(errors="replace")).decode(errors="replace")
    if "\\" in text and ESCAPED.search(text):
        yield ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def _unpacked(text: str) -> list[str]:
    """Return what each run of base64 or of hexadecimal digits in a text says."""
    found: list[str] = []
    if len(text) < SHORTEST:
        return found
    if IN_NO_NUMBER.search(text) or not NUMBERS.fullmatch(text):
        for token in BASE64.findall(text):
            _add_base64(token, found)
    for run in HEXADECIMAL.findall(text):
        digits = run if run.isalnum() else re.sub(r"[^0-9A-Fa-f]", "", run)
        _add_texts(bytes.fromhex(digits[: len(digits) // 2 * 2]), found)
    return found


def _add_base64(token: str, found: list[str]) -> None:
    """Add what a token says from each of the offsets at which a group of four characters may begin."""
    standard = token.rstrip("=")
    if not standard.isalnum():
        standard = standard.replace("-", "+").replace("_", "/")
    size = len(standard)
    for offset in range(min(4, size)):
        left = (size - offset) % 4
        group = standard[offset : size - 1] if left == 1 else standard[offset:]
        _add_texts(a2b_base64(group + PADDING[left]), found)


def _add_texts(octets: bytes, found: list[str]) -> None:
    if octets.isascii():
        found.append(octets.decode("ascii"))
    else:
        found.append(octets.decode("utf-8", "replace").replace("\ufffd", " "))
        found.append(octets.decode("latin-1"))
    if b"\0" in octets:
        _add_texts(octets.replace(b"\0", b""), found)

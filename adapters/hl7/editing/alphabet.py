"""The character set of one message: splits its octets at delimiters, decodes them, and encodes new texts.

In most sets an octet that looks like a delimiter is one. In those of ``_WHOLE`` it may be half of a character: 院
(hospital) is ``B0 7C`` in BIG-5, and 7C is ``|``. In these, whole characters are masked before the search for
delimiters.
"""

import re
from collections.abc import Sequence
from functools import cached_property

from adapters.hl7.charset import JAPANESE, UNDECODABLE, UNNAMED, WIDER, codec, decode
from gateway.contract.outcome import Refused

_SHIFT_JIS = re.compile(rb"[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc]")
_BIG5 = re.compile(rb"[\x81-\xfe][\x40-\x7e\xa1-\xfe]")
_GB18030 = re.compile(rb"[\x81-\xfe](?:[0-9][\x81-\xfe][0-9]|[\x40-\x7e\x80-\xfe])")
# From an escape sequence that switches to kanji, or to one-octet kana, to the next escape sequence.
_ISO_2022 = re.compile(rb"\x1b(?:\$\(?[@-_]|\(I)[^\x1b]*")
_WHOLE = {
    **dict.fromkeys(("shift_jis", "cp932"), _SHIFT_JIS),
    **dict.fromkeys(("big5", "cp950", "big5hkscs"), _BIG5),
    "gb18030": _GB18030,
    JAPANESE: _ISO_2022,
}
_SWITCHES = ((b"\x1b$(D", ("159", "0212")), (b"\x1b(I", ("IR13", "0201")), (b"\x1b(J", ()))
"""Escape sequences that Python may write, with the parts of set names that allow them: JIS X 0212, and kana.

JIS X 0201 Roman is never allowed: its yen has the octet of the backslash, which receivers take for an escape character.
"""
_WINDOWS = re.compile("1252|ANSI", re.IGNORECASE)


class Alphabet:
    """The character set that *names*, the repetitions of ``MSH-18``, give to the message *data*."""

    def __init__(self, names: Sequence[str], data: bytes) -> None:
        self._names = names
        self._data = data
        self._codec = codec(names)
        self._whole = _WHOLE.get(self._codec or "")

    def split(self, octets: bytes, delimiter: bytes, most: int = -1) -> list[bytes]:
        """Split *octets* at each *delimiter* that is a whole character, at most *most* times if given."""
        if self._whole is None or delimiter not in octets or _is_plain(octets) or self._is_no_text(octets):
            return octets.split(delimiter, most)
        masked = self._whole.sub(lambda found: b"\xff" * len(found[0]), octets)
        parts, start = [], 0
        for part in masked.split(delimiter, most):
            parts.append(octets[start : start + len(part)])
            start += len(part) + len(delimiter)
        return parts

    def read(self, octets: bytes) -> str | Refused:
        """Decode *octets* strictly."""
        if _is_plain(octets):
            return octets.decode()
        text = decode(octets, self._names)
        # After an escape sequence that it does not know, Python decodes any octets as characters.
        return UNDECODABLE if self._codec == JAPANESE and isinstance(text, str) and "\x1b" in text else text

    def write(self, text: str) -> bytes | None:
        """Encode a new *text*; None if the set, in its strict definition, lacks one of the characters."""
        if text.isascii():
            return text.encode()
        if self._codec is None or (self._codec == UNNAMED and self._is_something_else):
            return None
        octets = _encode(text, self._strict)
        if octets is None or self.read(octets) != text:
            return None
        return octets if self._codec != JAPANESE or self._may_switch(octets) else None

    def write_again(self, text: str) -> bytes | None:
        """Encode a text that :meth:`read` returned, even if the sender used a wider set than the name says."""
        known = self._codec or "ascii"
        octets = _encode(text, known)
        return _encode(text, WIDER[known]) if octets is None and known in WIDER else octets

    @cached_property
    def _is_something_else(self) -> bool:
        """Whether the message names no set, and is not UTF-8, which is the default."""
        return not (self._names and self._names[0]) and isinstance(decode(self._data, [UNNAMED]), Refused)

    @property
    def _strict(self) -> str:
        # 80 to 9F are read as in Windows-1252, which many senders mean, but a receiver may know real ISO 8859-1 only.
        is_latin_1 = self._codec == "cp1252" and not _WINDOWS.search(self._names[0])
        return "latin-1" if is_latin_1 else self._codec or "ascii"

    def _may_switch(self, octets: bytes) -> bool:
        """Whether the message names every set that *octets* switches to."""
        names = " ".join(self._names).replace(" ", "").upper()
        return all(sequence not in octets or any(part in names for part in parts) for sequence, parts in _SWITCHES)

    def _is_no_text(self, octets: bytes) -> bool:
        return isinstance(self.read(octets), Refused)


def _encode(text: str, known: str) -> bytes | None:
    try:
        octets = text.encode(known)
    except UnicodeEncodeError:
        return None
    # Some of Python's codecs encode a yen as a backslash, and the like.
    return octets if octets.decode(known, "replace") == text else None


def _is_plain(octets: bytes) -> bool:
    """Return whether *octets* are the same text in every set: ASCII without escape sequences of ISO 2022."""
    return octets.isascii() and b"\x1b" not in octets

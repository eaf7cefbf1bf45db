"""Searches octets that should be numbers or an image for text: tables, waveforms, compressed frames."""

import re
from collections.abc import Collection

SHORTEST, SHORTEST_INSIDE = 4, 5
"""Characters of a word that is searched for; of one that is found beside other letters. Numbers look like shorter ones
by chance."""
PLAIN = bytes(
    each + 32 if 65 <= each <= 90 else each if chr(each).isalnum() and each < 128 else 32 for each in range(256)
)
"""Turns capital letters into small ones, and what is neither letter nor digit into a blank."""
RUN = re.compile(rb"[0-9A-Za-z](?:\0?[0-9A-Za-z]){4,}")
BLANKS = re.compile(rb" +")


class OctetSearch:
    """The identifiers of one object as octets."""

    def __init__(self, words: Collection[str], numbers: Collection[str], names: Collection[str]) -> None:
        ascii_words = {each for each in words if each.isascii()}
        self._words = [f" {each} ".encode() for each in ascii_words if len(each) >= SHORTEST]
        self._inside = [each.encode() for each in ascii_words if len(each) >= SHORTEST_INSIDE and each.isalpha()] + [
            each.encode() for each in numbers if len(each) >= SHORTEST_INSIDE
        ]
        self._raw = [
            octets
            for name in names
            for encoding in ("utf-8", "utf-16-le", "utf-16-be", "latin-1")
            if len(octets := name.encode(encoding, "ignore")) >= SHORTEST
        ]

    def is_in(self, octets: bytes) -> bool:
        """Whether *octets* contain one of them as text, also with a NUL between the letters."""
        if any(each in octets for each in self._raw):
            return True
        if self._is_in_text(octets):
            return True
        return b"\0" in octets and self._is_in_text(octets.replace(b"\0", b""))

    def _is_in_text(self, octets: bytes) -> bool:
        text = b" " + BLANKS.sub(b" ", octets.translate(PLAIN)) + b" "
        return any(each in text for each in self._words) or any(each in text for each in self._inside)

    def is_in_frame(self, frame: bytes) -> bool:
        """Whether a frame contains one, of five letters and more; this reads 100 MB a second and more."""
        runs = RUN.findall(frame)
        return bool(runs) and self.is_in(b"\n".join(runs))

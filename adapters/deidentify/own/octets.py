"""Searches octets that should be numbers for text: tables, waveforms."""

import re
import zlib
from collections.abc import Collection
from datetime import date

from adapters.deidentify.own.charsets import written_in_cases
from adapters.deidentify.own.terms import of_date

SHORTEST, SHORTEST_INSIDE = 4, 5
"""Characters of a word that is searched for; of one that is found beside other letters. Numbers look like shorter ones
by chance."""
PLAIN = bytes(
    each + 32 if 65 <= each <= 90 else each if chr(each).isalnum() and each < 128 else 32 for each in range(256)
)
"""Turns capital letters into small ones, and what is neither letter nor digit into a blank."""
DEFLATED = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08")
"""How streams of zlib (RFC 1950) and gzip (RFC 1952) begin."""
EITHER, MOST_STREAMS, MOST_INFLATED = 47, 64, 64 * 1024
BLANKS = re.compile(rb" +")
DIGITS = re.compile(rb"[0-9]+")
LONG_RUN, PRINTED = 12, re.compile(rb"[\t\n\r -~]{7,}")
ENCODED = re.compile(rb"%[0-9A-Fa-f]{2}|=[0-9A-F]{2}|&#?\w|\\[ux]|\A[A-Za-z0-9+/_-]{6,}={0,2}\Z|\A[0-9A-Fa-f :-]+\Z")
"""What a shorter run looks like in which something is encoded: five letters take eight characters in base64."""


def printed(octets: bytes) -> list[str]:
    """Return the runs of *octets* that look like a text, which may be encoded once more.

    They have LONG_RUN characters and more, or seven if something seems to be encoded in them: numbers look like shorter
    ones by chance.
    """
    without = [octets, octets.replace(b"\0", b"")] if b"\0" in octets else [octets]
    runs = [run for each in without for run in PRINTED.findall(each)]
    return [run.decode("ascii") for run in runs if len(run) >= LONG_RUN or ENCODED.search(run)]


def inflated(octets: bytes) -> list[bytes]:
    """Return what the deflated streams in *octets* hold, each up to 64 KiB; of 65 at most."""
    view, found = memoryview(octets), []
    for start in DEFLATED.finditer(octets):
        try:
            found.append(zlib.decompressobj(EITHER).decompress(view[start.start() :][:MOST_INFLATED], MOST_INFLATED))
        except zlib.error:
            continue
        if len(found) > MOST_STREAMS:
            break
    return found


class OctetSearch:
    """The identifiers of one object as octets."""

    def __init__(
        self,
        words: Collection[str],
        numbers: Collection[str],
        names: Collection[str],
        dates: Collection[date] = (),
    ) -> None:
        self._days = [_Day(each) for each in dates]
        ascii_words = {each for each in words if each.isascii()}
        self._words = [f" {each} ".encode() for each in ascii_words if len(each) >= SHORTEST]
        inside = {each for each in ascii_words if len(each) >= SHORTEST_INSIDE and each.isalpha()}
        self._inside = shortest(inside | {each for each in numbers if len(each) >= SHORTEST_INSIDE})
        self._raw = {
            octets
            for name in names
            for written in written_in_cases(name)
            for encoding in ("utf-8", "utf-16-le", "utf-16-be", "latin-1")
            if len(octets := written.encode(encoding, "ignore")) >= SHORTEST
        }

    def is_in(self, octets: bytes) -> bool:
        """Whether *octets* contain one of them as text, also with a NUL between the letters."""
        if any(each in octets for each in self._raw):
            return True
        if self._is_in_text(octets):
            return True
        return b"\0" in octets and self._is_in_text(octets.replace(b"\0", b""))

    def _is_in_text(self, octets: bytes) -> bool:
        text = b" " + BLANKS.sub(b" ", octets.translate(PLAIN)) + b" "
        if any(each in text for each in self._words) or any(each in text for each in self._inside):
            return True
        runs = set(DIGITS.findall(text)) if self._days else set()
        return any(day.is_in(text, runs) for day in self._days)


def shortest(words: Collection[str]) -> list[bytes]:
    """Return the words in which no other one is: where a word is, those in it are, too."""
    found: list[bytes] = []
    for each in sorted(words, key=len):
        if not any(other in each.encode() for other in found):
            found.append(each.encode())
    return found


class _Day:
    """A date; its spellings are made only where the digits of its day and its year stand as they are in one of them."""

    def __init__(self, day: date) -> None:
        self._day = day
        year, month, number = (each.encode() for each in (f"{day.year:04}", f"{day.month:02}", f"{day.day:02}"))
        self._years = {year, year[2:]}
        self._numbers = {number, str(day.day).encode()}
        self._together = {year + month + number, number + month + year, month + number + year}
        self._spellings: list[bytes] = []

    def is_in(self, text: bytes, runs: set[bytes]) -> bool:
        """Whether *text* has a spelling of the day between blanks; *runs* are its runs of digits."""
        if self._together.isdisjoint(runs) and (self._years.isdisjoint(runs) or self._numbers.isdisjoint(runs)):
            return False
        return any(b" " + each + b" " in text for each in self._spelled())

    def _spelled(self) -> list[bytes]:
        if not self._spellings:
            self._spellings = [each.encode() for each in of_date(self._day)]
        return self._spellings

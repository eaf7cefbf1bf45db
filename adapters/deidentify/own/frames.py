"""Searches compressed frames for text; a quick look tells of most that they hold none."""

from collections.abc import Collection
from datetime import date

from adapters.deidentify.own.octets import PLAIN, SHORTEST_INSIDE, shortest
from adapters.deidentify.own.terms import of_date

NO_TEXT = bytes(each for each in range(256) if PLAIN[each] == 32)
"""What is neither letter nor digit."""
KINDS = bytes(97 if PLAIN[each] != 32 else 48 if each == 0 else 32 for each in range(256))
"""Turns letters and digits into ``a``, NUL into ``0``, and everything else into a blank."""
ALTERNATING = b"a0" * (SHORTEST_INSIDE - 1) + b"a"
"""A word with a NUL between its letters, in those kinds."""
MOST_LOOKS = 256
"""Places of a year in one frame that are looked at one by one."""


class FrameSearch:
    """The identifiers of one object that are searched for: words and numbers of five letters and more, dates."""

    def __init__(self, words: Collection[str], numbers: Collection[str], dates: Collection[date]) -> None:
        long = {each for each in words if each.isascii() and len(each) >= SHORTEST_INSIDE}
        inside = {each for each in long if each.isalpha()}
        self._inside = shortest(inside | {each for each in numbers if len(each) >= SHORTEST_INSIDE})
        alone = (each.encode() for each in long if " " not in each)
        self._alone = [each for each in alone if not any(part in each for part in self._inside)]
        self._days = [_Day(each) for each in dates]

    def is_in(self, frame: bytes) -> bool:
        """Whether a frame contains one, also with a NUL between its letters."""
        if not self._may_be_in(frame.translate(PLAIN, NO_TEXT)):
            return False
        if self._is_in_plain(frame.translate(PLAIN)):
            return True
        if ALTERNATING not in frame.translate(KINDS):
            return False
        return self._is_in_plain(frame.replace(b"\0", b"").translate(PLAIN))

    def _may_be_in(self, joined: bytes) -> bool:
        """Whether one can be in a frame: in its letters and digits without what is between them.

        That is a fourth of most frames, and has each term that the frame has; rarely another one.
        """
        return (
            any(each in joined for each in self._inside)
            or any(each in joined for each in self._alone)
            or any(each.may_be_in(joined) for each in self._days)
        )

    def _is_in_plain(self, plain: bytes) -> bool:
        text = b"".join((b" ", plain, b" "))
        return (
            any(each in text for each in self._inside)
            or any(b" " + each + b" " in text for each in self._alone)
            or any(each.is_in(text) for each in self._days)
        )


class _Day:
    """A date in its spellings that have four digits for the year; they are made where the year is found."""

    def __init__(self, day: date) -> None:
        self._day, self._year = day, f"{day.year:04}".encode()
        self._spellings: list[bytes] = []

    def is_in(self, text: bytes) -> bool:
        """Whether a spelling stands between blanks, with one blank between its parts."""
        return self._year in text and any(b" " + each + b" " in text for each in self._spelled())

    def may_be_in(self, joined: bytes) -> bool:
        """Whether a spelling is in *joined*, which has no blanks; too many places of the year count as well."""
        at = joined.find(self._year)
        if at < 0:
            return False
        spellings = [each.replace(b" ", b"") for each in self._spelled()]
        reach = max(map(len, spellings))
        for _ in range(MOST_LOOKS):
            around = joined[max(0, at - reach) : at + reach]
            if any(each in around for each in spellings):
                return True
            at = joined.find(self._year, at + 1)
            if at < 0:
                return False
        return True

    def _spelled(self) -> list[bytes]:
        if not self._spellings:
            self._spellings = [each.encode() for each in of_date(self._day) if self._year in each.encode()]
        return self._spellings

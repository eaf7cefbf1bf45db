"""Finds the values that contain an identifier of the object itself."""

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import date

from adapters.deidentify.own.charsets import in_charsets
from adapters.deidentify.own.folding import spaced
from adapters.deidentify.own.frames import FrameSearch
from adapters.deidentify.own.matching import LONG, Matcher
from adapters.deidentify.own.octets import MOST_STREAMS, OctetSearch, inflated, printed
from adapters.deidentify.own.said import Said, said
from adapters.deidentify.own.terms import IDEOGRAPHIC, of_name, of_number, of_telephone

SHORT = 2
"""An identifier of so few characters is found only where it is the whole value."""
DAY = re.compile(r"(\d{4})\D?(\d\d)\D?(\d\d)", re.ASCII)
LONG_IN_UID = 6
SEPARATORS_OF_NAMES = re.compile(r"[\^=\\ ]+")


class OwnIdentifiers:
    """The identifiers of one object, collected from its header; then values are searched for them."""

    def __init__(self) -> None:
        self._words: set[str] = set()
        """Found as whole words, or as words in a row."""
        self._inside: set[str] = set()
        """Found anywhere in the letters and digits of a value."""
        self._whole: set[str] = set()
        """Found only where the value is nothing else."""
        self._digits: set[str] = set()
        """Numbers: found where no digit stands before or after them, also with punctuation between their digits."""
        self._days: set[date] = set()
        """Found in each spelling, where no digit stands before or after it; behind ``YYYYMMDD`` a clock may follow."""
        self._parts: set[str] = set()
        """Parts of names of any length: they count beside an identifier only."""
        self._uids: set[str] = set()
        self._names: set[str] = set()
        """Names as they are written, of which none is ASCII alone: they are searched for in numbers."""
        self._written: frozenset[bytes] | None = None
        """These in other character sets."""
        self._octets: OctetSearch | None = None
        self._frames: FrameSearch | None = None
        self._matcher: Matcher | None = None

    def add_name(self, name: str) -> None:
        """Add the name of a person: its parts in any order, with ``^``, ``=``, commas or blanks between."""
        self._octets = self._frames = self._matcher = None
        if not name.isascii():
            self._written = None
            self._names.update(part for part in SEPARATORS_OF_NAMES.split(name) if len(part) > 1 and not part.isascii())
        self._parts.update(part for form in spaced(name) for part in form.split())
        for term in of_name(name):
            if len(term.replace(" ", "")) >= LONG or IDEOGRAPHIC.search(term):
                self._inside.add(term.replace(" ", ""))
            self._words.add(term)

    def add_number(self, number: str) -> None:
        """Add an identifier: of the patient, an order, a visit, an account, a telephone."""
        self._octets = self._frames = self._matcher = None
        for term in of_number(number):
            bare = term.replace(" ", "")
            if len(bare) <= SHORT:
                self._whole.add(bare)
            elif bare.isdecimal():
                self._digits.add(bare)
                self._words.add(term)
            else:
                self._words.add(term)
                if len(bare) >= LONG:
                    self._inside.add(bare)

    def add_telephone(self, text: str) -> None:
        """Add a telephone number, also as it is dialled from elsewhere."""
        for each in of_telephone(text):
            self.add_number(each)

    def add_date(self, text: str) -> None:
        """Add a date that begins with ``YYYYMMDD`` or ``YYYY-MM-DD``; anything else is passed over."""
        found = DAY.match(text)
        if found is None:
            return
        try:
            day = date(*map(int, found.groups()))
        except ValueError:
            return
        self._octets = self._frames = self._matcher = None
        self._days.add(day)

    def add_uid(self, uid: str) -> None:
        """Add the UID of an instance: it is found as it stands."""
        self._uids.add(uid)

    def is_in_octets(self, octets: bytes) -> bool:
        """Whether numbers contain an identifier: as text of one octet or of two for each letter."""
        search, streams = self._searched(), inflated(octets)
        if len(streams) > MOST_STREAMS:
            return True  # no numbers look like so many streams, and not all of them are read
        return any(search.is_in(each) or self.found_in(printed(each)) for each in (octets, *streams))

    @property
    def numbers(self) -> frozenset[int]:
        """The numbers and days as integers; a day as ``YYYYMMDD``."""
        return frozenset(map(int, self._digits | set(map(_digits, self._days))))

    def in_other_charsets(self, values: Collection[bytes]) -> frozenset[bytes]:
        """Return those of *values* that have a name in whatever character set it may be written, but ASCII."""
        if not self._names:
            return frozenset()
        if self._written is None:
            self._written = in_charsets(self._names)
        together = b"\n".join(values)
        written = [each for each in self._written if each in together]
        return frozenset(value for value in values if any(each in value for each in written))

    def is_in_frame(self, frame: bytes) -> bool:
        """Whether a compressed frame contains an identifier of five letters or digits and more."""
        if self._frames is None:
            numbers = self._digits | set(map(_digits, self._days))
            self._frames = FrameSearch(self._words | self._inside, numbers, self._days)
        return self._frames.is_in(frame)

    def is_in_uid(self, uid: str) -> bool:
        """Whether a UID contains an identifier: as one of its components, or, of six digits and more, inside one."""
        parts = uid.split(".")
        numbers = self._digits | set(map(_digits, self._days))
        return uid in self._uids or any(
            part.lstrip("0") in numbers or any(len(each) >= LONG_IN_UID and each in part for each in numbers)
            for part in parts
        )

    def _searched(self) -> OctetSearch:
        if self._octets is None:
            numbers = self._digits | set(map(_digits, self._days))
            self._octets = OctetSearch(self._words | self._inside, numbers, self._names, self._days)
        return self._octets

    def __bool__(self) -> bool:
        """Whether there is anything to search for."""
        return bool(self._words or self._whole or self._days or self._uids)

    def found_in(self, values: Sequence[str]) -> list[int]:
        """Return the positions of the *values* that contain an identifier, in order."""
        if not self:
            return []
        return list(self._found(said(values), 0))

    def _found(self, values: Sequence[Said], first: int) -> Iterator[int]:
        """Yield the positions, counted from *first*: by halves, as mostly few values of many contain one."""
        if not values or not self._any_in(values):
            return
        if len(values) == 1:
            yield first
            return
        middle = len(values) // 2
        yield from self._found(values[:middle], first)
        yield from self._found(values[middle:], first + middle)

    def is_part(self, word: str) -> bool:
        """Whether *word* is a part of a name, however short: ``Ng``, ``de``, an initial."""
        return any(form in self._parts for form in spaced(word))

    def is_in(self, value: str) -> bool:
        """Whether *value* contains an identifier."""
        return bool(self.found_in((value,)))

    def _any_in(self, values: Sequence[Said]) -> bool:
        """Whether one of *values* contains an identifier: all are searched together, which is much faster."""
        if self._uids and any(not self._uids.isdisjoint(each.uids) for each in values if each.uids):
            return True
        if self._matcher is None:
            self._matcher = Matcher(self._words, self._inside, self._whole, self._digits, self._days)
        return self._matcher.is_in_lines("\n".join([each.lines for each in values]))


def _digits(day: date) -> str:
    return f"{day.year:04}{day.month:02}{day.day:02}"

"""Searches many texts at once for terms: words, words in a row, numbers, dates.

What most texts have not got is decided by sets: of the words of all texts, and of their runs of digits. Only what these
cannot exclude is searched for.
"""

import re
from collections.abc import Collection, Iterable
from datetime import date

from adapters.deidentify.own.terms import MONTHS, of_date_in_digits, of_date_with_month

RUNS = re.compile(r"\d+(?: \d+)*")
"""Digits, and digits with blanks between them."""
DAY = 8
"""Digits of a day."""
SHORTEST_REVERSED = 4
"""Characters of a word or a number that is also searched for written backwards; ``eel`` is not Lee."""
LONG = 5
"""Characters of a word that is found inside another word, or with blanks between its letters."""
GROUPED = 7
"""Digits of a number that is found with blanks between its digits also beside other numbers: ``3 555 01 99`` may be a
telephone number of an item of a list, while shorter ones are in any list of numbers by chance."""
NEWLINE, SEPARATOR = "\n", " \n "


class Matcher:
    """The terms of one object, prepared for the search; a text is in one of the forms of folding."""

    def __init__(
        self,
        words: Collection[str],
        inside: Collection[str],
        whole: Collection[str],
        numbers: Collection[str],
        dates: Collection[date],
    ) -> None:
        self._words = {each for each in words if " " not in each}
        self._words |= {each[::-1] for each in self._words if len(each) >= SHORTEST_REVERSED}
        self._rows: dict[str, list[str]] = {}
        spelled = (" ".join(each) for each in words if len(each) < LONG)  # longer ones are among those inside
        for each in (*words, *spelled):
            if " " in each:
                self._rows.setdefault(each.partition(" ")[0], []).append(f" {each} ")
        self._inside = (*inside, *(each[::-1] for each in inside))
        self._whole = frozenset(whole)
        self._numbers: dict[str, int] = {}
        """By its digits without zeros before them, how many digits a number has; more zeros may be before it."""
        backwards = (each[::-1] for each in numbers if len(each) >= SHORTEST_REVERSED)
        for each in (*numbers, *backwards):
            bare = _bare(each)
            self._numbers[bare] = min(len(each), self._numbers.get(bare, len(each)))
        self._grouped = frozenset(each for each in map(_bare, numbers) if len(each) >= GROUPED)
        self._longest = max(map(len, self._grouped), default=0)
        self._dates = [_Day(each) for each in dates]
        self._days = {f"{each.year:04}{each.month:02}{each.day:02}" for each in dates}

    def is_in(self, forms: Iterable[str]) -> bool:
        """Whether one of the terms is in one of *forms*."""
        return self.is_in_lines("\n".join(forms))

    def is_in_lines(self, lines: str) -> bool:
        """Whether one of the terms is in one of *lines*, which are forms."""
        if self._whole and not self._whole.isdisjoint(lines.replace(" ", "").split("\n")):
            return True
        together = f" {lines.replace(NEWLINE, SEPARATOR)} "
        words = set(together.split())
        if not self._words.isdisjoint(words) or any(
            row in together for first in self._rows.keys() & words for row in self._rows[first]
        ):
            return True
        letters = together.replace(" ", "")
        if any(each in letters for each in self._inside) or self._has_digits(together):
            return True
        return any(each in letters for each in self._grouped) and self._has_groups(together)

    def _has_groups(self, together: str) -> bool:
        """Whether groups of digits that follow one another are one of the numbers."""
        for found in RUNS.findall(together):
            groups = found.split(" ")
            for first in range(len(groups)):
                digits = ""
                for group in groups[first:]:
                    digits = (digits + group).lstrip("0")
                    if digits in self._grouped:
                        return True
                    if len(digits) > self._longest:
                        break
        return False

    def _has_digits(self, together: str) -> bool:
        runs: set[str] = set()
        joined: set[str] = set()
        for found in RUNS.findall(together):
            if " " in found:
                runs.update(found.split(" "))
                joined.add(found.replace(" ", ""))
            else:
                runs.add(found)
        if not self._days.isdisjoint([run[:DAY] for run in runs if len(run) >= DAY]):
            return True
        bare = set(map(_bare, runs))
        split = set(map(_bare, joined))
        if not (self._numbers.keys().isdisjoint(bare) and self._numbers.keys().isdisjoint(split)):
            longest = len(together) + 1
            if any(len(run) >= self._numbers.get(_bare(run), longest) for run in runs | joined):
                return True
        return any(day.is_in(bare, split, together) for day in self._dates)


class _Day:
    """A date, and what tells quickly that none of its spellings is in a text."""

    def __init__(self, day: date) -> None:
        self._day = day
        year, month, number = f"{day.year:04}", f"{day.month:02}", f"{day.day:02}"
        self._years = {_bare(year), _bare(year[2:])}
        self._number = _bare(number)
        whole = year + month + number, number + month + year, month + number + year
        self._together = {_bare(each) for each in whole}
        self._backwards = {_bare(each[::-1]) for each in whole}
        self._year = year
        self._in_digits: tuple[str, ...] = ()
        self._with_month: dict[str, tuple[str, ...]] = {}
        """By name of the month; only those are made whose name is in a text."""

    def is_in(self, bare: set[str], split: set[str], text: str) -> bool:
        """Whether *text* has a spelling of the day.

        *bare* are its runs of digits without zeros before them, *split* those with blanks between their digits. Each
        spelling has the year and the day as runs of their own, or all three parts as one run.
        """
        if not self._together.isdisjoint(split) or not self._backwards.isdisjoint(split | bare):
            return True
        if self._together.isdisjoint(bare) and (self._number not in bare or self._years.isdisjoint(bare)):
            return False
        self._in_digits = self._in_digits or tuple(of_date_in_digits(self._day))
        if any(_stands_alone(each, text) for each in self._in_digits):
            return True
        return any(
            _stands_alone(each, text)
            for name in MONTHS[self._day.month - 1]
            if f"{name} " in text or f"{name}{self._year}" in text
            for each in self._spelled(name)
        )

    def _spelled(self, name: str) -> tuple[str, ...]:
        if name not in self._with_month:
            self._with_month[name] = tuple(of_date_with_month(self._day, name))
        return self._with_month[name]


def _bare(digits: str) -> str:
    return digits.lstrip("0")


def _stands_alone(spelling: str, text: str) -> bool:
    """Whether *spelling* is in *text* with no digit beside it; zeros before it do not count."""
    start = text.find(spelling)
    while start >= 0:
        before = start - 1
        while text[before] == "0":
            before -= 1
        end = start + len(spelling)
        if not text[before].isdecimal() and not text[end].isdecimal():
            return True
        start = text.find(spelling, end)
    return False

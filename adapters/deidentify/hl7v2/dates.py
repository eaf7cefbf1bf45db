"""What is done to dates: they are moved, or cut to their year; of a birth the year stays."""

import re

from adapters.deidentify import postcodes
from adapters.deidentify.hl7v2.document import Field, Leaf, leaves
from adapters.deidentify.manifest import Manifest
from adapters.deidentify.pseudonyms.dates import clock_of, moved
from adapters.deidentify.pseudonyms.domains import Patient
from adapters.deidentify.pseudonyms.service import Pseudonyms

DATE = re.compile(r"(?:19|20)\d{6}(?:\d{2}){0,3}(?:\.\d{1,4})?(?:[+-]\d{4})?|(?:19|20)\d\d-\d\d-\d\d", re.ASCII)
"""What is taken for a date in a segment that no table describes."""


class Dates:
    """The actions for dates that belong to one patient; *year* is that of the message, by which an age is judged."""

    def __init__(self, pseudonyms: Pseudonyms, manifest: Manifest, year: int | None, *, is_safe_harbor: bool) -> None:
        self._pseudonyms, self._manifest, self._year = pseudonyms, manifest, year
        self._is_safe_harbor = is_safe_harbor
        self._days: int | None = None

    def belongs_to(self, patient: Patient) -> None:
        """Take the dates that follow for those of *patient*."""
        self._days = self._pseudonyms.shift(patient)

    def dates_in(self, field: Field) -> None:
        """Move whatever looks like a date in a field that no table describes."""
        for leaf in leaves(field):
            if DATE.fullmatch(leaf.raw.strip()):
                self._move(leaf)

    def birth(self, field: Field) -> None:
        """Keep the year of birth, unless it shows an age above OLDEST."""
        text = field[0][0][0].raw.strip()
        year = int(text[:4]) if re.match(r"\d{4}", text, re.ASCII) else None
        field[:] = [[[Leaf("")]]]
        if year is None:
            return
        self._manifest.note("date", "cut")
        if self._year is not None and -1 <= self._year - year <= postcodes.OLDEST:  # 4815 is no year
            field[0][0][0].make(f"{year:04}")

    def date(self, field: Field) -> None:
        """Move a date, or keep its year; what is no date is removed."""
        for repetition in field:
            self._move(repetition[0][0])
            for leaf in [*repetition[0][1:], *(leaf for component in repetition[1:] for leaf in component)]:
                leaf.clear()
            del repetition[1:]

    def period(self, field: Field) -> None:
        """Keep start and end of a DR."""
        for repetition in field:
            for component in repetition[:2]:
                self._move(component[0])
                del component[1:]
            del repetition[2:]

    def timing(self, field: Field) -> None:
        """Keep start and end of a TQ."""
        for repetition in field:
            for number, component in enumerate(repetition):
                if number in {3, 4}:
                    self._move(component[0])
                    del component[1:]
                else:
                    component[:] = [Leaf("")]

    def _move(self, leaf: Leaf) -> None:
        text = leaf.raw.strip()
        if not text:
            return
        if self._is_safe_harbor:
            is_date = moved(text, 0) is not None
            leaf.make(text[:4] if is_date else "")
            self._manifest.note("date", "cut")
            return
        found = None if self._days is None else moved(text, self._days)
        leaf.make(found or "", clock_of(found or ""))
        self._manifest.note("date", "shifted" if found else "removed")

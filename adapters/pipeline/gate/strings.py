"""Searches octets for very many strings at once: all identifiers of all patients, in all of a file."""

from collections.abc import Iterable, Iterator

from adapters.deidentify.own.charsets import written_in_cases
from adapters.pipeline.gate.identifiers import Identifiers

WINDOW = 6
"""Octets by which a string is looked up. Shorter strings are in other texts by chance, and are not searched for."""
LONG = 8
"""Octets of a whole name: ``Li, Na`` stands in texts that name nobody."""
PIECE = 2**20
"""Octets that are looked at together."""


def distinctive(identified: Iterable[Identifiers]) -> Iterator[str]:
    """Yield the strings of patients that are nobody else's: whole names, numbers and UIDs.

    A part of a name may be a word in the report of another patient, and a day is a day of many.
    """
    for each in identified:
        for name in each.names:
            for group in name.split("="):
                parts = [part for part in group.split("^") if part]
                if len(parts) > 1 and len((parts[0] + parts[1]).encode()) >= LONG:
                    yield from {group, " ".join(parts[:2]), " ".join(parts[1::-1]), ", ".join(parts[:2])}
        yield from (number for number in each.numbers if any(map(str.isdigit, number)))
        yield from each.telephones
        yield from each.uids


class ManyStrings:
    """The strings that must not be there, in capital and in small letters, where no letter and no digit is beside them.

    A number of six digits is in very many pseudonyms and digests by chance.
    """

    def __init__(self, strings: Iterable[str]) -> None:
        import numpy as np  # noqa: PLC0415  only with the extra

        self._by_start: dict[int, set[bytes]] = {}
        for octets in {form.encode().lower() for each in strings for form in written_in_cases(each)}:
            if len(octets) >= WINDOW:
                self._by_start.setdefault(int.from_bytes(octets[:WINDOW], "little"), set()).add(octets)
        self._starts = np.array(sorted(self._by_start), np.uint64)
        self.count = sum(map(len, self._by_start.values()))

    def is_in(self, octets: bytes) -> bool:
        """Whether one of the strings is in *octets*."""
        lower = octets.lower()
        return any(self._stands_at(lower, at) for at in self._candidates(lower))

    def _candidates(self, octets: bytes) -> Iterator[int]:
        """Yield where WINDOW octets are those of the beginning of a string."""
        import numpy as np  # noqa: PLC0415  likewise

        if not len(self._starts):
            return
        for first in range(0, len(octets) - WINDOW + 1, PIECE):
            piece = np.frombuffer(octets[first : first + PIECE + WINDOW - 1], np.uint8)
            count = len(piece) - WINDOW + 1
            windows = np.zeros(count, np.uint64)
            for place in range(WINDOW):
                windows |= piece[place : place + count].astype(np.uint64) << np.uint64(8 * place)
            found = np.minimum(np.searchsorted(self._starts, windows), len(self._starts) - 1)
            for at in np.flatnonzero(self._starts[found] == windows):
                yield first + int(at)

    def _stands_at(self, octets: bytes, at: int) -> bool:
        if octets[max(0, at - 1) : at].isalnum():
            return False
        start = int.from_bytes(octets[at : at + WINDOW], "little")
        return any(
            octets.startswith(each, at) and not octets[at + len(each) : at + len(each) + 1].isalnum()
            for each in self._by_start.get(start, ())
        )

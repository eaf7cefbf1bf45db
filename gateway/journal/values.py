"""Makes the values that a segment's statement binds: of each row some of its own, and numbers that many rows share."""

from collections.abc import Sequence

from gateway.contract.journal import Row
from gateway.journal.schema import OUTCOMES, SLOT_BITS
from gateway.journal.words import Words

CODES = {word: code for code, word in enumerate(OUTCOMES)}
MOST_KNOWN = 10_000

Names = tuple[str, str, str, str, str, str, str, str]
"""Listener, peer, address, type, outcome, answer, reason, destination."""
Numbers = tuple[int, int, int, int, int, int, int, int, int]
"""The same, with the address as host and port; in the order of ``schema.BOUND``."""


class Known(dict[Names, Numbers]):
    """The numbers of names that are often together; asked for others, it takes them from the *words* of the segment."""

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words

    def __missing__(self, names: Names) -> Numbers:
        listener, peer, address, kind, outcome, answer, reason, to = names
        words = self._words
        host, port = self._host(address)
        found = (
            words[listener],
            words[peer],
            host,
            port,
            words[kind],
            CODES[outcome],
            words[answer],
            words[reason],
            words[to],
        )
        if len(self) >= MOST_KNOWN:
            self.clear()
        self[names] = found
        return found

    def _host(self, address: str) -> tuple[int, int]:
        """Return the number of the host of *address*, and the port."""
        host, _, port = address.rpartition(":")
        return (self._words[host], int(port)) if port.isdecimal() else (self._words[address], 0)


class Values:
    """Makes the values of one segment, of which these are the *words*; its rows are later than *last*."""

    def __init__(self, slot: int, words: Words, last: int = 0) -> None:
        self._slot = slot
        self._words = words
        self._known = Known(words)
        self.last = last
        """The time of the last row, in microseconds."""

    def forget(self, last: int) -> None:
        """Go back to the row at *last*, after a transaction that has failed."""
        self._known.clear()
        self.last = last
        self._words.read()

    def of(self, rows: Sequence[Row]) -> list[int | str]:
        """Return the values of *rows*, one row after another; the next rows are behind them."""
        slot, last, known = self._slot, self.last, self._known
        values: list[int | str] = []
        for row in rows:
            # Taken apart as a tuple, because names cost a third more.
            at, message, listener, peer, address, key, kind, octets, outcome, answer, reason, to, tries, seconds = row
            now = int(at * 1e6)
            last = last + 1 if last >= now else now
            values += (last << SLOT_BITS | slot, last - now, message, key, octets, tries, int(seconds * 1e6))
            values += known[listener, peer, address, kind, outcome, answer, reason, to]
        self.last = last
        return values

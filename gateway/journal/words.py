"""The words of one segment: names and sentences that its rows have as numbers."""

import sqlite3

from gateway.journal.schema import MOST_WORDS, OTHER


class Words:
    """Knows the numbers of all words of the segment in *database*, and gives numbers to new ones."""

    def __init__(self, database: sqlite3.Connection, most: int = MOST_WORDS) -> None:
        self._database = database
        self._most = most
        self._numbers: dict[str, int] = {}
        self.read()

    def read(self) -> None:
        """Read the words from the segment: at the start, and after a transaction that has failed."""
        self._numbers = dict(self._database.execute("SELECT word, id FROM words"))

    def number(self, word: str) -> int:
        """Return the number of *word*; that of ``other`` when there are too many words."""
        found = self._numbers.get(word)
        return self._add(word) if found is None else found

    def _add(self, word: str) -> int:
        if len(self._numbers) >= self._most:
            return OTHER
        number = len(self._numbers)
        self._database.execute("INSERT INTO words VALUES (?, ?)", (number, word))
        self._numbers[word] = number
        return number

"""The words of one segment: names and sentences that its rows have as numbers."""

import sqlite3

from gateway.journal.schema import MOST_WORDS, OTHER


class Words(dict[str, int]):
    """The numbers of all words of the segment in *database*; asked for a new word, it gives it a number.

    That of ``other`` where there are too many words. A mapping, because each row asks for six numbers.
    """

    def __init__(self, database: sqlite3.Connection, most: int = MOST_WORDS) -> None:
        super().__init__()
        self._database = database
        self._most = most
        self.read()

    def read(self) -> None:
        """Read the words from the segment: at the start, and after a transaction that has failed."""
        self.clear()
        self.update(self._database.execute("SELECT word, id FROM words"))

    def __missing__(self, word: str) -> int:
        if len(self) >= self._most:
            return OTHER
        number = len(self)
        self._database.execute("INSERT INTO words VALUES (?, ?)", (number, word))
        self[word] = number
        return number

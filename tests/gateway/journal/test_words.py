"""Words and their numbers."""

import sqlite3

from gateway.journal.schema import NO_WORD, OTHER, TABLES
from gateway.journal.words import Words


def test_numbers() -> None:
    """Each word has one number, also after the segment is opened again; beyond the limit all share one."""
    database = sqlite3.connect(":memory:")
    database.executescript(TABLES)
    words = Words(database, most=4)
    assert (NO_WORD, 2, 3, 2, OTHER) == tuple(words[each] for each in ("", "a", "b", "a", "c"))
    again = Words(database, most=5)
    assert (2, 3, 4, OTHER) == tuple(again[each] for each in ("a", "b", "c", "d"))


def test_failed_transaction() -> None:
    """A word of a transaction that was undone gets a number again."""
    database = sqlite3.connect(":memory:", isolation_level=None)
    database.executescript(TABLES)
    words = Words(database)
    database.execute("BEGIN")
    words["a"]
    database.execute("ROLLBACK")
    words.read()
    assert 2 == words["b"]
    assert [("b",)] == database.execute("SELECT word FROM words WHERE id = 2").fetchall()

"""The values of a segment's statement."""

import sqlite3
from collections.abc import Iterator

import pytest

from gateway.journal import values
from gateway.journal.schema import COLUMNS, SLOT_BITS, TABLES
from gateway.journal.values import Values
from gateway.journal.words import Words
from tests.gateway.journal.rows_for_tests import NOW, row


@pytest.fixture(name="words")
def _words() -> Iterator[Words]:
    database = sqlite3.connect(":memory:", isolation_level=None)
    database.executescript(TABLES)
    yield Words(database)
    database.close()


def test_values(words: Words) -> None:
    """Each row has as many values as there are columns: its own, and the numbers of its names."""
    made = Values(3, words).of([row(1), row(2)])
    assert 2 * COLUMNS == len(made)
    assert [int((NOW + 2) * 1e6) << SLOT_BITS | 3, 0, "m2", "C2", 200, 1, 250_000] == made[COLUMNS:][:7]
    names = [words[each] for each in ("adt", "HIS|WARD", "10.0.0.7")]
    kind, answer, reason, destination = (words[each] for each in ("ADT^A01", "AA", "", "hl7-store"))
    assert [*names, 5000, kind, 0, answer, reason, destination] == made[COLUMNS:][7:]


def test_places(words: Words) -> None:
    """Places rise, also from one batch to the next, and tell by how much each is ahead of its time."""
    maker = Values(0, words, int((NOW + 1) * 1e6))
    made = maker.of([row(1), row(2)]) + maker.of([row(1)])
    assert [(NOW + 1) * 1e6 + 1, (NOW + 2) * 1e6, (NOW + 2) * 1e6 + 1] == [
        int(each) >> SLOT_BITS for each in made[::COLUMNS]
    ]
    assert [1, 0, 1_000_001] == made[1::COLUMNS]


def test_forgotten(words: Words) -> None:
    """After a transaction that has failed, its words have no numbers, and its places are free."""
    maker = Values(0, words)
    words._database.execute("BEGIN")
    maker.of([row(1, peer="new")])
    words._database.execute("ROLLBACK")
    maker.forget(5)
    assert (5, False) == (maker.last, "new" in words)
    maker.of([row(2, peer="newer"), row(3, peer="new")])
    assert words["newer"] < words["new"]


def test_many_names(words: Words, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that are known are few, however many there are."""
    monkeypatch.setattr(values, "MOST_KNOWN", 2)
    maker = Values(0, words)
    made = maker.of([row(each, address=f"10.0.0.7:{each}") for each in range(1, 6)])
    assert [1, 2, 3, 4, 5] == made[10::COLUMNS]
    assert 2 >= len(maker._known)

"""Places of rows, and the statement that adds them."""

from gateway.journal.schema import AT_ONCE, OUTCOMES, SLOT_BITS, SLOTS, STEP, USUAL, insertion, pieces, seq_at, time_of
from tests.gateway.journal.rows_for_tests import NOW


def test_places() -> None:
    """A place keeps the time to the microsecond, has room for the slot, and fits into SQLite for a thousand years."""
    assert NOW + 0.000001 == time_of(seq_at(NOW + 0.000001) | (SLOTS - 1))
    assert seq_at(NOW) < seq_at(NOW + 0.000001)
    assert 1 << SLOT_BITS == SLOTS
    assert seq_at(NOW + 1000 * 366 * 86400) < 1 << 63


def test_insertion() -> None:
    """A statement has a mark for each value of each row."""
    assert 3 * insertion(1).count("?") == insertion(3).count("?")


def test_pieces() -> None:
    """Each row is in one statement, and there are few different ones."""
    made = [list(pieces(rows)) for rows in range(3000)]
    assert list(range(3000)) == [sum(each) for each in made]
    assert [500, 500, 150, 7] == made[1157]
    assert STEP - 1 + AT_ONCE // STEP == len({piece for each in made for piece in each})


def test_usual_outcomes() -> None:
    """The outcomes that nearly all messages have come first: they are in no index."""
    assert ("stored", "committed") == OUTCOMES[: USUAL + 1]

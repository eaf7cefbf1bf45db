"""What may be asked for."""

from gateway.journal.query import ASKED_OUTCOMES, NOT_STORED, Query
from gateway.journal.schema import OUTCOMES


def test_outcomes() -> None:
    """Every outcome may be asked for, and all the unusual ones together."""
    assert {*OUTCOMES, NOT_STORED} == set(ASKED_OUTCOMES)


def test_no_conditions() -> None:
    """A query without conditions asks for the newest page."""
    assert (50, None, "") == (Query().limit, Query().before, Query().peer)

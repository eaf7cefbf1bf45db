"""What becomes of a spooled message after an outcome."""

import pytest

from gateway.message import Outcome, Refused, Stored, Unavailable
from gateway.retry import Backoff
from gateway.settlement import Patience, settle
from gateway.spool.interface import Again, Delivered, Parked, Settlement

BACKOFF = Backoff(first=2.0, ceiling=60.0)
FOR_EVER = Patience(backoff=BACKOFF)
DOWN = Unavailable("down")

CASES: dict[str, tuple[Outcome, int, float, Patience, Settlement]] = {
    "stored": (Stored(), 1, 0.0, FOR_EVER, Delivered()),
    "refused": (Refused("bad"), 1, 0.0, FOR_EVER, Parked("bad")),
    "refused, its key waits": (Refused("bad"), 1, 0.0, Patience(on_refused="park_key"), Parked("bad", hold_key=True)),
    "unavailable": (DOWN, 1, 0.0, FOR_EVER, Again("down", 1.5)),
    "unavailable again": (DOWN, 2, 0.0, FOR_EVER, Again("down", 3.0)),
    "unavailable for a week": (DOWN, 9_999, 604_800.0, FOR_EVER, Again("down", 45.0)),
    "the store asks for more": (Unavailable("busy", retry_after=90.0), 1, 0.0, FOR_EVER, Again("busy", 90.0)),
    "the last attempt": (DOWN, 3, 0.0, Patience(max_attempts=3), Parked("given up after 3 attempts: down")),
    "too old": (DOWN, 7, 61.0, Patience(max_age=60.0), Parked("given up after 7 attempts: down")),
    "not yet too old": (DOWN, 1, 59.0, Patience(max_age=60.0, backoff=BACKOFF), Again("down", 1.5)),
}


@pytest.mark.parametrize(("outcome", "attempts", "age", "patience", "expected"), CASES.values(), ids=CASES)
def test_settle(outcome: Outcome, attempts: int, age: float, patience: Patience, expected: Settlement) -> None:
    """Stored is delivered, refused is parked, unavailable is tried again until patience ends."""
    assert expected == settle(outcome, attempts, age, patience, jitter=0.5)


def test_jitter_spreads() -> None:
    """Pauses of messages that failed together differ, from half to the whole."""
    pauses = [settle(DOWN, 1, 0.0, FOR_EVER, jitter) for jitter in (0.0, 1.0)]
    assert [Again("down", 1.0), Again("down", 2.0)] == pauses

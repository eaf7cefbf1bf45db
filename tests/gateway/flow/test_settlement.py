"""What becomes of a spooled message after an outcome."""

import pytest

from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook
from gateway.flow.retry import Backoff
from gateway.flow.settlement import RetryPolicy, is_over, settle
from gateway.flow.trials import Tries
from gateway.spool.interface import Delivered, Parked, RetryLater, Settlement

BACKOFF = Backoff(first=2.0, ceiling=60.0)
FOR_EVER = RetryPolicy(backoff=BACKOFF)
DOWN = Unavailable("down")

CASES: dict[str, tuple[Outcome, int, float, RetryPolicy, Settlement]] = {
    "stored": (Stored(), 1, 0.0, FOR_EVER, Delivered()),
    "refused": (Refused("bad"), 1, 0.0, FOR_EVER, Parked("bad")),
    "refused, its key waits": (
        Refused("bad"),
        1,
        0.0,
        RetryPolicy(on_refused="park_key"),
        Parked("bad", hold_key=True),
    ),
    "unavailable": (DOWN, 1, 0.0, FOR_EVER, RetryLater("down", 1.5)),
    "unavailable again": (DOWN, 2, 0.0, FOR_EVER, RetryLater("down", 3.0)),
    "unavailable for a week": (DOWN, 9_999, 604_800.0, FOR_EVER, RetryLater("down", 45.0)),
    "the store asks for more": (Unavailable("busy", retry_after=90.0), 1, 0.0, FOR_EVER, RetryLater("busy", 90.0)),
    "the last attempt": (DOWN, 3, 0.0, RetryPolicy(max_attempts=3), Parked("given up after 3 attempts: down")),
    "too old": (DOWN, 7, 61.0, RetryPolicy(max_age=60.0), Parked("given up after 7 attempts: down")),
    "not yet too old": (DOWN, 1, 59.0, RetryPolicy(max_age=60.0, backoff=BACKOFF), RetryLater("down", 1.5)),
}


DOUBTFUL, TEMPORARY, BUSY, FINAL = Outlook.DOUBTFUL, Outlook.TEMPORARY, Outlook.BUSY, Outlook.FINAL
ODD = Unavailable("odd", outlook=DOUBTFUL)
HELD = Unavailable("odd", maybe_stored=True, outlook=DOUBTFUL)
FAILS = Unavailable("500", outlook=TEMPORARY)
AGAIN = RetryLater("odd", 1.5)

REPLIES: dict[str, tuple[Outcome, Tries, Settlement]] = {
    "final": (Refused("bad"), Tries(), Parked("bad")),
    "a failure that is called final": (Unavailable("500", outlook=FINAL), Tries(), Parked("500")),
    "a refusal that is called temporary": (Refused("odd", outlook=TEMPORARY), Tries(own=19), AGAIN),
    "a refusal that is called busy": (Refused("odd", outlook=BUSY), Tries(), AGAIN),
    "doubtful": (ODD, Tries(doubtful=1), AGAIN),
    "doubtful too often": (ODD, Tries(doubtful=5), Parked("given up after 5 doubtful replies: odd")),
    "doubtful too often, the store may have it": (
        HELD,
        Tries(doubtful=5),
        Parked("given up after 5 doubtful replies, it may be stored: odd"),
    ),
    "doubtful of old, but down now": (Unavailable("odd", outlook=BUSY), Tries(doubtful=5), AGAIN),
    "a refusal that is doubtful too often": (
        Refused("AR", outlook=DOUBTFUL),
        Tries(doubtful=5),
        Parked("given up after 5 doubtful replies: AR"),
    ),
    "its own failure": (FAILS, Tries(own=19), RetryLater("500", 1.5)),
    "its own failure too often": (
        FAILS,
        Tries(own=20),
        Parked("given up after 20 equal replies while others were taken: 500"),
    ),
    "its own failure of old, but busy now": (Unavailable("odd", outlook=BUSY), Tries(own=20), AGAIN),
}


@pytest.mark.parametrize(("outcome", "tries", "expected"), REPLIES.values(), ids=REPLIES)
def test_replies_that_stay_the_same(outcome: Outcome, tries: Tries, expected: Settlement) -> None:
    """Only failures that can pass with time are tried without limit."""
    assert expected == settle(outcome, 1, 0.0, FOR_EVER, 0.5, tries)


def test_few_tries_outlast_a_restart() -> None:
    """The pauses between doubtful replies grow eightfold, to the ceiling: five tries take two minutes, not 15 s."""
    retry_policy = RetryPolicy()
    found = [settle(ODD, number, 0.0, retry_policy, 1.0, Tries(doubtful=number)) for number in range(1, 6)]
    assert [RetryLater("odd", 1.0), RetryLater("odd", 8.0), RetryLater("odd", 60.0), RetryLater("odd", 60.0)] == found[
        :4
    ]
    assert isinstance(found[4], Parked)


def test_own_failures_for_ever() -> None:
    """Without max_own_failures a message that fails alone is tried for ever."""
    retry_policy = RetryPolicy(backoff=BACKOFF, max_own_failures=None)
    assert RetryLater("500", 1.5) == settle(FAILS, 1, 0.0, retry_policy, 0.5, Tries(own=9_999))


OVER: dict[str, tuple[Outcome, bool]] = {
    "stored": (Stored(), True),
    "refused": (Refused("bad"), True),
    "a refusal that is called temporary": (Refused("bad", outlook=TEMPORARY), False),
    "down": (DOWN, False),
    "doubtful": (ODD, False),
    "a failure that is called final": (Unavailable("500", outlook=FINAL), True),
}


@pytest.mark.parametrize(("outcome", "expected"), OVER.values(), ids=OVER)
def test_is_over(outcome: Outcome, expected: bool) -> None:
    """Only Stored and an outcome with the outlook *final* mean that the store has decided."""
    assert expected == is_over(outcome)


@pytest.mark.parametrize(("outcome", "attempts", "age", "retry_policy", "expected"), CASES.values(), ids=CASES)
def test_settle(outcome: Outcome, attempts: int, age: float, retry_policy: RetryPolicy, expected: Settlement) -> None:
    """Stored is delivered, refused is parked, unavailable is tried again up to the limits."""
    assert expected == settle(outcome, attempts, age, retry_policy, jitter=0.5)


def test_jitter_spreads() -> None:
    """Pauses of messages that failed together differ, from half to the whole."""
    pauses = [settle(DOWN, 1, 0.0, FOR_EVER, jitter) for jitter in (0.0, 1.0)]
    assert [RetryLater("down", 1.0), RetryLater("down", 2.0)] == pauses

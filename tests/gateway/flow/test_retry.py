"""The pauses before retries."""

import pytest

from gateway.contract.outcome import Response, Unavailable
from gateway.flow.retry import Backoff, pause_before_retry

DOWN = Unavailable("down")
BACKOFF = Backoff(attempts=3, first=0.25, ceiling=1.0)

CASES = {
    "the first failure waits the first pause": (DOWN, 1, 10.0, 0.25),
    "each failure doubles the pause": (DOWN, 2, 10.0, 0.5),
    "the last attempt is not followed by another": (DOWN, 3, 10.0, None),
    "what may be stored is not sent again": (Unavailable("hung up", maybe_stored=True), 1, 10.0, None),
    "what the store answered itself is not sent again": (Unavailable("AR", reply=b"MSH"), 1, 10.0, None),
    "an HTTP response that the peer can read is not followed by another": (
        Unavailable("busy", retry_after=1, response=Response(503, (), b"")),
        1,
        10.0,
        None,
    ),
    "the store's own wish counts": (Unavailable("busy", retry_after=4), 1, 10.0, 4),
    "a store that wishes too much is left alone": (Unavailable("busy", retry_after=40), 1, 10.0, None),
    "no time is left": (DOWN, 1, 0.2, None),
}


@pytest.mark.parametrize(("outcome", "attempt", "remaining", "expected"), CASES.values(), ids=CASES)
def test_pause(outcome: Unavailable, attempt: int, remaining: float, expected: float | None) -> None:
    """The pause before the next attempt follows from the outcome, the attempt and the time left."""
    assert expected == pause_before_retry(outcome, attempt, BACKOFF, remaining)


def test_ceiling() -> None:
    """A pause never exceeds the ceiling."""
    assert [0.25, 0.5, 1.0, 1.0] == [BACKOFF.pause(attempt) for attempt in (1, 2, 3, 4)]
    assert 1.0 == BACKOFF.pause(5_000)

"""How long to wait before each retry: pure functions without a clock and without randomness."""

from dataclasses import dataclass

from gateway.contract.outcome import Unavailable

MOST_DOUBLINGS = 32
"""More would change nothing, and a power of two that is too large for a float is an error."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential backoff between attempts, in seconds."""

    attempts: int = 3
    """Attempts in all, the first included."""
    first: float = 0.25
    ceiling: float = 30.0

    def pause(self, attempt: int) -> float:
        """Return the wait after the failed *attempt*, counted from 1, before jitter."""
        doublings = min(attempt - 1, MOST_DOUBLINGS)
        return float(min(self.ceiling, self.first * 2**doublings))


def pause_before_retry(outcome: Unavailable, attempt: int, backoff: Backoff, remaining: float) -> float | None:
    """Return how long to wait before the next attempt while the peer waits for its answer; None to answer now.

    A message that the store may hold already is not sent again: the peer decides whether to resend it. Nor is one that
    the store has answered with a NACK or an HTTP response of its own, which the peer can read: the response to a FHIR
    batch may say that some of its entries are stored. A store that asks for a longer wait
    (Retry-After) than the *remaining* seconds is not asked again.
    """
    is_answered = outcome.reply is not None or outcome.response is not None
    if outcome.maybe_stored or is_answered or attempt >= backoff.attempts:
        return None
    pause = max(backoff.pause(attempt), outcome.retry_after or 0.0)
    return pause if pause < remaining else None

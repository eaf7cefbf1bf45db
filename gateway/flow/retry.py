"""Which attempt waits how long: pure arithmetic, no clock and no randomness of its own."""

from dataclasses import dataclass

from gateway.contract.outcome import Unavailable


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential waiting between attempts, in seconds."""

    attempts: int = 3
    """Tries in all, the first included."""
    first: float = 0.25
    ceiling: float = 30.0

    def pause(self, attempt: int) -> float:
        """Return the wait after the failed *attempt*, counted from 1, before jitter."""
        return float(min(self.ceiling, self.first * 2 ** (attempt - 1)))


def pause_before_retry(outcome: Unavailable, attempt: int, backoff: Backoff, remaining: float) -> float | None:
    """Return how long to wait before trying again while the peer waits for its answer; None to answer now.

    A message that the store may hold already is not sent twice on the peer's behalf: the peer decides. A store that
    asks for more patience than the *remaining* seconds allow is not disturbed.
    """
    if outcome.maybe_stored or attempt >= backoff.attempts:
        return None
    pause = max(backoff.pause(attempt), outcome.retry_after or 0.0)
    return pause if pause < remaining else None

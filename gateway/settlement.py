"""From an outcome to what becomes of a spooled message: delivered, tried again, or parked. Pure."""

from dataclasses import dataclass, field
from typing import Literal

from gateway.message import Outcome, Refused, Stored, Unavailable
from gateway.retry import Backoff
from gateway.spool.interface import Again, Delivered, Parked, Settlement


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a destination's messages are tried, and who waits when one is given up."""

    max_attempts: int | None = None
    """Tries before a message is parked; None is for ever."""
    max_age: float | None = None
    """Seconds since its receipt after which a message that still fails is parked; None is for ever."""
    on_refused: Literal["park_key", "skip"] = "skip"
    """Whether messages with the same key wait behind a parked one, or pass it."""
    backoff: Backoff = field(default_factory=lambda: Backoff(first=1.0, ceiling=60.0))

    def park(self, reason: str) -> Parked:
        """Return the settlement of a message that is given up, whatever the *reason*."""
        return Parked(reason, hold_key=self.on_refused == "park_key")


def settle(outcome: Outcome, attempts: int, age: float, patience: Patience, jitter: float) -> Settlement:
    """Return what becomes of a message after *outcome*.

    *attempts* counts this one, *age* is in seconds, *jitter* from 0 to 1 spreads the pauses of many messages.
    """
    match outcome:
        case Stored():
            return Delivered()
        case Refused(reason):
            return patience.park(reason)
        case Unavailable(reason, retry_after) if not _given_up(attempts, age, patience):
            pause = patience.backoff.pause(min(attempts, 32)) * (0.5 + jitter / 2)
            return Again(reason, max(pause, retry_after or 0.0))
        case Unavailable(reason):
            return patience.park(f"given up after {attempts} attempts: {reason}")


def _given_up(attempts: int, age: float, patience: Patience) -> bool:
    too_often = patience.max_attempts is not None and attempts >= patience.max_attempts
    return too_often or (patience.max_age is not None and age >= patience.max_age)

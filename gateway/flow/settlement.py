"""From an outcome to what becomes of a spooled message: delivered, tried again, or parked. Pure.

The word for what is to be expected of the next try (``gateway.contract.outlook``) decides:

* *final*: parked at once;
* *doubtful*: tried ``max_unreadable`` times in all, then parked;
* *temporary*: tried again, and parked once the same reply has come ``max_own_failures`` times while the destination
  took other messages between each two of them;
* *busy*: tried again.

``max_attempts`` and ``max_age`` end all of them.
"""

from dataclasses import dataclass, field
from typing import Literal

from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook
from gateway.flow.retry import Backoff
from gateway.flow.trials import Tries
from gateway.spool.interface import Again, Delivered, Parked, Settlement

MAYBE_STORED = "it may be stored"
NO_TRIES = Tries()
DOUBTFUL_STEPS = 3
"""By how many steps the pause grows with a doubtful reply: the few tries there are must outlast a store's restart."""


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
    max_unreadable: int = 5
    """Doubtful replies before a message is parked."""
    max_own_failures: int | None = 20
    """Equal failures, between each two of which others are taken, before a message is parked; None is for ever."""

    def park(self, reason: str) -> Parked:
        """Return the settlement of a message that is given up, whatever the *reason*."""
        return Parked(reason, hold_key=self.on_refused == "park_key")


def is_over(outcome: Outcome) -> bool:
    """Whether the store has decided: it has the message, or never takes it."""
    return isinstance(outcome, Stored) or outcome.outlook is Outlook.FINAL


def settle(
    outcome: Outcome, attempts: int, age: float, patience: Patience, jitter: float, tries: Tries = NO_TRIES
) -> Settlement:
    """Return what becomes of a message after *outcome*.

    *attempts* and *tries* count this one, *age* is in seconds, *jitter* from 0 to 1 spreads the pauses of many.
    """
    if isinstance(outcome, Stored):
        return Delivered()
    if is_over(outcome):
        return patience.park(outcome.reason)
    if (why := _given_up(outcome, attempts, age, patience, tries)) is not None:
        return patience.park(f"{why}: {outcome.reason}")
    steps = DOUBTFUL_STEPS * (tries.doubtful - 1) + 1 if outcome.outlook is Outlook.DOUBTFUL else 1
    pause = patience.backoff.pause(min(max(attempts, steps), 32)) * (0.5 + jitter / 2)
    return Again(outcome.reason, max(pause, (outcome.retry_after or 0.0) if isinstance(outcome, Unavailable) else 0.0))


def _given_up(
    outcome: Refused | Unavailable, attempts: int, age: float, patience: Patience, tries: Tries
) -> str | None:
    """Return why the message is tried no more, or None if it is."""
    is_held = isinstance(outcome, Unavailable) and outcome.maybe_stored
    if outcome.outlook is Outlook.DOUBTFUL and tries.doubtful >= patience.max_unreadable:
        return f"given up after {tries.doubtful} doubtful replies{f', {MAYBE_STORED}' if is_held else ''}"
    most = patience.max_own_failures
    if outcome.outlook is Outlook.TEMPORARY and most is not None and tries.own >= most:
        return f"given up after {tries.own} equal replies while others were taken"
    too_often = patience.max_attempts is not None and attempts >= patience.max_attempts
    if too_often or (patience.max_age is not None and age >= patience.max_age):
        return f"given up after {attempts} attempts"
    return None

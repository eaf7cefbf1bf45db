"""Decides from an outcome whether a spooled message is delivered, tried again or parked; pure functions.

The outlook of the outcome (``gateway.contract.outlook``: what to expect of the next try) decides:

* *final*: parked at once;
* *doubtful*: tried ``max_unreadable`` times in all, then parked;
* *temporary*: tried again, and parked after ``max_own_failures`` equal replies if the destination took other messages
  between each two of them;
* *busy*: tried again.

``max_attempts`` and ``max_age`` apply to all of them: a message that reaches one is parked.
"""

from dataclasses import dataclass, field
from typing import Literal

from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook
from gateway.flow.retry import Backoff
from gateway.flow.trials import Tries
from gateway.spool.interface import Delivered, Parked, RetryLater, Settlement

MAYBE_STORED = "it may be stored"
NO_TRIES = Tries()
DOUBTFUL_STEPS = 3
"""Backoff steps per doubtful reply: there are few tries, and together they must last longer than a store's restart."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long messages for a destination are tried, and whether others wait behind a parked one."""

    max_attempts: int | None = None
    """Tries before a message is parked; None is no limit."""
    max_age: float | None = None
    """Seconds since receipt after which a message that still fails is parked; None is no limit."""
    on_refused: Literal["park_key", "skip"] = "skip"
    """``park_key``: messages with the same ordering key wait behind a parked one; ``skip``: they are delivered."""
    backoff: Backoff = field(default_factory=lambda: Backoff(first=1.0, ceiling=60.0))
    max_unreadable: int = 5
    """Doubtful replies before a message is parked."""
    max_own_failures: int | None = 20
    """Equal failures, with other messages taken between each two, before a message is parked; None is no limit."""

    def park(self, reason: str) -> Parked:
        """Return the settlement that parks a message for this *reason*."""
        return Parked(reason, hold_key=self.on_refused == "park_key")


def is_over(outcome: Outcome) -> bool:
    """Whether the outcome is final: the store has the message, or will never take it."""
    return isinstance(outcome, Stored) or outcome.outlook is Outlook.FINAL


def settle(
    outcome: Outcome, attempts: int, age: float, retry_policy: RetryPolicy, jitter: float, tries: Tries = NO_TRIES
) -> Settlement:
    """Return what becomes of a message after *outcome*.

    *attempts* and *tries* include this attempt, *age* is in seconds, *jitter* (0 to 1) makes pauses differ.
    """
    if isinstance(outcome, Stored):
        return Delivered()
    if is_over(outcome):
        return retry_policy.park(outcome.reason)
    if (why := _given_up(outcome, attempts, age, retry_policy, tries)) is not None:
        return retry_policy.park(f"{why}: {outcome.reason}")
    steps = DOUBTFUL_STEPS * (tries.doubtful - 1) + 1 if outcome.outlook is Outlook.DOUBTFUL else 1
    pause = retry_policy.backoff.pause(min(max(attempts, steps), 32)) * (0.5 + jitter / 2)
    return RetryLater(
        outcome.reason, max(pause, (outcome.retry_after or 0.0) if isinstance(outcome, Unavailable) else 0.0)
    )


def _given_up(
    outcome: Refused | Unavailable, attempts: int, age: float, retry_policy: RetryPolicy, tries: Tries
) -> str | None:
    """Return why the message is not tried again, or None if it is tried again."""
    is_held = isinstance(outcome, Unavailable) and outcome.maybe_stored
    if outcome.outlook is Outlook.DOUBTFUL and tries.doubtful >= retry_policy.max_unreadable:
        return f"given up after {tries.doubtful} doubtful replies{f', {MAYBE_STORED}' if is_held else ''}"
    most = retry_policy.max_own_failures
    if outcome.outlook is Outlook.TEMPORARY and most is not None and tries.own >= most:
        return f"given up after {tries.own} equal replies while others were taken"
    too_often = retry_policy.max_attempts is not None and attempts >= retry_policy.max_attempts
    if too_often or (retry_policy.max_age is not None and age >= retry_policy.max_age):
        return f"given up after {attempts} attempts"
    return None

"""How long the parts of the exchanges with a destination take: connecting, waiting for the answer, transfer.

A store that is slow makes one of them long, and which one tells whom to call. An exchange costs three appends; all else
is done when somebody asks, or at most once in FOLD_SECONDS.
"""

import math
from collections import deque
from statistics import median

from gateway.contract.observed import Phases

KEPT = 32
NEWEST = 3
"""Exchanges whose median shows first that something has become slow, or is as usual again."""
FOLD_SECONDS = 10.0
USUAL_SECONDS = 2 * 3600.0
"""Time constant with which what was usual is forgotten."""
LONGEST_SHARE = 600.0
"""A pause without messages, in seconds, weighs no more than this."""
SHORTEST = 1e-4
"""Shorter waits count as this long: what is usual is averaged by its logarithm, so that one bad hour does not rule."""


class PhaseTimes:
    """The phases of the last KEPT exchanges of one destination. Times are seconds of one steady clock."""

    def __init__(self) -> None:
        self._connects: deque[float] = deque(maxlen=KEPT)
        self._waits: deque[float] = deque(maxlen=KEPT)
        self._transfers: deque[float] = deque(maxlen=KEPT)
        self._connecting = 0.0
        """How long the connections took that were opened since the last exchange."""
        self._spent: deque[float] = deque([0.0] * NEWEST, maxlen=NEWEST)
        """The same for each of the last exchanges: 0 where a connection was there already, or no exchange yet."""
        self._fold_at = 0.0
        self._folded_at: float | None = None
        self._lately: float | None = None
        """The median of the waits when it was folded last; it becomes part of what is usual the next time."""
        self._sum = self._weight = 0.0

    def connected(self, seconds: float) -> None:
        """Take the time of a new connection, with its TLS."""
        self._connects.append(seconds)
        self._connecting = max(self._connecting, seconds)

    def exchanged(self, wait: float, transfer: float, now: float) -> None:
        """Take the phases of an exchange that ends *now*."""
        self._waits.append(wait)
        self._transfers.append(transfer)
        self._spent.append(self._connecting)
        self._connecting = 0.0
        if now >= self._fold_at:
            self._fold(now)

    def phases(self) -> Phases | None:
        """Return the medians; None before the first exchange."""
        if not self._waits:
            return None
        wait = median(self._waits)
        return {
            "connect": median(self._connects) if self._connects else 0.0,
            "newest_connect": median(self._spent),
            "wait": wait,
            "transfer": median(self._transfers),
            "newest_wait": median(list(self._waits)[-NEWEST:]),
            "usual_wait": math.exp(self._sum / self._weight) if self._weight else wait,
        }

    def _fold(self, now: float) -> None:
        """Add to what is usual what was lately when this was done last, so that the newest waits are not in it."""
        if self._folded_at is not None and self._lately is not None:
            passed = now - self._folded_at
            kept, share = math.exp(-passed / USUAL_SECONDS), min(passed, LONGEST_SHARE)
            self._sum = self._sum * kept + math.log(max(self._lately, SHORTEST)) * share
            self._weight = self._weight * kept + share
        self._lately = median(self._waits)
        self._folded_at, self._fold_at = now, now + FOLD_SECONDS

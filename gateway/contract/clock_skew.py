"""How far our clock is ahead of that of a destination, by the ``Date`` of its replies (RFC 9110 6.6.1)."""

from collections import deque
from datetime import UTC
from email.utils import parsedate_to_datetime
from statistics import median

EVERY = 1.0
"""A ``Date`` is read at most once in so many seconds."""
KEPT = 9
HALF = 0.5
"""A ``Date`` has whole seconds: on average it is half a second old."""


class ClockSkew:
    """The last KEPT differences between the two clocks."""

    def __init__(self) -> None:
        self._seen: deque[float] = deque(maxlen=KEPT)
        self.due_at = 0.0
        """From when on, by a steady clock, the next ``Date`` is wanted."""

    def take(self, date: str | None, ours: float, now: float) -> None:
        """Take the *date* of a reply that came when our clock showed *ours*, *now* by the steady clock."""
        self.due_at = now + EVERY
        theirs = _read(date) if date else None
        if theirs is not None:
            self._seen.append(ours - theirs - HALF)

    def seconds(self) -> float | None:
        """Return by how many seconds our clock is ahead; None if it is not known."""
        return median(self._seen) if self._seen else None


def _read(date: str) -> float | None:
    try:
        read = parsedate_to_datetime(date)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None

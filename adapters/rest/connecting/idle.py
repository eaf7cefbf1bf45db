"""How long an unused connection to one store is kept: half of what the store allows, so that it closes none in use.

A store may announce its limit (``Keep-Alive: timeout=5``); one that does not is found out when it closes a connection.
What was found out is forgotten after a while, for a store that was restarted has closed its connections as well.
"""

import re
from collections.abc import Callable

LONGEST = 30.0
"""Seconds where nothing else is known: balancers and servers commonly close after 60 s or 75 s."""
SHORTEST = 0.05
"""Seconds below which there is no limit but a habit of hanging up after a reply: then no connection is kept."""
REMEMBERED = 60.0
"""Seconds for which the limit stays as short as a connection that the store has closed suggests."""
SHARE = 0.5
"""The part of the store's limit that is made use of: a request takes time to get there."""

TIMEOUT = re.compile(r"(?:^|[,;\s])timeout\s*=\s*\"?(\d{1,9})", re.IGNORECASE)


class IdleLimit:
    """Shared by the connections to one store."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._learnt = LONGEST
        self._learnt_until = 0.0

    def seconds(self, keep_alive: str | None = None) -> float:
        """Return the limit for a connection whose last reply had *keep_alive* in the header field of that name."""
        limit = self._learnt if self._learnt_until and self._now() < self._learnt_until else LONGEST
        announced = TIMEOUT.search(keep_alive) if keep_alive else None
        return min(limit, SHARE * int(announced[1])) if announced else limit

    def learn(self, seconds: float) -> None:
        """Take note that the store has ended a connection which had been idle for *seconds*."""
        share = SHARE * seconds
        self._learnt = min(self.seconds(), share if share >= SHORTEST else 0.0)
        self._learnt_until = self._now() + REMEMBERED

"""How long an idle connection to one store is kept: half of what the store allows, so that it closes none in use.

A store may announce its limit (``Keep-Alive: timeout=5``). Otherwise the limit is learnt when the store closes an idle
connection. It is forgotten after a while, because a store also closes its connections when it restarts.
"""

import re
from collections.abc import Callable

LONGEST = 30.0
"""Seconds when the store's limit is not known: load balancers and servers commonly close after 60 s or 75 s."""
SHORTEST = 0.05
"""A shorter limit, in seconds, means that the store closes the connection after each reply: then none is kept."""
REMEMBERED = 60.0
"""Seconds for which a limit is remembered that was learnt from a closed connection."""
SHARE = 0.5
"""The part of the store's limit that is used: a request takes time to arrive."""

TIMEOUT = re.compile(r"(?:^|[,;\s])timeout\s*=\s*\"?(\d{1,9})", re.IGNORECASE)


class IdleLimit:
    """The idle limit that the connections to one store share."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._learnt = LONGEST
        self._learnt_until = 0.0

    def seconds(self, keep_alive: str | None = None) -> float:
        """Return the limit for a connection; *keep_alive* is the header field Keep-Alive of its last reply."""
        limit = self._learnt if self._learnt_until and self._now() < self._learnt_until else LONGEST
        announced = TIMEOUT.search(keep_alive) if keep_alive else None
        return min(limit, SHARE * int(announced[1])) if announced else limit

    def learn(self, seconds: float) -> None:
        """Shorten the limit: the store has closed a connection that had been idle for *seconds*."""
        share = SHARE * seconds
        self._learnt = min(self.seconds(), share if share >= SHORTEST else 0.0)
        self._learnt_until = self._now() + REMEMBERED

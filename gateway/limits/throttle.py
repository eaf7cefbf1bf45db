"""How many messages a second a peer may send: a token bucket for each, without a clock of its own."""

MOST_REMEMBERED = 1024
"""Peers whose buckets are kept before those that are full again, and so as good as new, are dropped."""


class TokenBucket:
    """Holds up to one second's tokens, at least one, and fills at *rate* tokens a second.

    A message is never refused a token: what is not there is owed, and the next message waits until it is paid back.
    """

    __slots__ = ("_at", "_most", "_rate", "_tokens")

    def __init__(self, rate: float, now: float) -> None:
        self._rate = rate
        self._most = self._tokens = max(rate, 1.0)
        self._at = now

    def take(self, now: float) -> float:
        """Take one token; return the seconds until there is one for the next message."""
        self._fill(now)
        self._tokens -= 1.0
        return max(0.0, (1.0 - self._tokens) / self._rate)

    def is_full(self, now: float) -> bool:
        """Whether it is as good as new."""
        self._fill(now)
        return self._tokens >= self._most

    def _fill(self, now: float) -> None:
        self._tokens = min(self._most, self._tokens + (now - self._at) * self._rate)
        self._at = now


class PeerThrottle:
    """A bucket for each peer; see ``contract.limits.Throttle``. A peer that comes back finds the bucket it left."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._buckets: dict[str, TokenBucket] = {}

    def take(self, peer: str, now: float) -> float:
        """Count one message of *peer*; return the seconds until its next one is due."""
        bucket = self._buckets.get(peer)
        if bucket is None:
            if len(self._buckets) >= MOST_REMEMBERED:
                self._forget(now)
            bucket = self._buckets[peer] = TokenBucket(self._rate, now)
        return bucket.take(now)

    def _forget(self, now: float) -> None:
        self._buckets = {peer: bucket for peer, bucket in self._buckets.items() if not bucket.is_full(now)}

"""Rate limit of messages per second: one token bucket per peer. The time is passed in."""

MOST_REMEMBERED = 1024
"""Number of buckets at which those that are full again are dropped; a new bucket would be full too."""


class TokenBucket:
    """A token bucket that fills at *rate* tokens per second and holds one second's worth, at least one token.

    Taking a token always succeeds: the bucket may go negative, and the next message waits until there is a whole token.
    """

    __slots__ = ("_at", "_most", "_rate", "_tokens")

    def __init__(self, rate: float, now: float) -> None:
        self._rate = rate
        self._most = self._tokens = max(rate, 1.0)
        self._at = now

    def take(self, now: float) -> float:
        """Take one token; return the seconds until there is one token for the next message."""
        self._fill(now)
        self._tokens -= 1.0
        return max(0.0, (1.0 - self._tokens) / self._rate)

    def is_full(self, now: float) -> bool:
        """Whether the bucket is full again, so that its entry can be dropped."""
        self._fill(now)
        return self._tokens >= self._most

    def _fill(self, now: float) -> None:
        self._tokens = min(self._most, self._tokens + (now - self._at) * self._rate)
        self._at = now


class PeerRateLimit:
    """A bucket per peer; see ``contract.limits.RateLimit``. A peer that reconnects keeps its bucket."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._buckets: dict[str, TokenBucket] = {}

    def take(self, peer: str, now: float) -> float:
        """Count one message of *peer*; return the seconds until its next one may be read."""
        bucket = self._buckets.get(peer)
        if bucket is None:
            if len(self._buckets) >= MOST_REMEMBERED:
                self._forget(now)
            bucket = self._buckets[peer] = TokenBucket(self._rate, now)
        return bucket.take(now)

    def _forget(self, now: float) -> None:
        self._buckets = {peer: bucket for peer, bucket in self._buckets.items() if not bucket.is_full(now)}

"""Token buckets, without waiting."""

import pytest

from gateway.limits.rate_limit import MOST_REMEMBERED, PeerRateLimit, TokenBucket

# The rate, when messages come, and how long the peer has to wait after each.
TAKES: dict[str, tuple[float, list[float], list[float]]] = {
    "one second's messages at once": (4, [0, 0, 0, 0, 0], [0, 0, 0, 0.25, 0.5]),
    "as fast as it may": (4, [0, 0.25, 0.5, 0.75, 1, 1.25], [0] * 6),
    "paid back": (2, [0, 0, 0, 1, 1.5], [0, 0.5, 1, 0.5, 0.5]),
    "no more than one second is saved": (2, [0, 100, 100, 100], [0, 0, 0.5, 1]),
    "less than one a second": (0.5, [0, 2, 2], [2, 2, 4]),
    "a clock that stands still": (1, [5, 5, 5], [1, 2, 3]),
}


@pytest.mark.parametrize(("rate", "instants", "waits"), TAKES.values(), ids=TAKES)
def test_take(rate: float, instants: list[float], waits: list[float]) -> None:
    """The average rate is the configured one, and no message is lost."""
    bucket = TokenBucket(rate, 0)
    assert waits == pytest.approx([bucket.take(now) for now in instants])


def test_each_peer_has_its_own() -> None:
    """One peer does not slow another, and a peer that reconnects still has its bucket."""
    rate_limit = PeerRateLimit(1)
    assert [1.0, 2.0, 1.0, 3.0] == [rate_limit.take(peer, 0) for peer in ("a", "a", "b", "a")]


def test_forgets_those_that_owe_nothing() -> None:
    """Memory does not grow with the addresses of a scan, and buckets that are not full are kept."""
    rate_limit = PeerRateLimit(1)
    rate_limit.take("debtor", 0)
    for _ in range(100):
        rate_limit.take("debtor", 0)
    for number in range(3 * MOST_REMEMBERED):
        rate_limit.take(f"peer {number}", number * 0.01)
    assert MOST_REMEMBERED >= len(rate_limit._buckets)
    assert "debtor" in rate_limit._buckets

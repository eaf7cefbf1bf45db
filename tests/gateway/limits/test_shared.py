"""The shared limits that the composition root passes to the listeners."""

from gateway.contract.limits import SharedLimits
from gateway.limits.shared import ProcessLimits


def test_shared() -> None:
    """All connections share one memory limit, and every rate limit counts for itself."""
    limits = ProcessLimits(100)
    shared: SharedLimits = limits
    first, second = (shared.account(lambda: None, lambda: None) for _ in range(2))
    first.update(60)
    second.update(70)
    assert (130, True) == (limits.in_flight_octets, shared.is_exhausted)
    first.update(0)
    assert (70, False, False) == (limits.in_flight_octets, shared.is_exhausted, second.is_waiting)
    assert [1.0, 1.0] == [shared.rate_limit(1).take("a", 0) for _ in range(2)]

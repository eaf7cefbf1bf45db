"""Messages that fail while others pass."""

from gateway.observing.lone_failures import MOST, LoneFailures


def test_alone() -> None:
    """A message fails alone once others were taken since it failed first."""
    failures = LoneFailures()
    assert not failures.failed("a", 10, 1.0)
    assert failures.tries(10) == {}
    assert failures.since(10) is None
    assert failures.failed("a", 12, 2.0)
    assert (failures.tries(12), failures.passed_since(12), failures.since(12)) == ({"a": 2}, 2, 1.0)
    failures.passed("a")
    failures.passed("never seen")
    assert (bool(failures), failures.passed_since(12)) == (False, 0)


def test_bounded() -> None:
    """When a destination fails for long, few of the messages that failed are remembered."""
    failures = LoneFailures()
    for number in range(MOST + 5):
        failures.failed(str(number), 0, 0.0)
    assert len(failures.tries(1)) == MOST

"""The backlog keeps order and counts its octets."""

from adapters.dimse.body import FRAGMENT_COST
from adapters.dimse.protocol.backlog import Backlog, Waiting
from adapters.dimse.protocol.events import Fragment, ReleaseRq

EVENTS: list[Waiting] = [
    Fragment(3, False, True, memoryview(b"abc")),
    ReleaseRq(),
    Fragment(1, True, True, memoryview(b"")),
]


def test_order_and_count() -> None:
    """Events are taken in order; octets and number both count, so that empty fragments cannot evade the limit."""
    backlog = Backlog()
    held = [backlog.held]
    for event in EVENTS:
        backlog.add(event)
        held.append(backlog.held)
    assert [0, 3 + FRAGMENT_COST, 3 + 2 * FRAGMENT_COST, 3 + 3 * FRAGMENT_COST] == held
    assert EVENTS == [backlog.take() for _ in EVENTS]
    assert (0, False) == (backlog.held, bool(backlog))


def test_clear() -> None:
    """After clear() the backlog is empty."""
    backlog = Backlog()
    backlog.add(EVENTS[0])
    assert backlog
    backlog.clear()
    assert (0, False) == (backlog.held, bool(backlog))

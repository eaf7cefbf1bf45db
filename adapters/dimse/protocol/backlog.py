"""Events that a peer sends before it has the answer to its last request; they are queued in the order received."""

from collections import deque

from adapters.dimse.body import FRAGMENT_COST
from adapters.dimse.protocol.events import Fragment, ReleaseRq

Waiting = Fragment | ReleaseRq


class Backlog:
    """The queued events. The caller pauses reading when they take too much memory."""

    def __init__(self) -> None:
        self._events: deque[Waiting] = deque()
        self.held = 0
        """Octets of the queued events, including a fixed cost for each."""

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return bool(self._events)

    def add(self, event: Waiting) -> None:
        """Queue *event*."""
        self._events.append(event)
        self.held += _cost(event)

    def take(self) -> Waiting:
        """Remove and return the oldest event."""
        event = self._events.popleft()
        self.held -= _cost(event)
        return event

    def clear(self) -> None:
        """Drop all events, because no more answers will be sent."""
        self._events.clear()
        self.held = 0


def _cost(event: Waiting) -> int:
    return FRAGMENT_COST + (len(event.data) if isinstance(event, Fragment) else 0)

"""What a peer sends before it has its answer: it waits for its turn, in the order received."""

from collections import deque

from adapters.dimse.body import FRAGMENT_COST
from adapters.dimse.protocol.events import Fragment, ReleaseRq

Waiting = Fragment | ReleaseRq


class Backlog:
    """The events that wait. The caller stops reading when they hold too much."""

    def __init__(self) -> None:
        self._events: deque[Waiting] = deque()
        self.held = 0
        """Octets, with what each event costs beside its own."""

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return bool(self._events)

    def add(self, event: Waiting) -> None:
        """Queue *event*."""
        self._events.append(event)
        self.held += _cost(event)

    def take(self) -> Waiting:
        """Return the first one, whose turn it is."""
        event = self._events.popleft()
        self.held -= _cost(event)
        return event

    def clear(self) -> None:
        """Let go of all: there will be no answers any more."""
        self._events.clear()
        self.held = 0


def _cost(event: Waiting) -> int:
    return FRAGMENT_COST + (len(event.data) if isinstance(event, Fragment) else 0)

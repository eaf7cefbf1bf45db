"""Wakes whoever waits for work."""

import asyncio
from collections.abc import Iterable


class Signals:
    """One event per destination: set when something may have become ready since it was last cleared."""

    def __init__(self) -> None:
        self._events: dict[str, asyncio.Event] = {}

    def of(self, destination: str) -> asyncio.Event:
        """Return the destination's event."""
        return self._events.setdefault(destination, asyncio.Event())

    def wake(self, destinations: Iterable[str]) -> None:
        """Wake whoever waits for these destinations: something may be ready."""
        for destination in destinations:
            self.of(destination).set()

    def wake_all(self) -> None:
        """Wake whoever waits for any destination."""
        self.wake(list(self._events))

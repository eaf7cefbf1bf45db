"""Planned faults for tests of the clients of the stores: of their requests, and of the stores' notifications."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.typedefs import Handler


@dataclass(frozen=True, slots=True)
class _Failure:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class _HangUp:
    after_handling: bool


Fate = Sequence[float]
"""The seconds after which each copy of a notification is published; none if it is lost."""
ON_TIME: Fate = (0.0,)


@dataclass(slots=True)
class NotificationFaults:
    """The faults of the next notifications; may be changed while the sandbox runs."""

    choose: Callable[[], Fate] = lambda: ON_TIME
    """Makes the fate of each notification for which nothing is planned."""
    _planned: deque[Fate] = field(default_factory=deque)

    def lose_next(self, times: int = 1) -> None:
        """Do not publish the next *times* notifications, as when Pub/Sub does not take them from a store."""
        self._planned.extend([()] * times)

    def delay_next(self, seconds: float, times: int = 1) -> None:
        """Publish the next *times* notifications only after *seconds*; later ones may come before them."""
        self._planned.extend([(seconds,)] * times)

    def double_next(self, copies: int = 2, seconds: float = 0, times: int = 1) -> None:
        """Publish *copies* of each of the next *times* notifications, each *seconds* after the one before."""
        self._planned.extend([tuple(seconds * number for number in range(copies))] * times)

    def clear(self) -> None:
        """Remove all planned faults."""
        self._planned.clear()
        self.choose = lambda: ON_TIME

    def fate(self) -> Fate:
        """Return what becomes of the next notification."""
        return self._planned.popleft() if self._planned else self.choose()


@dataclass(slots=True)
class Faults:
    """The faults of the next requests; may be changed while the sandbox runs."""

    latency: float = 0
    """Seconds that every request waits before it is handled."""
    notifications: NotificationFaults = field(default_factory=NotificationFaults)
    """The faults of what the stores publish to Pub/Sub."""
    _planned: deque[_Failure | _HangUp] = field(default_factory=deque)

    def fail_next(
        self, status: int, headers: Mapping[str, str] | None = None, body: bytes = b"", times: int = 1
    ) -> None:
        """Answer the next *times* requests with *status*, without handling them."""
        self._planned.extend([_Failure(status, headers or {}, body)] * times)

    def hang_up_next(self, *, after_handling: bool = False, times: int = 1) -> None:
        """Close the connection of the next *times* requests: at once, or after handling them but without an answer."""
        self._planned.extend([_HangUp(after_handling)] * times)

    def clear(self) -> None:
        """Remove the latency and all planned faults."""
        self.latency = 0
        self._planned.clear()
        self.notifications.clear()

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Apply the latency and the next planned fault to one request."""
        fault = self._planned.popleft() if self._planned else None
        if self.latency:
            await asyncio.sleep(self.latency)
        if isinstance(fault, _Failure):
            return web.Response(status=fault.status, headers=fault.headers, body=fault.body)
        if fault is None:
            return await handler(request)
        if fault.after_handling:
            await handler(request)
        return _hang_up(request)


def _hang_up(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=503)

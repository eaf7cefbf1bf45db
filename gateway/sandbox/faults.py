"""Planned faults for tests of the clients of the stores: latency, error replies, closed connections."""

import asyncio
from collections import deque
from collections.abc import Mapping
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


@dataclass(slots=True)
class Faults:
    """The faults of the next requests; may be changed while the sandbox runs."""

    latency: float = 0
    """Seconds that every request waits before it is handled."""
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

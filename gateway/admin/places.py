"""The connections of the admin port: how many there may be, and for how long each.

A connection has a time for the head of its first request, one for each request with its response, and one between two
of them; when it is over, the connection is dropped. When all places are taken, whoever comes gets the place of the one
that has waited longest without asking anything: silent connections cannot keep a probe out.
"""

import asyncio
from collections.abc import Callable
from typing import cast

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gateway.admin.settings import AdminSettings
from gateway.contract.meter import Rejection

TLS_HANDSHAKE = b"\x16"  # RFC 8446 5.1: the content type of the first record of every client
NO_TLS_HERE = "TLS on a port that does not speak it"

Connect = Callable[[], asyncio.Protocol]

log = structlog.get_logger()


class Places:
    """Those of one port."""

    def __init__(self, settings: AdminSettings) -> None:
        self.settings = settings
        self._taken: dict[asyncio.BaseTransport, Place] = {}
        """The one that has waited longest is first; who is being answered is not looked at."""

    def before(self, connect: Connect) -> Connect:
        """Return the protocol factory for a connection that *connect* would serve."""
        return lambda: Place(self, connect())

    def take(self, transport: asyncio.Transport, place: "Place") -> bool:
        """Give *place* to the connection; return False where there is none."""
        if len(self._taken) >= self.settings.max_connections:
            waiting = next((each for each in self._taken.values() if not each.is_asking), None)
            if waiting is None:
                return False
            waiting.drop()
        self._taken[transport] = place
        return True

    def leave(self, transport: asyncio.BaseTransport) -> None:
        """Take the place of a connection that has ended."""
        self._taken.pop(transport, None)

    def middleware(self) -> Middleware:
        """Return what sees when a request begins and ends."""

        @web.middleware
        async def timed(request: web.Request, handler: Handler) -> web.StreamResponse:
            place = None if request.transport is None else self._taken.get(request.transport)
            if place is not None:
                place.begin()
            try:
                return await handler(request)
            finally:
                if place is not None and request.transport in self._taken:
                    self._taken[request.transport] = self._taken.pop(request.transport)
                    place.end()

        return timed


class Place(asyncio.Protocol):
    """One connection, which another protocol serves."""

    def __init__(self, places: Places, served_by: asyncio.Protocol) -> None:
        self._places = places
        self._served_by = served_by
        self._transport: asyncio.Transport
        self._timer: asyncio.TimerHandle | None = None
        self._has_spoken = False
        self.is_asking = False
        """Whether a request is being answered."""

    def begin(self) -> None:
        """Give time to the request that has come."""
        self.is_asking = True
        self._allow(self._places.settings.request_seconds)

    def end(self) -> None:
        """Give time until the next request; the response may still have to be sent."""
        self.is_asking = False
        self._allow(self._places.settings.idle_seconds)

    def drop(self) -> None:
        """End the connection now, and free its place."""
        self._places.leave(self._transport)
        self._transport.abort()

    def _allow(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self.drop)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a place, or go."""
        self._transport = cast("asyncio.Transport", transport)
        if not self._places.take(self._transport, self):
            self._transport.abort()
        self._served_by.connection_made(transport)
        self._allow(self._places.settings.head_seconds)

    def connection_lost(self, error: Exception | None) -> None:
        """Free the place."""
        if self._timer is not None:
            self._timer.cancel()
        self._places.leave(self._transport)
        self._served_by.connection_lost(error)

    def data_received(self, data: bytes) -> None:
        """Pass it on, unless the caller begins with TLS where nobody speaks it."""
        is_tls = not self._has_spoken and data.startswith(TLS_HANDSHAKE)
        self._has_spoken = True
        if is_tls and self._transport.get_extra_info("ssl_object") is None:
            self._turn_away()
        else:
            self._served_by.data_received(data)

    def _turn_away(self) -> None:
        name = self._transport.get_extra_info("peername") or ("unknown", 0)
        reason = Rejection.TLS_ON_PLAIN_PORT.value
        log.warning("peer_rejected", listener="admin", peer=f"{name[0]}:{name[1]}", reason=reason, fault=NO_TLS_HERE)
        self.drop()

    def eof_received(self) -> bool | None:
        """Pass it on."""
        return self._served_by.eof_received()

    def pause_writing(self) -> None:
        """Pass it on."""
        self._served_by.pause_writing()

    def resume_writing(self) -> None:
        """Pass it on."""
        self._served_by.resume_writing()

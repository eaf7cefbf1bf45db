"""Limits the number of connections to the admin port, and how long each may take.

There is one time limit for the head of the first request, one for each request with its response, and one between two
requests; after it, the connection is dropped. When the maximum is reached, a new connection replaces the one that has
been idle for longest, so that idle connections cannot keep a probe out.
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
    """The open connections of one port."""

    def __init__(self, settings: AdminSettings) -> None:
        self.settings = settings
        self._taken: dict[asyncio.BaseTransport, Place] = {}
        """Idle connections in order, the one idle for longest first; connections in a request have no order."""

    def before(self, connect: Connect) -> Connect:
        """Return a protocol factory that puts a Place in front of the protocol made by *connect*."""
        return lambda: Place(self, connect())

    def take(self, transport: asyncio.Transport, place: "Place") -> bool:
        """Add the connection of *place*, if need be in place of an idle one; return False if all are in a request."""
        if len(self._taken) >= self.settings.max_connections:
            waiting = next((each for each in self._taken.values() if not each.is_asking), None)
            if waiting is None:
                return False
            waiting.drop()
        self._taken[transport] = place
        return True

    def leave(self, transport: asyncio.BaseTransport) -> None:
        """Remove a connection that has ended."""
        self._taken.pop(transport, None)

    def middleware(self) -> Middleware:
        """Return the middleware that tells a Place when a request begins and ends."""

        @web.middleware
        async def timed(request: web.Request, handler: Handler) -> web.StreamResponse:
            place = None if request.transport is None else self._taken.get(request.transport)
            if place is not None:
                place.begin()
                request[PLACE] = place
            try:
                return await handler(request)
            finally:
                if place is not None and request.transport in self._taken:
                    self._taken[request.transport] = self._taken.pop(request.transport)
                    place.end()

        return timed


class Place(asyncio.Protocol):
    """One connection: applies the time limits, and passes everything on to the protocol that serves it."""

    def __init__(self, places: Places, served_by: asyncio.Protocol) -> None:
        self._places = places
        self._served_by = served_by
        self._transport: asyncio.Transport
        self._timer: asyncio.TimerHandle | None = None
        self._has_spoken = False
        self.is_asking = False
        """Whether a request is being answered."""

    def begin(self) -> None:
        """Start the time limit of a request that has arrived."""
        self.is_asking = True
        self._allow(self._places.settings.request_seconds)

    def last(self) -> None:
        """Take the time limit off a response that goes on for as long as somebody looks; its sender limits it."""
        if self._timer is not None:
            self._timer.cancel()

    def end(self) -> None:
        """Start the time limit until the next request; the response may not be sent completely yet."""
        self.is_asking = False
        self._allow(self._places.settings.idle_seconds)

    def drop(self) -> None:
        """Abort the connection."""
        self._places.leave(self._transport)
        self._transport.abort()

    def _allow(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self.drop)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection, or abort it if there is no room."""
        self._transport = cast("asyncio.Transport", transport)
        if not self._places.take(self._transport, self):
            self._transport.abort()
        self._served_by.connection_made(transport)
        self._allow(self._places.settings.head_seconds)

    def connection_lost(self, error: Exception | None) -> None:
        """Stop the timer and forget the connection."""
        if self._timer is not None:
            self._timer.cancel()
        self._places.leave(self._transport)
        self._served_by.connection_lost(error)

    def data_received(self, data: bytes) -> None:
        """Pass *data* on, unless the client starts a TLS handshake on a port without TLS."""
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


PLACE = web.RequestKey("place", Place)
"""The connection of a request, for its handler."""

"""The pool of connections to one store. The last one used is taken first, so that the others expire and are closed."""

import asyncio
from time import monotonic

from adapters.rest.connecting.dialer import Dialer
from adapters.rest.connecting.idle import IdleLimit
from adapters.rest.http.connection import Connection
from adapters.rest.http.http1 import Failure
from adapters.rest.http.reply import Limits
from gateway.contract.clock_skew import ClockSkew
from gateway.contract.phase_times import PhaseTimes


class Pool:
    """Keeps connections for the next request. The caller gives each one back, and limits how many are in use."""

    def __init__(
        self, dialer: Dialer, limits: Limits, times: PhaseTimes | None = None, clock: ClockSkew | None = None
    ) -> None:
        self._dialer = dialer
        self.limits = limits
        self.times, self.clock = times or PhaseTimes(), clock or ClockSkew()
        self._limit = IdleLimit(asyncio.get_running_loop().time)
        self._idle: list[Connection] = []
        self._open: set[Connection] = set()

    async def take(self, *, fresh: bool = False) -> Connection | Failure:
        """Return an idle connection, or a new one; with *fresh* always a new one."""
        connection = None if fresh else self.take_idle()
        return await self.dial() if connection is None else connection

    def take_idle(self) -> Connection | None:
        """Return an idle connection that can be used, or None if there is none."""
        while self._idle:
            connection = self._idle.pop()
            if connection.is_usable():
                return connection
        return None

    async def dial(self) -> Connection | Failure:
        """Return a new connection."""
        began, shows = monotonic(), self._dialer.shows_certificate
        dialed = await self._dialer.dial(
            lambda connected: Connection(connected, self.limits, self._limit, shows_certificate=shows)
        )
        if isinstance(dialed, Connection):
            self.times.connected(monotonic() - began)
            self._open.add(dialed)
            dialed.closed.add_done_callback(lambda _: self._forget(dialed))
        return dialed

    def give_back(self, connection: Connection) -> None:
        """Keep *connection* if it may carry another request, else drop it."""
        if connection.rest():
            self._idle.append(connection)

    async def close(self) -> None:
        """Drop all connections."""
        closing = [connection.closed for connection in self._open]
        for connection in tuple(self._open):
            connection.abort()
        if closing:
            await asyncio.wait(closing)

    def _forget(self, connection: Connection) -> None:
        self._open.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)

"""The socket and timers of one association that Hilum requests; it executes the commands of the state machine."""

import asyncio
import contextlib
import socket
from collections import deque
from typing import cast

from adapters.dimse.protocol.association import Close, StartTimer, StopTimer
from adapters.dimse.protocol.command import Response
from adapters.dimse.protocol.events import Disconnected, Fragment, TimerExpired
from adapters.dimse.protocol.exchange import Send
from adapters.dimse.protocol.pdu import PduReader
from adapters.dimse.protocol.proposing import Proposed
from adapters.dimse.protocol.requestor import Agreed, Command, Connected, Ended, Event, Requestor, State
from adapters.dimse.requesting.reasons import BEGINNING, why_ended
from gateway.contract.progress import octets_taken
from gateway.contract.sockets import acknowledge_now

READ_SIZE = 65_536
MOST_WAITING = 256
"""Events received but not yet taken by ``receive``; above it reading pauses."""
Received = Agreed | Response | Fragment


class AssociationEnded(Exception):  # noqa: N818  an event caused by the peer, not an error in Hilum
    """The association has ended or could not be opened; *ended* says how, and is None if our side gave up."""

    def __init__(self, reason: str, ended: Ended | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.ended = ended


class Connection(asyncio.Protocol):
    """Runs a ``Requestor`` over one transport. Received events wait for ``receive``, even after the end."""

    def __init__(self, proposed: Proposed, artim_seconds: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._machine = Requestor(proposed)
        self._reader = PduReader(proposed.max_pdu)
        self._artim_seconds = artim_seconds
        self._artim: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None
        self._socket: socket.socket | None = None  # to set options, and to read what is left when the transport fails
        self._received: deque[Received] = deque()
        self._beginning = b""  # the first octets that the peer sent
        self._lost: Exception | None = None
        self._speaks_tls = False
        self._wakers: set[asyncio.Future[None]] = set()
        self._may_write = True
        self._is_paused = False
        self.ended: Ended | None = None
        self.closed: asyncio.Future[None] = self._loop.create_future()
        """Done when the transport is gone."""

    @property
    def room(self) -> int:
        """How many octets of a data set go into one P-DATA-TF."""
        return self._machine.requests.room

    @property
    def is_established(self) -> bool:
        """Whether requests may be sent."""
        return self._machine.state is State.ESTABLISHED

    @property
    def is_asking(self) -> bool:
        """Whether a request is still being sent, or is not answered yet."""
        return self._machine.requests.is_open

    @property
    def has_received(self) -> bool:
        """Whether something waits for ``receive``."""
        return bool(self._received)

    def handle(self, event: Event) -> None:
        """Pass *event* to the state machine and execute its commands."""
        for command in self._machine.handle(event):
            self._obey(command)

    async def receive(self) -> Received:
        """Return the next thing that the peer sent; raises AssociationEnded if nothing more will come."""
        while not self._received:
            if self.ended is not None:
                raise self.error(self.ended)
            await self._wait()
        self._read_on()
        return self._received.popleft()

    async def drain(self) -> None:
        """Wait until the peer can take more data; raises AssociationEnded if the association has ended."""
        while self.ended is None and not self._may_write:
            await self._wait()
        if self.ended is not None:
            raise self.error(self.ended)

    def octets_taken(self) -> int:
        """Return how many octets of what was sent have reached the peer's system."""
        return octets_taken(self._socket)

    async def wait_for_end(self) -> None:
        """Wait until the association has ended."""
        while self.ended is None:
            self._received.clear()
            self._read_on()
            await self._wait()

    def error(self, ended: Ended) -> AssociationEnded:
        """Return the AssociationEnded to raise for *ended*."""
        reason = why_ended(ended, self._beginning, self._lost, speaks_tls=self._speaks_tls)
        return AssociationEnded(reason, ended)

    def abandon(self) -> None:
        """Abort the connection at once and drop what is still to be written."""
        if self._transport is not None:
            self._transport.abort()

    # Called by the event loop.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Request the association."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass
        self._speaks_tls = transport.get_extra_info("ssl_object") is not None
        with contextlib.suppress(OSError):  # no file descriptor left: the connection works without the duplicate
            self._socket = transport.get_extra_info("socket").dup()
        self.handle(Connected())

    def data_received(self, data: bytes) -> None:
        """Handle data from the peer."""
        self._acknowledge()
        self._beginning = (self._beginning + data[:BEGINNING])[:BEGINNING]
        for event in self._reader.receive_data(data):
            self.handle(event)
        if len(self._received) > MOST_WAITING:
            self._hold_up()

    def eof_received(self) -> None:
        """Note that the peer will send nothing more."""
        self.handle(Disconnected())

    def connection_lost(self, error: Exception | None) -> None:
        """Read what the peer sent before the connection was lost, then note the end."""
        if error is not None:
            self._read_rest()
        self._lost = error
        self.handle(Disconnected())
        if self._artim is not None:
            self._artim.cancel()
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if not self.closed.done():
            self.closed.set_result(None)

    def pause_writing(self) -> None:
        """Make ``drain`` wait."""
        self._may_write = False

    def resume_writing(self) -> None:
        """Let ``drain`` continue."""
        self._may_write = True
        self._wake()

    def _obey(self, command: Command) -> None:
        match command:
            case Send(data):
                self._write(data)
            case Agreed() | Response() | Fragment():
                self._received.append(command)
                self._wake()
            case StartTimer():
                self._artim = self._loop.call_later(self._artim_seconds, self.handle, TimerExpired())
            case StopTimer() if self._artim is not None:
                self._artim.cancel()
            case Close():
                self._close()
            case Ended():
                self.ended = command
                self._wake()

    def _write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():  # uvloop raises where it is closing
            self._transport.write(data)

    def _close(self) -> None:
        if self._transport is None:
            return
        if self._transport.get_write_buffer_size():
            self._transport.abort()  # a peer that does not read could keep a closing transport open for ever
        else:
            self._transport.close()

    def _acknowledge(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                acknowledge_now(self._socket)

    def _read_rest(self) -> None:
        """Read what is still in the socket, such as an A-ABORT: the event loop discards it when a write fails.

        Under TLS this is impossible, because only the transport has the keys.
        """
        if self._socket is None or self._speaks_tls:
            return
        with contextlib.suppress(OSError):
            self._socket.setblocking(False)
            while data := self._socket.recv(READ_SIZE):
                self.data_received(data)

    def _hold_up(self) -> None:
        if self._transport is not None and not self._is_paused and not self._transport.is_closing():
            self._is_paused = True
            self._transport.pause_reading()

    def _read_on(self) -> None:
        if self._is_paused and self._transport is not None and not self._transport.is_closing():
            self._is_paused = False
            self._transport.resume_reading()

    async def _wait(self) -> None:
        waker = self._loop.create_future()
        self._wakers.add(waker)
        try:
            await waker
        finally:
            self._wakers.discard(waker)

    def _wake(self) -> None:
        for waker in self._wakers:
            if not waker.done():
                waker.set_result(None)

"""One connection to a store: the thin shell around a :class:`ReplyReader`, carrying one request at a time.

While the store has something to do (take what is sent, reply), a deadline of *read_seconds* runs, moved with everything
that comes from it. While the peer has to deliver more of the body, no deadline runs.

Between two exchanges nothing may come from the store. The end of the connection, or octets that nobody has asked for,
make the connection unusable. ``is_usable`` looks for them once more: the event loop may not have seen them yet.
"""

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import replace
from time import monotonic
from typing import cast

from adapters.rest.connecting.deadline import Deadline
from adapters.rest.connecting.failures import CERTIFICATE_REFUSED, WANTS_CERTIFICATE
from adapters.rest.connecting.idle import IdleLimit
from adapters.rest.connecting.tcp import Watch, confirmed, is_ended, unread
from adapters.rest.http.http1 import ALL, BROKE, UNHEARD, Failure, Kept, ReplyReader, Sink
from adapters.rest.http.reply import Limits
from adapters.rest.http.states import (
    AWAITING_REPLY,
    BEGIN,
    CLOSE,
    CLOSED,
    FINISH,
    IDLE,
    IN_EXCHANGE,
    MOVES,
    OVER,
    RECEIVING,
    REPLY,
    REST,
    SENDING,
    SENT,
)
from adapters.rest.http.turns import FRAMING_AT_ONCE, READ_AT_ONCE, give_way
from gateway.contract.body import Buffer
from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.outlook import Outlook
from gateway.contract.tls_faults import alert_of, diagnose_alert

_PIECE = memoryview(bytearray(READ_AT_ONCE))
"""One receive buffer for all connections: the event loop fills it and hands it over in one call."""
_PIECE_OF_FRAMING = _PIECE[:FRAMING_AT_ONCE]
TURNS = 2
"""Iterations of the event loop until it has read what is there."""
SILENT = Failure("the store was silent for longer than read_seconds")
OF_CERTIFICATES = {
    Cause.CERTIFICATE_WANTED: replace(WANTS_CERTIFICATE, unheard=True, outlook=Outlook.BUSY),
    Cause.CERTIFICATE_REFUSED: replace(CERTIFICATE_REFUSED, unheard=True, outlook=Outlook.BUSY),
}
"""In TLS 1.3 the server checks the client's certificate after the handshake has ended for the client; until the
certificate has passed, the server reads nothing of what is sent after it."""


class Connection(asyncio.BufferedProtocol):
    """Created by the pool, which also closes it."""

    def __init__(
        self,
        connected: socket.socket,
        limits: Limits,
        idle: IdleLimit,
        *,
        shows_certificate: bool | None = None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._socket = connected
        self._watch = Watch(connected)
        self._read_seconds = limits.read_seconds
        self._idle = idle
        self._shows_certificate = shows_certificate
        self.sent_at = self.first_at = 0.0
        """When the request was written, and when the first octet of its reply came; 0 if not yet."""
        self._idle_since = self._idle_seconds = self._idle_for = 0.0
        self._confirmed = 0
        self.reused = False
        """Whether it has carried a request before this one."""
        self._deadline = Deadline(self._loop, self._expire)
        self._transport: asyncio.Transport
        self._state = SENDING
        self._finished: asyncio.Future[None] | None = None  # what wait_for_reply waits for
        self._writable: asyncio.Future[None] | None = None
        self._paused = False
        self.reply = ReplyReader(limits.max_reply_bytes)
        self._at_once = FRAMING_AT_ONCE
        self.whole = False
        """Whether all of the request had been sent when its reply began."""
        self.closed: asyncio.Future[None] = self._loop.create_future()
        """Done when the connection has ended, from whichever side."""

    @property
    def ended(self) -> bool:
        """Whether nothing more can be sent; ``connection_lost`` may not have been called yet."""
        return self._transport.is_closing()

    def is_usable(self) -> bool:
        """Whether another request may be sent; a connection that may not carry one is dropped."""
        if self._state is not IDLE or self._transport.is_closing():
            return False
        self._idle_for = idle_for = self._loop.time() - self._idle_since
        if idle_for >= self._idle_seconds or (self._idle.has_learnt and idle_for >= self._idle.seconds()):
            self.abort()
        elif self._watch.is_quiet():
            return True
        else:
            self._expelled()
        return False

    def begin(self, sink: Sink | None, kept: Kept = ALL) -> None:
        """Start an exchange; the first one has started with the connection."""
        if self._state in (IDLE, CLOSED):
            self._state = MOVES[self._state][BEGIN]
            self.whole = False
            self._confirmed = confirmed(self._socket)
            self.reused = True
            self.sent_at = self.first_at = 0.0
            self.reply.begin()
        self.reply.sink, self.reply.kept = sink, kept
        self._deadline.clear()

    def send(self, request: bytes) -> None:
        """Send a whole request, and start the deadline for the store."""
        if not self._transport.is_closing():  # uvloop would raise
            self._transport.write(request)
        self.end_request()

    def write(self, data: Buffer) -> None:
        """Send a part of the request, unless the connection has ended."""
        if not self._transport.is_closing():  # uvloop would raise
            self._transport.write(data)

    def write_all(self, parts: Sequence[Buffer]) -> None:
        """Send several parts of the request in one go, unless the connection has ended."""
        if self._transport.is_closing():
            return
        if self._gathers:
            self._transport.writelines(parts)
        else:
            self._transport.write(b"".join(parts))

    def end_request(self) -> None:
        """Record that the request is written completely, and start the deadline for the store."""
        self._state = MOVES[self._state][SENT]
        self.sent_at = monotonic()
        self._deadline.set(self._read_seconds)

    async def look(self) -> None:
        """Let the event loop read what has come: with the reply there, sending can stop (RFC 9112 9.5)."""
        for _ in range(TURNS):
            if self._watch.is_quiet():
                return
            await asyncio.sleep(0)

    async def drain(self) -> None:
        """Wait until the store has taken enough of what was sent; on a connection that has ended, for ever."""
        if not self._paused and not self._transport.is_closing():
            return
        self._deadline.set(self._read_seconds)
        self._writable = self._loop.create_future()
        await self._writable
        if self._state is SENDING:
            self._deadline.clear()

    def is_heard(self) -> bool:
        """Whether the store's TCP has acknowledged a part of the request, or this cannot be known."""
        return not self._confirmed or confirmed(self._socket) != self._confirmed

    async def wait_for_reply(self) -> None:
        """Wait until the reply is complete or has failed."""
        if (reply := self.awaited_reply()) is not None:
            await reply

    def awaited_reply(self) -> "asyncio.Future[None] | None":
        """Return what to await until the reply is complete or has failed; None if that is so already."""
        if self._state not in IN_EXCHANGE:
            return None
        self._finished = self._loop.create_future()
        return self._finished

    def rest(self) -> bool:
        """End the exchange; return whether the connection is kept for the next one. Otherwise it is dropped."""
        # A store that answers 5xx often closes the connection too, without announcing it.
        sound = self.reply.keep_alive and self.reply.status < 500 and self.whole
        fields = self.reply.fields
        self._idle_seconds = self._idle.seconds(fields.get("keep-alive") if fields.mentions(b"keep-alive") else None)
        if not sound or not self._idle_seconds or self._state is not OVER or self._transport.is_closing():
            self.abort()
            return False
        self._state = MOVES[self._state][REST]
        self._idle_since = self._loop.time()
        self._deadline.set(self._idle_seconds)
        return True

    def abort(self) -> None:
        """Drop the connection and what is still unsent; close() would wait for a store to read it, perhaps for ever."""
        self.reply.receive_end(clean=False)
        self._transport.abort()
        if self._state is IDLE:
            self._state = MOVES[self._state][CLOSE]

    def _expelled(self) -> None:
        """Drop an idle connection that the store has ended or sent octets on; note how long it was idle."""
        self._idle.learn(self._loop.time() - self._idle_since)
        self.abort()

    def _end(self, error: Exception | None = None) -> None:
        """Take the end of the connection in an exchange; the store may have closed it as idle, before the request."""
        if not self.reply.over and not self.reply.status:
            now = confirmed(self._socket)
            if self.reused and now in {0, self._confirmed}:
                self._idle.learn(self._idle_for)
            if now and now == self._confirmed and is_ended(error):
                self.reply.failure = UNHEARD
            elif alert := alert_of(error):
                self.reply.failure = self._alerted(alert)
        elif self.reply.complete and self.reply.keep_alive:
            self._idle.learn(0)
        self.reply.receive_end(clean=error is None)
        self._finish()

    def _alerted(self, alert: str) -> Failure:
        """Return what an *alert* means that came behind the handshake."""
        diagnosis = diagnose_alert(alert, shows_certificate=self._shows_certificate)
        return replace(OF_CERTIFICATES.get(diagnosis.cause, BROKE), diagnosis=diagnosis)

    def _hear_out(self) -> None:
        """Read what came before a write failed; the request was sent only in part."""
        for octets in unread(self._socket):
            if self.reply.over:
                break
            self.reply.receive_data(octets)

    def _finish(self) -> None:
        self._deadline.clear()
        self._state = MOVES[self._state][FINISH]
        if self._finished is not None and not self._finished.done():
            self._finished.set_result(None)

    def _expire(self) -> None:
        if self._state in (IDLE, CLOSED):
            self.abort()
            return
        seconds = {"seconds": f"{self._read_seconds:g}"}
        self.reply.break_off(replace(SILENT, diagnosis=Diagnosis(Cause.NO_ANSWER, seconds)))
        self._finish()

    # The transport calls what follows.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport, which sets TCP_NODELAY by itself."""
        self._transport = cast("asyncio.Transport", transport)
        self._confirmed = confirmed(self._socket)
        # asyncio's own writelines never pauses its protocol in Python 3.12.0 to 3.12.8, 3.13.0 and 3.13.1
        # (CVE-2024-12254), and copies in those before.
        self._gathers = not type(transport).__module__.startswith("asyncio")

    def get_buffer(self, _sizehint: int) -> memoryview:
        """Return where a part of the reply is to be written."""
        if self.reply.is_body:
            self._at_once = READ_AT_ONCE
            return _PIECE
        self._at_once = FRAMING_AT_ONCE
        return _PIECE_OF_FRAMING

    def buffer_updated(self, nbytes: int) -> None:
        """Take the octets that were written into the buffer."""
        self.data_received(bytes(_PIECE[:nbytes]))

    def data_received(self, data: bytes) -> None:
        """Take a part of the reply."""
        if self._state is IDLE:
            self._expelled()
            return
        if self._state not in IN_EXCHANGE:
            self.abort()  # more than the reply that was asked for
            return
        if not self.first_at:
            self.first_at = monotonic()
        reply = self.reply
        reply.receive_data(data)
        if reply.status and self._state is not RECEIVING:
            self.whole = self._state is AWAITING_REPLY and self._transport.get_write_buffer_size() == 0
            self._state = MOVES[self._state][REPLY]
        if reply.complete or reply.over:
            self._finish()
        elif self._state is not SENDING:
            self._deadline.set(self._read_seconds)
        if len(data) >= self._at_once:
            give_way(self._transport, len(data), self._at_once)

    def eof_received(self) -> None:
        """Act on the store's FIN at once: the transport would first send what is still waiting."""
        if self._state is IDLE:
            self._expelled()
        elif self._state is not CLOSED:
            self._end()
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Take the end of the connection, and what the store had said before it."""
        if self._state in IN_EXCHANGE or self._state is OVER:
            if exc is not None:
                self._hear_out()
            self._end(exc)
        elif exc is not None:
            self._expelled()
        else:
            self._state = MOVES[self._state][CLOSE]
        self._deadline.close()
        self.closed.set_result(None)

    def pause_writing(self) -> None:
        """Stop sending the body."""
        self._paused = True

    def resume_writing(self) -> None:
        """Go on sending the body."""
        self._paused = False
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)

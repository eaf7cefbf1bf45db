"""TLS between a TCP transport and the protocol above it: OpenSSL works in memory, the transport carries its octets.

The event loops have their own TLS, but they end it at the first write that fails: what the other side sent before it
closed the connection stays undecrypted in the system's buffer. This layer reads it (``tcp.unread``).

The end of the connection is handled as without TLS, even without a close_notify before it: many servers send none. A
reply that is cut off by it is never a success.
"""

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import Iterable
from typing import Protocol, cast

from adapters.rest.connecting.tcp import unread
from adapters.rest.http.turns import give_way
from gateway.contract.body import Buffer
from gateway.contract.tls_faults import alert_of, note_shown

PIECE = 64 * 1024
"""Octets at most that are decrypted at once."""


class UpperProtocol(Protocol):
    """A protocol that takes the decrypted octets, or without TLS the octets that the transport reads."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""

    def data_received(self, data: bytes) -> None:
        """Take the next octets."""

    def eof_received(self) -> bool | None:
        """Take the other side's end of the connection."""

    def connection_lost(self, exc: Exception | None) -> None:
        """Take the end of the connection."""

    def pause_writing(self) -> None:
        """Stop writing until `resume_writing()`."""

    def resume_writing(self) -> None:
        """Write again."""


class TlsLayer(asyncio.Protocol, asyncio.Transport):
    """The protocol of the TCP transport and, after the handshake, the transport of *above*."""

    def __init__(self, above: UpperProtocol, context: ssl.SSLContext, host: str, connected: socket.socket) -> None:
        super().__init__()
        self._above = above
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._socket = connected
        self._below: asyncio.Transport
        self._error: Exception | None = None
        self._backlog: deque[memoryview] = deque()
        """Data that is not encrypted yet: during a renegotiation (TLS 1.2) OpenSSL accepts none."""
        self._is_full = self._is_paused = self._has_ended = False
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done after the handshake, when *above* has its transport; an OSError if the handshake failed."""

    # The transport below calls the following methods.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin the handshake."""
        self._below = cast("asyncio.Transport", transport)
        self._shake_hands()

    def data_received(self, data: bytes) -> None:
        """Decrypt the next octets."""
        self._incoming.write(data)
        if not self.ready.done():
            self._shake_hands()
        if self._is_ready:
            self._decrypt()
            if self._backlog:
                self._encrypt()
        give_way(self._below, len(data))

    def eof_received(self) -> None:
        """Pass the end on to the protocol above. Returning None makes the transport below close."""
        if self._is_ready:
            self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        """Decrypt what is left in the socket, and pass the end on."""
        if not self.ready.done() and exc is not None:
            self._hear_alert()
        if not self.ready.done():
            self.ready.set_exception(exc or ConnectionResetError("the connection ended in the TLS handshake"))
        if not self._is_ready:
            return
        if exc is not None:
            for octets in unread(self._socket):
                self._incoming.write(octets)
            self._decrypt()
        # An alert tells more than the reset behind it.
        self._above.connection_lost(self._error if alert_of(self._error) else exc or self._error)

    def pause_writing(self) -> None:
        """Pause the protocol above."""
        self._is_full = True
        self._pause_or_resume()

    def resume_writing(self) -> None:
        """Resume the protocol above, unless the backlog still has data."""
        self._is_full = False
        self._pause_or_resume()

    # The protocol above calls the following methods.

    def write(self, data: Buffer) -> None:
        """Encrypt and send."""
        self.writelines((data,))

    def writelines(self, list_of_data: Iterable[Buffer]) -> None:
        """Encrypt and send in one go."""
        self._backlog.extend(memoryview(data) for data in list_of_data)
        self._encrypt()

    def is_closing(self) -> bool:
        """Whether nothing more can be sent."""
        return self._below.is_closing()

    def get_write_buffer_size(self) -> int:
        """Return how many octets the system has not taken yet."""
        return self._below.get_write_buffer_size() + sum(map(len, self._backlog))

    def pause_reading(self) -> None:
        """Stop reading."""
        self._below.pause_reading()

    def resume_reading(self) -> None:
        """Read again."""
        self._below.resume_reading()

    def abort(self) -> None:
        """Drop the connection."""
        self._below.abort()

    @property
    def _is_ready(self) -> bool:
        return self.ready.done() and not self.ready.cancelled() and self.ready.exception() is None

    def _shake_hands(self) -> None:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
        except ssl.SSLError as error:
            note_shown(error, self._tls)
            self.ready.set_exception(error)
            self._flush()  # the alert tells the other side why
            self._below.close()
        else:
            self._flush()
            self.ready.set_result(None)
            self._above.connection_made(self)

    def _hear_alert(self) -> None:
        """Read the alert that a reset has overtaken."""
        for octets in unread(self._socket):
            self._incoming.write(octets)
            if not self.ready.done():
                self._shake_hands()

    def _encrypt(self) -> None:
        """Encrypt and send the backlog, as far as OpenSSL accepts it."""
        try:
            while self._backlog:
                view = self._backlog.popleft()
                while view:
                    self._backlog.appendleft(view)
                    written = self._tls.write(view)
                    view = self._backlog.popleft()[written:]
        except ssl.SSLWantReadError:  # a renegotiation: the other side's answer comes first
            self._backlog = deque(memoryview(bytes(each)) for each in self._backlog)  # the owner may reuse its buffer
        except ssl.SSLError as error:
            self._fail(error)
        self._flush()
        self._pause_or_resume()

    def _pause_or_resume(self) -> None:
        paused = self._is_full or bool(self._backlog)
        if self._is_ready and paused != self._is_paused:
            self._is_paused = paused
            (self._above.pause_writing if paused else self._above.resume_writing)()

    def _end(self) -> None:
        """Pass the end on once: both a close_notify and the end of the connection call this."""
        if not self._has_ended:
            self._has_ended = True
            self._above.eof_received()

    def _decrypt(self) -> None:
        try:
            while data := self._tls.read(PIECE):
                self._above.data_received(data)
            self._end()  # close_notify
        except ssl.SSLWantReadError:
            self._flush()  # the answer to a key update
        except ssl.SSLError as error:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        self._error = self._error or error
        self._backlog.clear()
        self._below.abort()

    def _flush(self) -> None:
        if self._outgoing.pending and not self._below.is_closing():  # uvloop would raise
            self._below.write(self._outgoing.read())

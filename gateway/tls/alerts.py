"""Tells a peer by a TLS alert why its handshake failed.

When a handshake fails, OpenSSL has written the alert (RFC 8446 6.2), but the transports of asyncio and uvloop close the
socket without sending it, so that the peer sees only the end of the stream. Here the TLS object itself sends it, on a
duplicate of the socket: the transport may close its own. What the peer still sends is read for a moment before the
duplicate is closed, because a reset could take the alert away from the peer.

The transports make their TLS object within ``connect_accepted_socket``, in the context (PEP 567) of the task that calls
it. That is how the object finds the socket; where it finds none, nothing is sent.
"""

import asyncio
import socket
import ssl
from contextvars import ContextVar

LINGER_SECONDS = 1.0
"""Longest wait for a peer that was sent an alert to close its side."""
READ_AT_ONCE, MOST_READS = 65_536, 64
"""What the peer may still send before the connection closes, at most: octets of a read, and reads."""


class Farewell:
    """What is left to do for one peer whose handshake failed. Use it in a ``with`` block around the handshake."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._duplicate: socket.socket | None = None

    def __enter__(self) -> "Farewell":
        """Have the TLS objects that are made now in this task send their alerts on the socket."""
        self._token = _current.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        """Close the duplicate, if there is one."""
        _current.reset(self._token)
        if self._duplicate is not None:
            self._duplicate.close()

    def send(self, alert: bytes) -> None:
        """Send *alert* and the end of the stream, if the system takes them at once."""
        if not alert or self._duplicate is not None:
            return
        try:
            self._duplicate = self._socket.dup()
            self._duplicate.send(alert)
            self._duplicate.shutdown(socket.SHUT_WR)
        except OSError:  # the peer is gone, it does not read, or no file descriptor is left
            pass

    async def linger(self) -> None:
        """Read and forget what the peer still sends, until it closes; return at once if nothing was sent to it."""
        if self._duplicate is None:
            return
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(LINGER_SECONDS):
                for _ in range(MOST_READS):
                    if not await loop.sock_recv(self._duplicate, READ_AT_ONCE):
                        return
        except OSError:  # a TimeoutError, too
            pass


_current: ContextVar[Farewell | None] = ContextVar("farewell", default=None)


class AlertingObject(ssl.SSLObject):
    """A TLS object that sends its alert itself when its handshake fails."""

    outgoing: ssl.MemoryBIO | None = None
    """Where OpenSSL writes what the peer shall get."""
    farewell: Farewell | None = None

    def do_handshake(self) -> None:
        """Go on with the handshake; send the alert where it fails."""
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError:
            if self.farewell is not None and self.outgoing is not None:
                self.farewell.send(self.outgoing.read())
            raise


class AlertingContext(ssl.SSLContext):
    """A context whose TLS objects send their alerts, on the socket of the ``Farewell`` in whose task they are made."""

    sslobject_class = AlertingObject

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """Make a TLS object."""
        made = super().wrap_bio(incoming, outgoing, server_side, server_hostname, session)
        if isinstance(made, AlertingObject):
            made.outgoing, made.farewell = outgoing, _current.get()
        return made

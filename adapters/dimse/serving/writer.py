"""Sends the PDUs to one peer, and closes the connection."""

import asyncio
import socket

from adapters.dimse.serving.watch import Watch
from gateway.contract.sockets import reset_at_close
from gateway.contract.unbuffered import UnbufferedWriter


class PduWriter(UnbufferedWriter):
    """Writes PDUs, tells the *watch* of a peer that does not read them, and closes; *sock* is for socket options."""

    def __init__(self, transport: asyncio.Transport, sock: socket.socket, watch: Watch) -> None:
        super().__init__(transport)
        self._loop = asyncio.get_running_loop()
        self._socket = sock
        self._watch = watch

    def send(self, data: bytes) -> None:
        """Write *data* if there is a peer to read it."""
        if not self._transport.is_closing():
            self.write(data)

    def pause(self) -> None:
        """Start the clock for a peer that does not read."""
        self._watch.blocked_since = self._loop.time()

    def resume(self) -> None:
        """Stop the clock that :meth:`pause` started."""
        self._watch.blocked_since = None

    def close(self) -> None:
        """Close the connection; reset it where the peer has not read everything."""
        if self._transport.get_write_buffer_size():
            self.reset()  # a peer that does not read could keep a closing transport for ever
        else:
            self._transport.close()

    def reset(self) -> None:
        """Reset the connection now, and drop unsent data."""
        self.reset_at_close()
        self._transport.abort()

    def reset_at_close(self) -> None:
        """Have the system drop unsent data and send a reset when the connection closes."""
        reset_at_close(self._socket)

"""A store that answers before it has read the whole of a request, and closes the connection.

What it has not read makes its system send a reset behind the answer.
"""

import socket
import ssl
from collections.abc import Sequence
from contextlib import AbstractContextManager

from tests.threaded_store import ThreadedStore

READS = 100_000
"""Octets of the request that it reads first: the head and a part of the body."""


def answer(status: int, body: bytes = b"", *fields: bytes, length: bytes | None = None) -> bytes:
    """Return a reply; *length* is the field that tells the length of its body."""
    length = b"Content-Length: %d" % len(body) if length is None else length
    lines = [b"HTTP/1.1 %d Status" % status, *fields, length]
    return b"\r\n".join([line for line in lines if line]) + b"\r\n\r\n" + body


class HastyStore(ThreadedStore):
    """Sends *pieces* as the answer to each request."""

    def __init__(self, pieces: Sequence[bytes], tls: ssl.SSLContext | None) -> None:
        super().__init__(tls)
        self._pieces = pieces

    def wait(self) -> None:
        """Hold up the caller, and its event loop, until the store has answered and closed once."""
        assert self.has_closed.wait(30)

    def serve(self, connection: socket.socket) -> None:
        """Answer one request."""
        octets = 0
        while octets < READS:
            octets += len(connection.recv(READS - octets))
        for piece in self._pieces:
            connection.sendall(piece)


def hasty_store(*pieces: bytes, tls: ssl.SSLContext | None = None) -> AbstractContextManager[HastyStore]:
    """Run a store that sends *pieces* as the answer to each request."""
    return HastyStore(pieces, tls).running()

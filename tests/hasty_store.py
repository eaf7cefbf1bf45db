"""A store in threads of its own that answers before it has read the whole of a request, and closes the connection.

What it has not read makes its system send a reset behind the answer.
"""

import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

READS = 100_000
"""Octets of the request that it reads first: the head and a part of the body."""


def answer(status: int, body: bytes = b"", *fields: bytes, length: bytes | None = None) -> bytes:
    """Return a reply; *length* is the field that tells the length of its body."""
    length = b"Content-Length: %d" % len(body) if length is None else length
    lines = [b"HTTP/1.1 %d Status" % status, *fields, length]
    return b"\r\n".join([line for line in lines if line]) + b"\r\n\r\n" + body


@dataclass
class HastyStore:
    """A running store."""

    url: str
    pieces: Sequence[bytes]
    tls: ssl.SSLContext | None
    connections: int = 0
    _has_closed: threading.Event = field(default_factory=threading.Event)

    def wait(self) -> None:
        """Hold up the caller, and its event loop, until the store has answered and closed once."""
        assert self._has_closed.wait(30)

    def serve(self, accepted: socket.socket) -> None:
        """Answer one request."""
        # The answer is to leave before the reset, whatever small records TLS has sent before.
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(OSError), accepted:
            with self.tls.wrap_socket(accepted, server_side=True) if self.tls else accepted as connection:
                octets = 0
                while octets < READS:
                    octets += len(connection.recv(READS - octets))
                for piece in self.pieces:
                    connection.sendall(piece)
            self._has_closed.set()


@contextmanager
def hasty_store(*pieces: bytes, tls: ssl.SSLContext | None = None) -> Iterator[HastyStore]:
    """Run a store that sends *pieces* as the answer to each request."""
    listening = socket.create_server(("127.0.0.1", 0))
    address = f"http{'s' if tls else ''}://127.0.0.1:{listening.getsockname()[1]}"
    store = HastyStore(address, pieces, tls)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                store.connections += 1
                threading.Thread(target=store.serve, args=[connection], daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield store
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()

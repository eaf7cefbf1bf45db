"""A store in threads of its own, which speaks to each connection as it likes, however busy the test's event loop is."""

import socket
import ssl
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Self


class ThreadedStore(ABC):
    """What its subclass says on each connection."""

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        self.tls = tls
        self.url = ""
        self.connections = 0
        self.has_closed = threading.Event()
        """Set once a connection has been served and closed."""

    @abstractmethod
    def serve(self, connection: socket.socket) -> None:
        """Serve one connection, in a thread of its own; it is closed afterwards."""

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Accept connections until the end."""
        listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http{'s' if self.tls else ''}://127.0.0.1:{listening.getsockname()[1]}"
        thread = threading.Thread(target=self._accept, args=[listening], daemon=True)
        thread.start()
        try:
            yield self
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            listening.close()
            thread.join()

    def _accept(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                accepted, _ = listening.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=[accepted], daemon=True).start()

    def _serve(self, accepted: socket.socket) -> None:
        # An answer is to leave before the reset of its connection, whatever small records TLS has sent before.
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(OSError), accepted:
            with self.tls.wrap_socket(accepted, server_side=True) if self.tls else accepted as connection:
                self.serve(connection)
            self.has_closed.set()

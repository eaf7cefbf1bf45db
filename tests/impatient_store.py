"""A store in threads of its own that closes its connections whenever it likes, and says nothing of it before."""

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\nok"
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass
class Behaviour:
    """What the store does with a connection. The requests are counted from 0, over all connections."""

    reply: Callable[[int, bytes], bytes] = lambda _number, _body: OK
    """Makes a reply of the request's number and body."""
    idle: float | None = None
    """Seconds after which an idle connection is closed."""
    last_words: bytes = b""
    """What it says on an idle connection before it closes it."""
    afterwards: Callable[[int, socket.socket], bool] = lambda _number, _connection: True
    """Called after each reply; False closes the connection at once."""
    tls: ssl.SSLContext | None = None


@dataclass
class ImpatientStore:
    """A running store."""

    url: str
    behaviour: Behaviour
    bodies: list[bytes] = field(default_factory=list)
    """Of the requests that were read to their ends."""
    connections: int = 0

    def serve(self, accepted: socket.socket) -> None:
        """Serve one connection."""
        behaviour = self.behaviour
        with suppress(OSError), accepted:
            connection = behaviour.tls.wrap_socket(accepted, server_side=True) if behaviour.tls else accepted
            with connection:
                idle = None  # its first request may take its time
                while (body := _read_request(connection, idle)) is not None:
                    idle, number = behaviour.idle, len(self.bodies)
                    self.bodies.append(body)
                    connection.sendall(behaviour.reply(number, body))
                    if not behaviour.afterwards(number, connection):
                        return
                if behaviour.last_words:
                    connection.sendall(behaviour.last_words)


def _read_request(connection: socket.socket, idle: float | None) -> bytes | None:
    """Return the body of the next request, as it came; None when there is no other in time."""
    connection.settimeout(idle)
    try:
        data = connection.recv(65536)
    except TimeoutError:
        return None
    connection.settimeout(None)
    while not (b"\r\n\r\n" in data and _is_whole(*data.split(b"\r\n\r\n", 1))):
        if not (more := connection.recv(1 << 20)):
            return None
        data += more
    return data.split(b"\r\n\r\n", 1)[1]


def _is_whole(head: bytes, body: bytes) -> bool:
    length = LENGTH.search(head)
    if length is not None:
        return len(body) >= int(length[1])
    return body.endswith(b"0\r\n\r\n") if b"chunked" in head else True


@contextmanager
def impatient_store(behaviour: Behaviour) -> Iterator[ImpatientStore]:
    """Run a store that does as *behaviour* says."""
    listening = socket.create_server(("127.0.0.1", 0))
    scheme = "https" if behaviour.tls else "http"
    store = ImpatientStore(f"{scheme}://127.0.0.1:{listening.getsockname()[1]}", behaviour)

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

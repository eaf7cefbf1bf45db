"""A store that closes its connections whenever it likes, and says nothing of it before."""

import re
import socket
import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from tests.threaded_store import ThreadedStore

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


class ImpatientStore(ThreadedStore):
    """Does as *behaviour* says."""

    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__(behaviour.tls)
        self._behaviour = behaviour
        self.bodies: list[bytes] = []
        """Of the requests that were read to their ends."""

    def serve(self, connection: socket.socket) -> None:
        """Serve one connection."""
        behaviour = self._behaviour
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


def impatient_store(behaviour: Behaviour) -> AbstractContextManager[ImpatientStore]:
    """Run a store that does as *behaviour* says."""
    return ImpatientStore(behaviour).running()

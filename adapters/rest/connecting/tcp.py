"""What the kernel knows about a connection to a store, asked without waiting.

**Was a request received?** A store may close a connection while the next request is on its way. Every segment from the
store, its FIN included, acknowledges how much its kernel has received until then (RFC 9293 3.10.7.4). If the FIN
acknowledges nothing of the request, a program that has closed the connection cannot have read any of the request, let
alone acted on it. Only a program that has shut down its sending side and goes on reading could read the request after
its FIN; it could never answer, and Hilum cannot tell the two apart. HTTP servers do that for the rest of a request that
they have answered (RFC 9112 9.6), not for a new one. A reset tells nothing: it says only that the connection is gone,
perhaps because the program that has read the request died.

**What came before the end.** A store may answer before it has read a request, and close (RFC 9112 9.6). The next write
then fails, and the event loop ends the connection without reading the answer. The answer stays in the socket (Linux
keeps it through a reset) until the socket is closed, which the event loops do after they have called connection_lost().
"""

import select
import socket
import struct
from collections.abc import Iterator

TCP_INFO = getattr(socket, "TCP_INFO", None)  # Linux; elsewhere it is not known whether a request was received
BYTES_ACKED = struct.Struct("=120xQ")
"""``tcpi_bytes_acked`` of ``struct tcp_info``: octets that the other side has acknowledged, the SYN included."""

MOST_UNREAD = 16 * 1024 * 1024
"""Most octets that are read after the end; no socket's buffer holds more."""
PIECE = 256 * 1024


class Watch:
    """Checks whether one socket has unread octets, or the end of the connection."""

    def __init__(self, connected: socket.socket) -> None:
        self._poll = select.poll()
        self._poll.register(connected, select.POLLIN)

    def is_quiet(self) -> bool:
        """Whether there is nothing to read for the event loop."""
        return not self._poll.poll(0)


def is_ended(error: Exception | None) -> bool:
    """Whether the other side's FIN has come: no *error*, or EPIPE, which Linux reports for a reset after a FIN."""
    return error is None or isinstance(error, BrokenPipeError)


def confirmed(connected: socket.socket) -> int:
    """Return how many octets the other side has acknowledged, or 0 if that is not known."""
    if TCP_INFO is None:
        return 0
    try:
        info = connected.getsockopt(socket.IPPROTO_TCP, TCP_INFO, BYTES_ACKED.size)
    except OSError:
        return 0
    return int(BYTES_ACKED.unpack(info)[0]) if len(info) == BYTES_ACKED.size else 0


def unread(connected: socket.socket) -> Iterator[bytes]:
    """Yield the unread octets of a socket whose connection has ended. Never raises."""
    most = MOST_UNREAD
    try:
        while most > 0 and (octets := connected.recv(PIECE, socket.MSG_DONTWAIT)):
            most -= len(octets)
            yield octets
    except OSError:
        return

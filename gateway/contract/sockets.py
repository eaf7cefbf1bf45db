"""Socket options that every listener sets."""

import socket
import struct

TCP_QUICKACK: int | None = getattr(socket, "TCP_QUICKACK", None)  # Linux
RESET = struct.pack("ii", 1, 0)  # struct linger: on, no time


def acknowledge_now(sock: socket.socket) -> None:
    """Make TCP acknowledge received data at once. To be called after every read, because Linux resets the option.

    A sender with Nagle's algorithm that writes several small segments (DCMTK at the end of a data set, MLLP clients
    that write start, payload and end separately) would otherwise wait 40 ms for each.
    """
    if TCP_QUICKACK is not None:
        sock.setsockopt(socket.IPPROTO_TCP, TCP_QUICKACK, 1)


def reset_at_close(sock: socket.socket) -> None:
    """Make the socket send a reset when it is closed.

    Otherwise the system would keep the data that such a peer does not read, megabytes for minutes, for each of its
    connections.
    """
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)

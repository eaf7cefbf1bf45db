"""Socket options that every listener sets."""

import socket
import struct

TCP_QUICKACK: int | None = getattr(socket, "TCP_QUICKACK", None)  # Linux
RESET = struct.pack("ii", 1, 0)  # struct linger: on, no time


def acknowledge_now(sock: socket.socket) -> None:
    """Have TCP acknowledge what came in at once; to be set after every read, for Linux forgets it.

    A sender with Nagle's algorithm on that writes several small segments (DCMTK at the end of a data set, MLLP clients
    that write start, payload and end apart) would else wait 40 ms for each.
    """
    if TCP_QUICKACK is not None:
        sock.setsockopt(socket.IPPROTO_TCP, TCP_QUICKACK, 1)


def reset_at_close(sock: socket.socket) -> None:
    """Have the end of the connection be a reset.

    Else the system would keep what the peer has not read, megabytes of it for minutes, and for as many connections as
    such a peer makes one after another.
    """
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)

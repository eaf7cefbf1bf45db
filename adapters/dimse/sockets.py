"""Socket options of an association."""

import asyncio
import socket
import struct

TCP_QUICKACK: int | None = getattr(socket, "TCP_QUICKACK", None)  # Linux
RESET = struct.pack("ii", 1, 0)  # struct linger: on, no time


def duplicate(transport: asyncio.Transport) -> socket.socket | None:
    """Return a socket for the options of *transport*'s connection, to be closed with it; None with no descriptor left.

    uvloop's own object makes a new socket for each call, which costs more than the option.
    """
    try:
        duplicated: socket.socket = transport.get_extra_info("socket").dup()
    except OSError:
        return None
    duplicated.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    duplicated.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return duplicated


def acknowledge_now(sock: socket.socket) -> None:
    """Have TCP acknowledge what came in at once; to be set after every read, for the kernel forgets it.

    DCMTK leaves Nagle on and ends a data set with a small segment: a delayed ACK would cost 40 ms each time.
    """
    if TCP_QUICKACK is not None:
        sock.setsockopt(socket.IPPROTO_TCP, TCP_QUICKACK, 1)


def reset_at_close(sock: socket.socket) -> None:
    """Have the end of the connection be a reset.

    Else the system would keep what the peer has not read, for minutes after its place was given to another.
    """
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)

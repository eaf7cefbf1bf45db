"""Socket options of an association."""

import asyncio
import socket


def duplicate(transport: asyncio.Transport) -> socket.socket | None:
    """Return a duplicate socket to set the connection's options, to be closed with it; None with no descriptor left.

    uvloop's own object makes a new socket for each call, which costs more than the option.
    """
    try:
        duplicated: socket.socket = transport.get_extra_info("socket").dup()
    except OSError:
        return None
    duplicated.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    duplicated.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return duplicated

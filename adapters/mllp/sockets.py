"""Socket options of an MLLP connection."""

import socket
import struct

KEEPALIVE_SECONDS = 60  # Firewalls drop connections that were silent for 5 to 10 minutes.
_PROBES = 4


def tune(sock: socket.socket) -> None:
    """Send answers without waiting for more to send, and notice a peer that has silently gone."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option in ("TCP_KEEPIDLE", "TCP_KEEPINTVL"):
        if hasattr(socket, option):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), KEEPALIVE_SECONDS)
    if hasattr(socket, "TCP_KEEPCNT"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, _PROBES)


def reset_at_close(sock: socket.socket) -> None:
    """Have the end of the connection be a reset.

    Else the system would keep what the peer has not read, megabytes of it for minutes, and for as many connections as
    such a peer makes one after another.
    """
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def acknowledge_now(sock: socket.socket) -> None:
    """Have TCP acknowledge what came in at once.

    A sender with Nagle's algorithm on that writes start, payload and end apart would else wait 40 ms for each. Linux
    forgets the option after a while, so it is set again whenever a block is still incomplete.
    """
    if hasattr(socket, "TCP_QUICKACK"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

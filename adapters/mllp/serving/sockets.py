"""Socket options of an MLLP connection."""

import socket

KEEPALIVE_SECONDS = 60  # Firewalls drop connections that were silent for 5 to 10 minutes.
_PROBES = 4


def tune(sock: socket.socket) -> None:
    """Send answers at once (TCP_NODELAY), and notice a peer that has gone silently (keepalive)."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option in ("TCP_KEEPIDLE", "TCP_KEEPINTVL"):
        if hasattr(socket, option):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), KEEPALIVE_SECONDS)
    if hasattr(socket, "TCP_KEEPCNT"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, _PROBES)

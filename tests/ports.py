"""Ports for programs that cannot choose one themselves, and for servers that come back on the port they had."""

import random
import socket

BELOW_EPHEMERAL = range(15_000, 32_768)
"""Linux gives outgoing connections ports from 32768 on (ip_local_port_range): one of these is not taken by chance."""


def free_port() -> int:
    """Return a port that was free a moment ago."""
    for _ in range(1000):
        port = random.SystemRandom().choice(BELOW_EPHEMERAL)
        try:
            with socket.create_server(("127.0.0.1", port)):
                return port
        except OSError:
            continue
    raise RuntimeError("no port is free")

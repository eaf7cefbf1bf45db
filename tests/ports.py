"""Ports for programs that cannot choose one themselves, and for servers that come back on the port they had."""

import fcntl
import os
import random
import socket
import tempfile
from functools import cache
from pathlib import Path

BELOW_EPHEMERAL = range(15_000, 32_768)
"""Linux gives outgoing connections ports from 32768 on (ip_local_port_range): one of these is not taken by chance."""
PRIVILEGED = range(600, 1024)
"""Hardly a service has one of these (ip_unprivileged_port_start)."""
_taken: set[int] = set()


def free_port() -> int:
    """Return a port that is free, and that no other run of the tests on this machine will take before this one ends."""
    for _ in range(1000):
        port = random.SystemRandom().choice(BELOW_EPHEMERAL)
        if port not in _taken and _reserve(port) and _is_free(port):
            return port
    raise RuntimeError("no port is free")


def privileged_port() -> int:
    """Return a port that only root may bind, under the same conditions: 104 if possible, which is DICOM's own."""
    for port in [104, *reversed(PRIVILEGED)]:
        if port not in _taken and _reserve(port) and _is_free(port):
            return port
    raise RuntimeError("no port below 1024 is free")


def _is_free(port: int) -> bool:
    try:
        with socket.create_server(("127.0.0.1", port)):
            return True
    except OSError:
        return False


def _reserve(port: int) -> bool:
    """Lock the octet of *port* in a file of all test runs; it stays locked until this process ends."""
    _taken.add(port)
    try:
        fcntl.lockf(_ledger(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


@cache
def _ledger() -> int:
    path = Path(tempfile.gettempdir()) / f"hilum-test-ports-{os.getuid()}"
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

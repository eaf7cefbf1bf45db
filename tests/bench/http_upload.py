"""Posts files to a store one after another on each of several connections: the limit of a relay of instances.

Blocking sockets and files that are in memory already: all that is left is the system's own work.
"""

import argparse
import json
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

BOUNDARY = "bench"
BEFORE = f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
AFTER = f"\r\n--{BOUNDARY}--\r\n".encode()


def post_all(port: int, bodies: list[bytes]) -> None:
    """Post *bodies* as STOW-RS requests over one connection."""
    with socket.create_connection(("127.0.0.1", port)) as store:
        store.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for body in bodies:
            store.sendall(_head(port, len(BEFORE) + len(body) + len(AFTER)))
            store.sendall(body)
            store.sendall(AFTER)
            _read_reply(store)


def _head(port: int, length: int) -> bytes:
    return (
        f"POST /studies HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f'Content-Type: multipart/related; type="application/dicom"; boundary={BOUNDARY}\r\n'
        f"Content-Length: {length}\r\n\r\n"
    ).encode() + BEFORE


def _read_reply(store: socket.socket) -> None:
    reply = b""
    while not reply.endswith(b"}\n"):
        received = store.recv(4096)
        if not received:
            sys.exit("the store hung up")
        reply += received
    if not reply.startswith(b"HTTP/1.1 200"):
        sys.exit("the store refused")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--connections", type=int, default=1)
    options = parser.parse_args()
    contents = [path.read_bytes() for path in options.files]
    shares = [contents[first :: options.connections] for first in range(options.connections)]
    begin = time.perf_counter()
    with ThreadPoolExecutor(options.connections) as threads:
        list(threads.map(lambda share: post_all(options.port, share), shares))
    json.dump({"seconds": time.perf_counter() - begin}, sys.stdout)

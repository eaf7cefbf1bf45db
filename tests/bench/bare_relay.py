"""The leanest relay from MLLP to HTTP that this language allows: it checks nothing and serves one sender only.

No deadline, no retry, no limit, no header read, no metric, no log; one connection to the store for each peer, and the
whole of the store's reply is taken for an acknowledgement. What it costs is what a relay in Python cannot go below.
"""

import argparse
import asyncio
from typing import cast

import uvloop


class ToStore(asyncio.Protocol):
    """The side of the store."""

    def __init__(self, peer: asyncio.Transport) -> None:
        self._peer = peer

    def data_received(self, data: bytes) -> None:
        """Pass the body of the reply on; the bench's store writes a reply at once."""
        self._peer.write(b"\x0b%b\x1c\r" % data.partition(b"\r\n\r\n")[2])


class FromPeer(asyncio.Protocol):
    """The side of the peer, which has one message outstanding."""

    def __init__(self, store_port: int) -> None:
        self._store_port = store_port
        self._block = b""
        self._head = (
            f"POST /hl7 HTTP/1.1\r\nHost: 127.0.0.1:{store_port}\r\n"
            "Content-Type: x-application/hl7-v2+er7\r\nContent-Length: "
        ).encode()
        self._store: asyncio.Transport | None = None
        self._connecting: asyncio.Task[None]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connect to the store."""
        peer = cast("asyncio.Transport", transport)
        self._connecting = asyncio.get_running_loop().create_task(self._connect(peer))

    async def _connect(self, peer: asyncio.Transport) -> None:
        loop = asyncio.get_running_loop()
        store, _ = await loop.create_connection(lambda: ToStore(peer), "127.0.0.1", self._store_port)
        self._store = store
        self._go_on()

    def data_received(self, data: bytes) -> None:
        """Take a piece of a block."""
        self._block += data
        self._go_on()

    def _go_on(self) -> None:
        if self._store is not None and self._block.endswith(b"\x1c\r"):
            message, self._block = self._block[1:-2], b""
            self._store.write(b"%b%d\r\n\r\n%b" % (self._head, len(message), message))

    def connection_lost(self, exc: Exception | None) -> None:
        """Let the store's connection go too."""
        self._connecting.cancel()
        if self._store is not None:
            self._store.close()


async def serve(port: int, store_port: int) -> None:
    """Serve on *port* until the process is ended."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: FromPeer(store_port), "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("store_port", type=int)
    options = parser.parse_args()
    uvloop.run(serve(options.port, options.store_port))

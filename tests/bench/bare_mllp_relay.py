"""The leanest relay from MLLP to MLLP that this language allows: it passes octets on and checks nothing.

No block is cut, no answer is matched, no deadline, no metric, no log; one connection to the receiver for each sender.
"""

import argparse
import asyncio
from typing import cast

import uvloop


class ToReceiver(asyncio.Protocol):
    """The side of the receiver."""

    def __init__(self, sender: asyncio.Transport) -> None:
        self._sender = sender

    def data_received(self, data: bytes) -> None:
        """Pass it back."""
        self._sender.write(data)


class FromSender(asyncio.Protocol):
    """The side of the sender."""

    def __init__(self, receiver_port: int) -> None:
        self._port = receiver_port
        self._early = b""
        self._receiver: asyncio.Transport | None = None
        self._connecting: asyncio.Task[None]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connect to the receiver."""
        sender = cast("asyncio.Transport", transport)
        self._connecting = asyncio.get_running_loop().create_task(self._connect(sender))

    async def _connect(self, sender: asyncio.Transport) -> None:
        loop = asyncio.get_running_loop()
        self._receiver, _ = await loop.create_connection(lambda: ToReceiver(sender), "127.0.0.1", self._port)
        if self._early:
            self._receiver.write(self._early)

    def data_received(self, data: bytes) -> None:
        """Pass it on."""
        if self._receiver is None:
            self._early += data
        else:
            self._receiver.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let the receiver's connection go too."""
        self._connecting.cancel()
        if self._receiver is not None:
            self._receiver.close()


async def serve(port: int, receiver_port: int) -> None:
    """Serve on *port* until the process is ended."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: FromSender(receiver_port), "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("receiver_port", type=int)
    options = parser.parse_args()
    uvloop.run(serve(options.port, options.receiver_port))

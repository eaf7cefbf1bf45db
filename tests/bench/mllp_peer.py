"""The leanest MLLP receiver that names what it answers, at once or after a fixed time."""

import argparse
import asyncio
from typing import cast

import uvloop


class Peer(asyncio.Protocol):
    """One connection, whose sender has one message outstanding."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._block = b""
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take a piece of a block; answer a whole one."""
        self._block += data
        if not self._block.endswith(b"\x1c\r"):
            return
        control_id, self._block = self._block.split(b"|", 10)[9], b""
        answer = b"\x0bMSH|^~\\&|R|R|S|S|||ACK|1|P|2.5\rMSA|AA|%b\r\x1c\r" % control_id
        if self._delay:
            self._loop.call_later(self._delay, self._transport.write, answer)
        else:
            self._transport.write(answer)


async def serve(port: int, delay: float) -> None:
    """Serve on *port* until the process is ended."""
    server = await asyncio.get_running_loop().create_server(lambda: Peer(delay), "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--delay", type=float, default=0.0)
    options = parser.parse_args()
    uvloop.run(serve(options.port, options.delay))

"""A hostile store: answers every request with one bomb. ``python -m tests.hostile.hostile_store PORT [BOMB]``.

If no bomb is named, its name is the first folder of the request's path, so one process serves all of them.
"""

import asyncio
import os
import sys
from contextlib import suppress
from functools import partial

from tests.hostile.bombs import BOMBS, SLOW

LOWEST_PRIORITY = 19
"""The machine has to do the attackers' work too: the one that is measured goes first."""
PAUSE = 0.2
PIECE = 1 << 18


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, bomb: str | None = None) -> None:
    """Answer without having read more than the head, as long as somebody takes it."""
    with suppress(asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
        head = await reader.readuntil(b"\r\n\r\n")
        name = bomb or head.split(b" ", 2)[1].split(b"/")[1].decode()
        draining = asyncio.create_task(_take_all(reader))
        for piece in BOMBS[name]():
            if piece == SLOW:
                await asyncio.sleep(PAUSE)
            for at in range(0, len(piece), PIECE):
                writer.write(piece[at : at + PIECE])
                await writer.drain()
            if writer.transport.is_closing() or draining.done():
                break
        await draining
    writer.transport.abort()


async def _take_all(reader: asyncio.StreamReader) -> None:
    with suppress(ConnectionError):
        while await reader.read(PIECE):
            pass


async def main(port: int, bomb: str | None = None) -> None:
    """Serve until the process is ended."""
    server = await asyncio.start_server(partial(serve, bomb=bomb), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    os.nice(LOWEST_PRIORITY)
    asyncio.run(main(int(sys.argv[1]), *sys.argv[2:3]))

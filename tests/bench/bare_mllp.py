"""The leanest MLLP server: answers every block with one acknowledgement; with a journal, after a shared fsync.

It reads nothing of a message but its end, so it shows what a load generator and a disk allow.
"""

import argparse
import asyncio
import os
import threading
from pathlib import Path
from typing import cast

import uvloop

from tests.bench.sink import ACK

ANSWER = b"\x0b%b\x1c\r" % ACK
Waiting = list[tuple["Answerer", bytes]]


class Journal:
    """A thread that appends whatever waits, with one fsync for all of it."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._loop = asyncio.get_running_loop()
        self._waiting: Waiting = []
        self._wake = threading.Condition()
        threading.Thread(target=self._run, daemon=True).start()

    def append(self, connection: "Answerer", block: bytes) -> None:
        """Answer *connection* when *block* is on stable storage."""
        with self._wake:
            self._waiting.append((connection, block))
            self._wake.notify()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._waiting:
                    self._wake.wait()
                group, self._waiting = self._waiting, []
            os.write(self._file, b"".join(block for _, block in group))
            os.fsync(self._file)
            self._loop.call_soon_threadsafe(_answer, group)


def _answer(group: Waiting) -> None:
    for connection, _ in group:
        connection.transport.write(ANSWER)


class Answerer(asyncio.Protocol):
    """One connection, whose peer has one message outstanding."""

    def __init__(self, journal: Journal | None) -> None:
        self._journal = journal
        self._block = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take a piece of a block."""
        block = self._block + data
        self._block = b"" if block.endswith(b"\x1c\r") else block
        if self._block:
            return
        if self._journal is None:
            self.transport.write(ANSWER)
        else:
            self._journal.append(self, block)


async def serve(port: int, path: Path | None) -> None:
    """Serve on *port* until the process is ended."""
    journal = None if path is None else Journal(path)
    server = await asyncio.get_running_loop().create_server(lambda: Answerer(journal), "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--journal", type=Path, metavar="FILE")
    options = parser.parse_args()
    uvloop.run(serve(options.port, options.journal))

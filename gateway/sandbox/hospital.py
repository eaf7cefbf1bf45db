"""A hospital system that takes HL7v2 over MLLP and acknowledges each message; it keeps what it has taken in memory."""

import asyncio
from contextlib import suppress
from typing import Self

from gateway.sandbox.hl7v2.ack import acknowledge
from gateway.sandbox.hl7v2.message import as_text, find_fault, read_header

START, END = b"\x0b", b"\x1c\r"
MOST = 16 * 1024 * 1024


class Hospital:
    """Listens inside ``async with``, on *port* or a free one."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self._host, self.port = host, port
        self.taken: dict[str, str] = {}
        """The acknowledgement code of each message, by its control ID, in the order of their arrival."""
        self.arrived = asyncio.Event()
        """Set at each message."""
        self._server: asyncio.Server
        self._connections: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self._host, self.port, limit=MOST)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for each in self._connections:
            each.cancel()
        if self._connections:
            await asyncio.wait(self._connections)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  asyncio runs this function in a task
        self._connections.add(task)
        try:
            with suppress(asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
                while True:
                    block = await reader.readuntil(END)
                    writer.write(START + self._answer(block.partition(START)[2].removesuffix(END)) + END)
                    await writer.drain()
        finally:
            self._connections.discard(task)
            writer.close()

    def _answer(self, data: bytes) -> bytes:
        header = read_header(data)
        if header is None or find_fault(data) is not None:
            return b""
        self.taken[as_text(header.field(10))] = "AA"
        self.arrived.set()
        return acknowledge(header)

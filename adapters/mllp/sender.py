"""An MLLP client: sends a message, waits for its answer."""

import asyncio
from collections import deque
from types import TracebackType
from typing import Self

from adapters.hl7.acknowledgement import acknowledged_id
from adapters.hl7.er7 import Header
from adapters.mllp.framing import Block, Broken, Framer, frame

_READ_SIZE = 65_536
_LARGEST_ANSWER = 16 * 1024 * 1024


class MllpSender:
    """One connection, used as ``async with MllpSender(host, port, timeout) as sender``.

    Whatever goes wrong is an OSError: refused, reset or closed without an answer (ConnectionError), no answer within
    *timeout* seconds (TimeoutError). That is the end of the connection, so that no late answer is taken for another's.
    """

    def __init__(self, host: str, port: int, timeout: float = 30) -> None:
        self._host = host
        self._port = port
        self._timeout = timeout
        self._framer = Framer(_LARGEST_ANSWER)
        self._blocks: deque[bytes] = deque()

    async def __aenter__(self) -> Self:
        async with asyncio.timeout(self._timeout):
            self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()
        await asyncio.gather(self._writer.wait_closed(), return_exceptions=True)

    async def send(self, payload: bytes) -> bytes:
        """Send *payload* and return its answer: the first one that comes if it asks for two.

        A message that asks for no answer (``MSH-15`` and ``MSH-16`` both ``NE``) ends in TimeoutError.
        """
        header = Header.parse(payload)
        control_id = header.field(10) if header else b""
        try:
            async with asyncio.timeout(self._timeout):
                self._writer.write(frame(payload))
                await self._writer.drain()
                return await self._answer_to(control_id)
        except BaseException:
            self._writer.transport.abort()
            raise

    async def _answer_to(self, control_id: bytes) -> bytes:
        """Return the next answer, passing over one that names another message: the second answer to an earlier one."""
        while True:
            answer = await self._next_block()
            named = acknowledged_id(answer)
            if not control_id or named in (b"", control_id):
                return answer

    async def _next_block(self) -> bytes:
        while not self._blocks:
            data = await self._reader.read(_READ_SIZE)
            if not data:
                raise ConnectionError("the peer closed the connection without an answer")
            for event in self._framer.receive_data(data):
                match event:
                    case Block(payload):
                        self._blocks.append(payload)
                    case Broken(fault):
                        raise ConnectionError(f"the answer is not MLLP: {fault}")
        return self._blocks.popleft()

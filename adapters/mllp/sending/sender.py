"""An MLLP client: sends a message and waits for the answer."""

import asyncio
import contextlib
from collections import deque
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Self

from adapters.hl7.acknowledgement import acknowledged_id
from adapters.hl7.answers import answer_is_due
from adapters.hl7.er7 import Header
from adapters.mllp.events import Block, Broken
from adapters.mllp.framing import Framer, frame
from gateway.contract.connecting import handshake
from gateway.contract.progress import octets_taken, timeout_without_progress
from gateway.contract.sending import Address, ClientTls

_READ_SIZE = 65_536
_LARGEST_ANSWER = 16 * 1024 * 1024
QUIET_SECONDS = 2.0
"""How long to wait for an answer that the message requests for some outcomes only, and for the peer to close."""


class MllpSender:
    """One connection, used as ``async with MllpSender(host, port, timeout) as sender``.

    Every failure is an OSError: refused, reset or closed without an answer (ConnectionError), no answer within
    *timeout* seconds (TimeoutError), which do not run while the peer still takes what was sent. After a failure the
    connection is aborted, so that a late answer cannot be taken for the answer to another message.
    """

    def __init__(
        self,
        host: str,
        port: int,
        timeout: float = 30,
        quiet: float = QUIET_SECONDS,
        tls: ClientTls | None = None,
    ) -> None:
        self._address = Address(host, port)
        self._tls = tls
        self._timeout = timeout
        self._quiet = min(quiet, timeout)
        self._unconfirmed = False  # whether the last message has no answer
        self._framer = Framer(_LARGEST_ANSWER)
        self._blocks: deque[bytes] = deque()

    async def __aenter__(self) -> Self:
        async with asyncio.timeout(self._timeout):
            self._reader, self._writer = await asyncio.open_connection(
                self._address.host, self._address.port, **handshake(self._address, self._tls)
            )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None and self._unconfirmed:
            await self._see_it_off()
        self._writer.close()
        await asyncio.gather(self._writer.wait_closed(), return_exceptions=True)

    async def send(self, payload: bytes) -> bytes | None:
        """Send *payload* and return its answer; if the message requests two answers, the first one.

        Return None if no answer came and none was due: the message requests none, or one for another outcome only
        (``MSH-15`` and ``MSH-16``).
        """
        header = Header.parse(payload)
        is_due = answer_is_due(header) if header else True
        try:
            async with self._within(self._timeout):
                self._writer.write(frame(payload))
                await self._writer.drain()
                answer = None if is_due is False else await self._answer(header, is_due=is_due is True)
        except BaseException:
            self._writer.transport.abort()
            raise
        self._unconfirmed = answer is None
        return answer

    def _within(self, seconds: float) -> AbstractAsyncContextManager[None]:
        sock = self._writer.get_extra_info("socket")
        return timeout_without_progress(seconds, lambda: octets_taken(sock))

    async def _answer(self, header: Header | None, *, is_due: bool) -> bytes | None:
        control_id = header.field(10) if header else b""
        if is_due:
            return await self._answer_to(control_id)
        with contextlib.suppress(TimeoutError):
            async with self._within(self._quiet):
                return await self._answer_to(control_id)
        return None

    async def _see_it_off(self) -> None:
        """Close our side and wait for the peer to close: a reset because of unread data could lose the last message."""
        with contextlib.suppress(OSError, TimeoutError):
            async with self._within(self._quiet):
                if not self._writer.can_write_eof():  # TLS ends in both directions at once
                    return
                self._writer.write_eof()
                while await self._reader.read(_READ_SIZE):
                    pass

    async def _answer_to(self, control_id: bytes) -> bytes:
        """Return the next answer, skipping answers to other messages, such as the second answer to an earlier one."""
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

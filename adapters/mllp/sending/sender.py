"""An MLLP client for the command line: sends a message and waits for the answer."""

import asyncio
from types import TracebackType
from typing import Self

from adapters.hl7.answers import answer_is_due
from adapters.hl7.control_id import plain
from adapters.hl7.er7 import Header, lead
from adapters.mllp.client.connection import Connection
from adapters.mllp.client.events import Answered, Cause, MaybeSent, NotSent, PassedOver
from adapters.mllp.client.outgoing import Outgoing
from adapters.mllp.client.rules import Rules
from gateway.contract.connecting import handshake
from gateway.contract.sending import Address, ClientTls

QUIET_SECONDS = 2.0
"""How long to wait for an answer that the message requests for some outcomes only, and for the peer to close."""
LATE = {Cause.SILENT, Cause.NOT_READING}


class MllpSender:
    """Sends messages one by one, used as ``async with MllpSender(host, port, timeout) as sender``.

    It follows the rules of the MLLP destination (``adapters.mllp.client.rules``): an answer counts only if it names the
    message. Every failure is an OSError: refused, reset, closed, answered with anything else (ConnectionError), no
    answer within *timeout* seconds (TimeoutError), which do not run while the peer still takes what was sent. A message
    whose control ID was sent before on the connection, or that comes after a failure, has a new connection.
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
        self._unasked: asyncio.Queue[PassedOver] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        self._connection = await self._dial(Rules())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None and self._unconfirmed:  # a reset because of unread data could lose the last message
            await asyncio.wait((self._connection.closed,), timeout=self._quiet)
        await self._leave()

    async def send(self, payload: bytes) -> bytes | None:
        """Send *payload* and return its answer; if the message requests two answers, the first one.

        Return None if no answer came and none was due: the message requests none, or one for another outcome only
        (``MSH-15`` and ``MSH-16``).
        """
        header = Header.parse(payload)
        is_due = answer_is_due(header) if header else True
        start = lead(payload)
        control_id = plain(header.field(10), payload[start : start + 8]) if header else b""
        if not control_id or not self._connection.is_usable(control_id, float("inf")):
            await self._leave()
            self._connection = await self._dial(Rules(takes_unnamed=not control_id))
        message = Outgoing(payload, control_id, control_id, is_unanswered=is_due is not True)
        verdict = await self._connection.exchange(message, self._timeout, self._quiet)
        match verdict:
            case Answered(block=block):
                answer: bytes | None = block
            case NotSent(cause) | MaybeSent(cause):
                raise TimeoutError(cause) if cause in LATE else ConnectionError(cause)
            case _:
                answer = await self._answer_unasked(control_id) if is_due is None else None
        self._unconfirmed = answer is None
        return answer

    async def _answer_unasked(self, control_id: bytes) -> bytes | None:
        """Wait a moment for an answer that comes for some outcomes only."""
        try:
            async with asyncio.timeout(self._quiet):
                while (event := await self._unasked.get()).named != control_id:
                    pass
        except TimeoutError:
            return None
        return event.block

    async def _dial(self, rules: Rules) -> Connection:
        async with asyncio.timeout(self._timeout):
            _, connection = await asyncio.get_running_loop().create_connection(
                lambda: Connection(rules, lambda _, event: self._unasked.put_nowait(event), self._timeout),
                self._address.host,
                self._address.port,
                **handshake(self._address, self._tls),
            )
        return connection

    async def _leave(self) -> None:
        self._connection.close()
        await asyncio.wait((self._connection.closed,), timeout=self._quiet)
        self._connection.abort()

"""A requestor: asks for one association, and sends C-ECHO and C-STORE over it, one after the other."""

import asyncio
import os
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import IO, Self

import structlog

from adapters.dimse.protocol.command import CommandField, decode_response, encode_request
from adapters.dimse.protocol.events import Abort, AssociateAc, AssociateRj, Fragment, Invalid, PeerEvent, ReleaseRq
from adapters.dimse.protocol.exchange import MAX_COMMAND_SET
from adapters.dimse.protocol.pdu import SERVICE_USER, PduReader, encode_abort, encode_command
from adapters.dimse.requesting.encoding import (
    BEGINNING,
    MAX_PDU,
    RELEASE_RQ,
    Agreement,
    decode_agreement,
    encode_data,
    encode_proposal,
    room_in,
    why_no_pdu,
    why_not_accepted,
    why_rejected,
)
from adapters.dimse.requesting.files import UNREADABLE, Instance, Syntaxes, UnreadableError

log = structlog.get_logger()

READ_SIZE = 65_536
ABORTED = "the peer aborted the association"
RELEASED = "the peer released the association before it answered"
UNEXPECTED = "the peer sent a PDU that is no answer"
NO_RESPONSE = "what the peer answered is no response"
LOST = "the association was lost"
NOT_TAKEN = "the peer did not take the data"
CLOSE_SECONDS = 2
"""How long a peer may take to read what was written before the connection is closed."""
AT_ONCE = 1 << 20
"""Octets of a file that are read and written in one go."""
MESSAGE_IDS = 0x10000  # PS3.7 E.1: US


class _Reader(asyncio.StreamReader):
    """Gives what was received before a reset, which is then an end like any other."""

    def set_exception(self, _exc: Exception) -> None:
        """End here. A StreamReader would throw away what nobody has read yet, such as the A-ABORT of the peer."""
        self.feed_eof()


class Requestor:
    """One association, used as ``async with Requestor(...) as requestor``; it is released at the end, or aborted there.

    Whatever goes wrong is an OSError whose ``strerror`` says why in fixed words: nobody there, rejected, aborted, lost
    (ConnectionError), no answer within *timeout* seconds (TimeoutError), or a file that cannot be read on
    (UnreadableError). That is the end of the association.
    """

    def __init__(self, host: str, port: int, timeout: float) -> None:
        self._address = host, port
        self._timeout = timeout
        self._pdus = PduReader(MAX_PDU)
        self._events: deque[PeerEvent] = deque()
        self._beginning = b""  # of all that the peer has sent
        self._message_id = 0
        self.agreement: Agreement | None = None
        """What the peer has accepted; None before it has."""

    async def __aenter__(self) -> Self:
        try:
            async with self._within("no answer"):
                await self._connect()
        except OSError as error:  # TimeoutError is one
            raise ConnectionError(0, f"no connection: {_why_not_connected(error)}") from None
        return self

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        self._reader = _Reader(loop=loop)
        protocol = asyncio.StreamReaderProtocol(self._reader, loop=loop)
        transport, _ = await loop.create_connection(lambda: protocol, *self._address)
        self._writer = asyncio.StreamWriter(transport, protocol, self._reader, loop)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self.agreement is not None and kind is None:
                await asyncio.gather(self._release(), return_exceptions=True)  # every answer is here already
            elif self.agreement is not None and not self._writer.is_closing():
                self._writer.write(encode_abort(SERVICE_USER))
        finally:
            await self._close()

    async def _close(self) -> None:
        """Close the connection; a peer that has stopped reading does not get what is still to be written."""
        self._writer.close()
        try:
            async with asyncio.timeout(min(self._timeout, CLOSE_SECONDS)):
                await asyncio.gather(self._writer.wait_closed(), return_exceptions=True)
        except TimeoutError:
            self._writer.transport.abort()
        except asyncio.CancelledError:
            self._writer.transport.abort()
            raise

    async def associate(self, called: str, calling: str, contexts: Mapping[int, Syntaxes]) -> None:
        """Ask for an association with these presentation contexts."""
        async with self._within("no answer"):
            await self._write(encode_proposal(called, calling, contexts))
            event = await self._next_event()
        if isinstance(event, AssociateRj):
            raise ConnectionRefusedError(0, why_rejected(event.pdu))
        if not isinstance(event, AssociateAc):
            raise self._ended_by(event)
        self.agreement = decode_agreement(event.pdu)
        if self.agreement.odd_items:
            log.info("association_accepted", called_ae_title=called, odd_items=self.agreement.odd_items)

    def accepts(self, context_id: int) -> bool:
        """Whether the peer has accepted this presentation context."""
        return self.agreement is not None and self.agreement.results.get(context_id) == 0

    def why_not_accepted(self, context_id: int, syntaxes: Syntaxes) -> str:
        """Return what the peer says of a presentation context that it does not accept."""
        return why_not_accepted(self.agreement or Agreement({}), context_id, syntaxes)

    async def echo(self, context_id: int, sop_class_uid: str) -> int:
        """Return the status of a C-ECHO."""
        async with self._within("no answer"):
            await self._ask(CommandField.C_ECHO_RQ, context_id, sop_class_uid)
            return await self._status()

    async def store(self, context_id: int, instance: Instance, file: IO[bytes]) -> int:
        """Return the status of a C-STORE of *instance*, whose data set is sent as *file* has it."""
        file.seek(instance.offset)
        async with self._within(NOT_TAKEN):
            await self._ask(CommandField.C_STORE_RQ, context_id, instance.sop_class_uid, instance.sop_instance_uid)
        await self._send_data(context_id, file)
        async with self._within("no answer"):
            return await self._status()

    async def _ask(self, field: CommandField, context_id: int, sop_class_uid: str, sop_instance_uid: str = "") -> None:
        self._message_id = (self._message_id + 1) % MESSAGE_IDS
        command_set = encode_request(field, self._message_id, sop_class_uid, sop_instance_uid)
        await self._write(encode_command(context_id, command_set, self._max_pdu))

    @property
    def _max_pdu(self) -> int:
        return self.agreement.max_pdu if self.agreement is not None else 0

    async def _send_data(self, context_id: int, file: IO[bytes]) -> None:
        room = room_in(self._max_pdu)
        size = max(AT_ONCE // room, 1) * room
        octets = await _read(file, size)
        is_end = False
        while not is_end:
            following = await _read(file, size)
            is_end = not following
            async with self._within(NOT_TAKEN):
                await self._write(encode_data(context_id, octets, room, is_end=is_end))
            octets = following

    async def _status(self) -> int:
        """Return the status of the response to the last request."""
        command_set = b""
        while True:
            event = await self._next_event()
            if not isinstance(event, Fragment):
                raise self._ended_by(event)
            command_set += event.data if event.is_command else b""
            if len(command_set) > MAX_COMMAND_SET:
                raise ConnectionAbortedError(0, NO_RESPONSE)
            if event.is_command and event.is_last:
                answered, status = decode_response(command_set)
                if answered == self._message_id and status is not None:
                    return status
                command_set = b""

    async def _release(self) -> None:
        async with asyncio.timeout(self._timeout):
            await self._write(RELEASE_RQ)
            while isinstance(await self._next_event(), Fragment):
                pass  # an answer that nobody waits for any more

    async def _write(self, octets: bytes) -> None:
        is_lost = self._writer.is_closing()  # uvloop raises RuntimeError where something is written then
        try:
            if not is_lost:
                self._writer.write(octets)
                await self._writer.drain()
        except OSError:
            is_lost = True
        if is_lost:
            raise await self._why_lost()

    async def _why_lost(self) -> ConnectionError:
        """Return what the peer has said last, now that it reads nothing more."""
        try:
            while isinstance(event := await self._next_event(), Fragment):
                pass
        except ConnectionError as error:
            return error
        return self._ended_by(event)

    def _ended_by(self, event: PeerEvent) -> ConnectionError:
        """Return why the association cannot go on behind *event*, where an answer was due."""
        if isinstance(event, Invalid):
            return ConnectionAbortedError(0, why_no_pdu(self._beginning))
        if isinstance(event, ReleaseRq):
            return ConnectionAbortedError(0, RELEASED)
        return ConnectionAbortedError(0, ABORTED if isinstance(event, Abort) else UNEXPECTED)

    async def _next_event(self) -> PeerEvent:
        while not self._events:
            octets = await self._reader.read(READ_SIZE)
            if not octets:
                raise ConnectionAbortedError(0, LOST)
            self._beginning = (self._beginning + octets[:BEGINNING])[:BEGINNING]
            self._events.extend(self._pdus.receive_data(octets))
        return self._events.popleft()

    @asynccontextmanager
    async def _within(self, failure: str) -> AsyncIterator[None]:
        """Limit a step to the timeout; *failure* says what has not happened in that time."""
        try:
            async with asyncio.timeout(self._timeout):
                yield
        except TimeoutError:
            raise TimeoutError(0, f"{failure} in {self._timeout:g} s") from None


def _why_not_connected(error: OSError) -> str:
    if error.errno is not None and error.errno > 0:
        return os.strerror(error.errno).lower()  # asyncio's own text is about a call and an address
    return (error.strerror or "none of the addresses of the host can be reached").lower()


async def _read(file: IO[bytes], size: int) -> bytes:
    try:
        return await asyncio.to_thread(file.read, size)
    except OSError:
        raise UnreadableError(0, UNREADABLE) from None

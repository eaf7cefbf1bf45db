"""An association that Hilum requests, for C-ECHO, C-STORE and other services with requests and responses.

``associate`` opens the association and releases it at the end of the ``async with`` block; if the block ends with an
exception, the association is aborted. Only one task may use an association.
"""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from contextlib import asynccontextmanager

import structlog

from adapters.dimse.protocol.command import CommandField, Response
from adapters.dimse.protocol.events import AbortRequest, Disconnected, Fragment
from adapters.dimse.protocol.negotiation import IMPLICIT_VR_LITTLE_ENDIAN, VERIFICATION
from adapters.dimse.protocol.proposing import MAX_PDU, Agreement, Proposed, Syntaxes
from adapters.dimse.protocol.requestor import Agreed, Associate, Release
from adapters.dimse.protocol.requests import Ask, Data
from adapters.dimse.requesting.connection import AssociationEnded, Connection
from adapters.dimse.requesting.reasons import NO_RESPONSE, why_not_accepted
from gateway.contract.connecting import handshake, why_not_connected
from gateway.contract.progress import timeout_without_progress
from gateway.contract.sending import DEFAULT, Address, ClientTls, SendOptions

log = structlog.get_logger()

SECONDS = 30.0
"""Default time limit for each step, where the options give none."""
CLOSE_SECONDS = 2.0
"""How long a peer may take to close the connection after the association has ended (ARTIM)."""
MAX_IDENTIFIER = 1 << 20
"""Most octets that the data set of one response may have."""
WITHOUT_DATA_SET = (CommandField.C_STORE_RQ, CommandField.C_ECHO_RQ)
"""The response to these has no data set (PS3.7 9.3.1.2, 9.3.5.2), even if it announces one."""
ECHO: Syntaxes = (VERIFICATION, IMPLICIT_VR_LITTLE_ENDIAN)


class NotAccepted(Exception):  # noqa: N818  it says what happened; the association goes on
    """The peer does not accept the presentation context that a request needs."""


class Association:
    """An established association; see the module's docstring."""

    def __init__(
        self, connection: Connection, contexts: Mapping[int, Syntaxes], agreement: Agreement, seconds: float
    ) -> None:
        self._connection = connection
        self._ids = {syntaxes: number for number, syntaxes in contexts.items()}
        self._seconds = seconds
        self.agreement = agreement
        """What the peer has accepted, with its result for each presentation context."""

    @property
    def room(self) -> int:
        """How many octets of a data set go into one P-DATA-TF."""
        return self._connection.room

    def context_of(self, syntaxes: Syntaxes) -> int:
        """Return the ID of the presentation context for *syntaxes*; raises NotAccepted with the reason."""
        number = self._ids.get(syntaxes, 0)
        if number not in self.agreement.contexts:
            raise NotAccepted(why_not_accepted(self.agreement, number, syntaxes))
        return number

    async def echo(self) -> Response:
        """Return the response to a C-ECHO."""
        return await self._only(Ask(self.context_of(ECHO), CommandField.C_ECHO_RQ, VERIFICATION))

    async def store(self, syntaxes: Syntaxes, sop_instance_uid: str, data_set: AsyncIterable[bytes]) -> Response:
        """Send a C-STORE of an instance whose *data_set* has the transfer syntax in *syntaxes*; return the response.

        An exception raised by *data_set* is passed on; the association must be aborted then.
        """
        ask = Ask(self.context_of(syntaxes), CommandField.C_STORE_RQ, syntaxes[0], sop_instance_uid, has_data_set=True)
        return await self._only(ask, data_set)

    async def request(
        self, ask: Ask, data_set: AsyncIterable[bytes] | None = None
    ) -> AsyncIterator[tuple[Response, bytes]]:
        """Yield the responses to a request, each with its data set; the last one is the final response.

        Raises AssociationEnded if the peer ends the association before the final response, or if a step times out.
        """
        broken: AssociationEnded | None = None
        try:
            await self._send(ask, data_set)
        except AssociationEnded as error:
            if not self._connection.has_received:  # a peer may refuse and close before it has read the whole request
                raise
            broken = error
            self._connection.handle(AbortRequest())  # half a request was sent: no other one can follow it
        is_final = False
        while not is_final:
            async with _within(self._connection, self._seconds, "no answer"):
                response = await self._response()
                has_data_set = response.has_data_set and ask.command not in WITHOUT_DATA_SET
                octets = await self._data_set() if has_data_set else b""
            if broken is not None and not response.is_failure:
                raise broken  # a success cannot be true: the peer did not receive the whole request
            if not response.is_final and ask.command in WITHOUT_DATA_SET:
                raise AssociationEnded(NO_RESPONSE)  # C-STORE and C-ECHO have one response (PS3.7 9.1.1, 9.1.5)
            yield response, octets
            is_final = response.is_final

    async def _only(self, ask: Ask, data_set: AsyncIterable[bytes] | None = None) -> Response:
        """Return the response to a request that has exactly one response."""
        answers = [response async for response, _ in self.request(ask, data_set)]
        return answers[-1]

    async def _send(self, ask: Ask, data_set: AsyncIterable[bytes] | None) -> None:
        await self._hand_on(ask)
        if data_set is None:
            return
        held: bytes | None = None  # held back by one piece, because the last piece must be marked as the last
        async for octets in data_set:
            if held is not None:
                await self._hand_on(Data(held, is_end=False))
            held = octets
        await self._hand_on(Data(held or b"", is_end=True))

    async def _hand_on(self, event: Ask | Data) -> None:
        self._connection.handle(event)
        async with _within(self._connection, self._seconds, "the peer did not take the data"):
            await self._connection.drain()

    async def _response(self) -> Response:
        while not isinstance(received := await self._connection.receive(), Response):
            pass  # a fragment of a data set that was not requested
        return received

    async def _data_set(self) -> bytes:
        octets = bytearray()
        while len(octets) <= MAX_IDENTIFIER:
            received = await self._connection.receive()
            if not isinstance(received, Fragment):
                break
            octets += received.data
            if received.is_last:
                return bytes(octets)
        raise AssociationEnded(NO_RESPONSE)


@asynccontextmanager
async def _within(connection: Connection, seconds: float, failure: str) -> AsyncIterator[None]:
    """Limit the time of a step; raises AssociationEnded with *failure* as the reason when the time is over.

    The time does not run while the peer still takes what was sent before.
    """
    try:
        async with timeout_without_progress(seconds, connection.octets_taken):
            yield
    except TimeoutError:
        raise AssociationEnded(f"{failure} in {seconds:g} s") from None


@asynccontextmanager
async def associate(
    address: Address, contexts: Mapping[int, Syntaxes], options: SendOptions = DEFAULT
) -> AsyncIterator[Association]:
    """Open an association with these presentation contexts; raises AssociationEnded if it cannot be opened."""
    seconds = options.timeout or SECONDS
    proposed = Proposed(address.ae_title, options.calling_ae_title, contexts, options.max_pdu or MAX_PDU)
    connection = Connection(proposed, min(seconds, CLOSE_SECONDS))
    connection.handle(Associate())
    await _connect(connection, address, options.tls, seconds)
    try:
        async with _within(connection, seconds, "no answer"):
            agreed = await connection.receive()
        assert isinstance(agreed, Agreed)  # noqa: S101  the state machine emits nothing before Agreed
        if agreed.agreement.odd_items:
            log.info("association_accepted", called_ae_title=address.ae_title, odd_items=agreed.agreement.odd_items)
        yield Association(connection, contexts, agreed.agreement, seconds)
    except asyncio.CancelledError:
        connection.handle(AbortRequest())
        connection.abandon()
        raise
    except BaseException:
        await _abort(connection)
        raise
    else:
        await _release(connection, seconds)


async def _connect(connection: Connection, address: Address, tls: ClientTls | None, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(seconds):
            await loop.create_connection(lambda: connection, address.host, address.port, **handshake(address, tls))
    except (OSError, UnicodeError, RuntimeError) as error:  # uvloop raises RuntimeError for some system errors
        connection.abandon()
        connection.handle(Disconnected())
        is_late = isinstance(error, TimeoutError) and not error.errno
        reason = f"no answer in {seconds:g} s" if is_late else why_not_connected(error, speaks_tls=tls is not None)
        raise AssociationEnded(f"no connection: {reason}", connection.ended) from None


async def _release(connection: Connection, seconds: float) -> None:
    """Release the association: all answers have been received, so nothing that the peer does now is a failure."""
    if connection.is_asking:  # the caller did not read the responses to the end
        return await _abort(connection)
    if connection.is_established:
        connection.handle(Release())
    try:
        async with asyncio.timeout(seconds):
            await connection.wait_for_end()
    except TimeoutError:
        return await _abort(connection)
    return await _close(connection)


async def _abort(connection: Connection) -> None:
    connection.handle(AbortRequest())
    await _close(connection)


async def _close(connection: Connection) -> None:
    """Wait until the connection is closed; the ARTIM timer limits how long the peer may take to close it."""
    try:
        async with asyncio.timeout(2 * CLOSE_SECONDS):
            await asyncio.shield(connection.closed)
    except TimeoutError:
        connection.abandon()
    except asyncio.CancelledError:
        connection.abandon()
        raise

"""One HTTP request, its attempts and its reply."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from adapters.rest.connecting.pool import Pool
from adapters.rest.http.connection import Connection
from adapters.rest.http.http1 import Failure, Kept, Sink, request_head
from adapters.rest.http.reply import MOST_OCTETS, Reply, parse_retry_after
from adapters.rest.http.upload import Upload, pieces
from gateway.contract.body import Buffer
from gateway.contract.outcome import Unavailable
from gateway.contract.outlook import Outlook

AT_ONCE = 64 * 1024
"""A body in memory up to this size is written together with the head; the system's buffers hold that much."""

TIMES_THE_MESSAGE = 16
"""Octets that a reply may have for each octet of an HL7 message, in addition to MOST_OCTETS."""
BROKE_OFF = "the message ended before it was complete"
"""The reason when the body, not the store or the network, failed."""

CONFLICT = 409
"""The status after which the rest of the body may be needed, to compare the instance with the one in the store."""
TIMED_OUT = 408
UNHEARD_IN_TIME = Failure("the store waited too long for the request", unheard=True)
"""For a 408 with which a store ends an idle connection while a request is on its way (RFC 9110 15.5.9). From a store
that has received a part of the request, a 408 is the answer to it, and the store may have done what it asks for."""


@dataclass(frozen=True, slots=True)
class Streamed:
    """A request body that is sent as it arrives, once."""

    chunks: AsyncIterator[Buffer]
    length: int | None
    """Octets in total for a Content-Length, or None for chunked coding."""


class Exchange:
    """Sends a request once, or at most twice where that is safe."""

    def __init__(
        self,
        pool: Pool,
        method: str,
        target: str,
        fields: Mapping[str, str],
        body: bytes | Streamed | None = None,
        sink: Sink | None = None,
    ) -> None:
        self._pool = pool
        self._head = request_head(method, target, {**fields, **_framing(body)})
        self._body = body
        self._sink = sink
        self._upload: Upload | None = None
        self.begun = False
        """Whether the store may have received a part of the body."""

    async def run(self, *, again: bool) -> Reply | Unavailable:
        """Return the reply; *again* allows a second attempt after a connection that ended without one.

        A request of which the store has received nothing is sent a second time in any case, if it is still in memory.
        """
        result: Reply | Failure | None = None
        try:
            result = await self._attempt(fresh=False)
            if isinstance(result, Failure) and (self._is_there() if result.unheard else again and result.hung_up):
                result = await self._attempt(fresh=True)
        finally:
            if self._upload is not None:
                await self._upload.stop(gently=isinstance(result, Reply) and result.status == CONFLICT)
            await self._close_body()
        if isinstance(result, Reply):
            return result
        return Unavailable(result.reason, maybe_stored=self.begun, outlook=result.outlook)

    async def _attempt(self, *, fresh: bool) -> Reply | Failure:
        connection = await self._pool.take(fresh=fresh)
        if isinstance(connection, Failure):
            return replace(connection, outlook=Outlook.BUSY)  # a failure to connect is never the fault of the message
        connection.begin(self._sink, kept_for(self._body))
        result: Reply | Failure | None = None
        try:
            await self._send(connection)
            await connection.wait_for_reply()
            broken_off = self._upload is not None and self._upload.broken_off
            result = Failure(BROKE_OFF) if broken_off else self._result(connection)
            return result
        finally:
            if not isinstance(result, Failure) or not result.unheard:
                self.begun = self.begun or self._has_begun()
            self._pool.give_back(connection)

    async def _send(self, connection: Connection) -> None:
        match self._body:
            case Streamed() if self._upload is not None:
                self._upload.move(connection)
            case Streamed(chunks, length):
                self._upload = Upload(connection, self._head, chunks, length)
            case bytes(body) if len(body) > AT_ONCE:
                if self._upload is not None:
                    await self._upload.stop()
                self._upload = Upload(connection, self._head, pieces(body), len(body))
            case body:
                connection.write(self._head if body is None else self._head + body)
                connection.end_request()

    def _is_there(self) -> bool:
        """Whether the request can be sent a second time."""
        return not isinstance(self._body, Streamed) or (self._upload is not None and self._upload.movable)

    def _has_begun(self) -> bool:
        return self._body is not None if self._upload is None else self._upload.begun

    def _result(self, connection: Connection) -> Reply | Failure:
        reader = connection.reply
        if reader.failure is not None:
            return reader.failure
        if reader.status == TIMED_OUT and connection.reused and not connection.is_heard():
            return UNHEARD_IN_TIME
        retry_after = reader.fields.get("retry-after")
        most = self._pool.limits.max_retry_after
        seconds = None if retry_after is None else parse_retry_after(retry_after, datetime.now(UTC), most)
        return Reply(reader.status, reader.fields, reader.take_body(), seconds, connection.whole)

    async def _close_body(self) -> None:
        if isinstance(self._body, Streamed) and (close := getattr(self._body.chunks, "aclose", None)) is not None:
            await close()


def kept_for(body: bytes | Streamed | None) -> Kept:
    """Return how much of the reply to a request with *body* is kept in memory.

    The reply of a DICOMweb store is read up to MOST_OCTETS; one octet more shows that it is longer. An HL7v2 store may
    repeat the message in its reply, parsed and in base64.
    """
    if isinstance(body, bytes):
        return Kept(MOST_OCTETS + TIMES_THE_MESSAGE * len(body), or_fail=True)
    return Kept(MOST_OCTETS + 1)


def _framing(body: bytes | Streamed | None) -> Mapping[str, str]:
    if body is None:
        return {}
    length = len(body) if isinstance(body, bytes) else body.length
    return {"Transfer-Encoding": "chunked"} if length is None else {"Content-Length": str(length)}

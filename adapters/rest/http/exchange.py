"""One HTTP request, its attempts and its reply."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from time import monotonic, time

from adapters.rest.connecting.pool import Pool
from adapters.rest.http.connection import SILENT, Connection
from adapters.rest.http.heads import end_head
from adapters.rest.http.http1 import Failure, Kept, Sink
from adapters.rest.http.reply import MOST_OCTETS, Reply, parse_retry_after
from adapters.rest.http.upload import Upload, pieces
from gateway.contract.body import Buffer
from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.outcome import Unavailable
from gateway.contract.outlook import Outlook
from gateway.contract.records import record

AT_ONCE = 64 * 1024
"""A body in memory up to this size is written together with the head; the system's buffers hold that much."""

TIMES_THE_MESSAGE = 16
"""Octets that a reply may have for each octet of an HL7 message, in addition to MOST_OCTETS."""
BROKE_OFF = "the message ended before it was complete"
"""The reason when the body, not the store or the network, failed."""

CONFLICT = 409
"""The status after which the rest of the body may be needed, to compare the instance with the one in the store."""
TIMED_OUT = 408
UNHEARD_IN_TIME = Failure(
    "the store waited too long for the request",
    unheard=True,
    diagnosis=Diagnosis(Cause.NO_ANSWER, {"status": str(TIMED_OUT)}),
)
"""For a 408 with which a store ends an idle connection while a request is on its way (RFC 9110 15.5.9). From a store
that has received a part of the request, a 408 is the answer to it, and the store may have done what it asks for."""


@record
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
        head: bytes,
        body: bytes | Streamed | None = None,
        sink: Sink | None = None,
        *,
        is_probe: bool = False,
    ) -> None:
        """*head* is the beginning of the request, up to the field that says how long the body is.

        A probe is not measured: it says nothing of how long messages take.
        """
        self._is_probe = is_probe
        self._pool = pool
        if body is None:
            self._head = head + b"\r\n"
        else:
            self._head = end_head(head, len(body) if isinstance(body, bytes) else body.length)
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
            if isinstance(self._body, Streamed):
                await _close(self._body)
        if isinstance(result, Reply):
            return result
        return Unavailable(result.reason, maybe_stored=self.begun, outlook=result.outlook, diagnosis=result.diagnosis)

    async def _attempt(self, *, fresh: bool) -> Reply | Failure:
        connection = None if fresh else self._pool.take_idle()
        if connection is None:
            dialed = await self._pool.dial()
            if isinstance(dialed, Failure):
                return replace(dialed, outlook=Outlook.BUSY)  # a failure to connect is never the fault of the message
            connection = dialed
        body = self._body
        connection.begin(self._sink, kept_for(body))
        result: Reply | Failure | None = None
        began = 0.0
        try:
            if body is None or (isinstance(body, bytes) and len(body) <= AT_ONCE):
                connection.send(self._head if body is None else self._head + body)
            else:
                began = monotonic()
                await self._upload_to(connection, body)
            if (reply := connection.awaited_reply()) is not None:
                await reply
            broken_off = self._upload is not None and self._upload.broken_off
            result = Failure(BROKE_OFF) if broken_off else self._result(connection)
            return result
        finally:
            if not isinstance(result, Failure) or not result.unheard:
                self.begun = self.begun or (self._upload.begun if self._upload is not None else body is not None)
            if not self._is_probe:
                self._measure(connection, began, result)
            self._pool.give_back(connection)

    def _measure(self, connection: Connection, began: float, result: Reply | Failure | None) -> None:
        """Note how long the store took. Without a *result* the exchange was given up: it took at least that long."""
        now, sent, first = monotonic(), connection.sent_at, connection.first_at
        if not sent:
            return
        sending = sent - began if began else 0.0
        if first:
            self._pool.times.exchanged(max(0.0, first - sent), sending + now - max(sent, first), now)
        elif result is None or result == SILENT:
            self._pool.times.exchanged(now - sent, sending, now)
        clock = self._pool.clock
        if now >= clock.due_at and isinstance(result, Reply) and not result.headers.get("age"):
            clock.take(result.headers.get("date"), time(), now)

    async def _upload_to(self, connection: Connection, body: bytes | Streamed) -> None:
        match body:
            case Streamed() if self._upload is not None:
                self._upload.move(connection)
            case Streamed(chunks, length):
                self._upload = Upload(connection, self._head, chunks, length)
            case bytes():
                if self._upload is not None:
                    await self._upload.stop()
                self._upload = Upload(connection, self._head, pieces(body), len(body))

    def _is_there(self) -> bool:
        """Whether the request can be sent a second time."""
        return not isinstance(self._body, Streamed) or (self._upload is not None and self._upload.movable)

    def _result(self, connection: Connection) -> Reply | Failure:
        reader = connection.reply
        if reader.failure is not None:
            return reader.failure
        if reader.status == TIMED_OUT and connection.reused and not connection.is_heard():
            return UNHEARD_IN_TIME
        seconds = None
        if reader.fields.mentions(b"retry-after"):
            most = self._pool.limits.max_retry_after
            seconds = parse_retry_after(reader.fields.get("retry-after"), datetime.now(UTC), most)
        return Reply(reader.status, reader.fields, reader.take_body(), seconds, connection.whole)


def kept_for(body: bytes | Streamed | None) -> Kept:
    """Return how much of the reply to a request with *body* is kept in memory.

    The reply of a DICOMweb store is read up to MOST_OCTETS; one octet more shows that it is longer. An HL7v2 store may
    repeat the message in its reply, parsed and in base64.
    """
    if isinstance(body, bytes):
        return Kept(MOST_OCTETS + TIMES_THE_MESSAGE * len(body), or_fail=True)
    return Kept(MOST_OCTETS + 1)


async def _close(body: Streamed) -> None:
    if (close := getattr(body.chunks, "aclose", None)) is not None:
        await close()

"""One HTTP request, its attempts and its reply."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from adapters.rest.connection import Connection
from adapters.rest.http1 import Failure, ReplyReader, Sink, request_head
from adapters.rest.pool import Pool
from adapters.rest.reply import Reply, parse_retry_after
from adapters.rest.upload import Upload, pieces
from gateway.message import Buffer, Unavailable

AT_ONCE = 64 * 1024
"""A body in memory up to this size is handed to the connection with the head; the system's buffers take so much."""

BROKE_OFF = "the message broke off before its end"
"""The reason when the body, not the store or the network, failed."""

TOO_EARLY = Failure("the store replied before it had the whole message")


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
        self.begun = False
        """The store may have received something of a body."""

    async def run(self, *, again: bool) -> Reply | Unavailable:
        """Return the reply; *again* allows a second attempt after a connection that ended without one."""
        try:
            result = await self._attempt(fresh=False)
            if again and isinstance(result, Failure) and result.hung_up:
                result = await self._attempt(fresh=True)
        finally:
            await self._close_body()
        return result if isinstance(result, Reply) else Unavailable(result.reason, maybe_stored=self.begun)

    async def _attempt(self, *, fresh: bool) -> Reply | Failure:
        connection = await self._pool.take(fresh=fresh)
        if isinstance(connection, Failure):
            return connection
        connection.begin(self._sink)
        upload: Upload | None = None
        try:
            upload = self._send(connection)
            await connection.wait_for_reply()
            broken_off = upload is not None and upload.broken_off
            if broken_off:
                return Failure(BROKE_OFF)
            return _result(connection.reply, connection.whole, self._pool.limits.max_retry_after)
        finally:
            self._pool.give_back(connection)
            if upload is not None:
                self.begun = self.begun or upload.begun
                await upload.stop()

    def _send(self, connection: Connection) -> Upload | None:
        match self._body:
            case Streamed(chunks, length):
                return Upload(connection, self._head, chunks, length)
            case bytes(body) if len(body) > AT_ONCE:
                return Upload(connection, self._head, pieces(body), len(body))
            case body:
                self.begun = self.begun or body is not None
                connection.write(self._head if body is None else self._head + body)
                connection.end_request()
                return None

    async def _close_body(self) -> None:
        if isinstance(self._body, Streamed) and (close := getattr(self._body.chunks, "aclose", None)) is not None:
            await close()


def _framing(body: bytes | Streamed | None) -> Mapping[str, str]:
    if body is None:
        return {}
    length = len(body) if isinstance(body, bytes) else body.length
    return {"Transfer-Encoding": "chunked"} if length is None else {"Content-Length": str(length)}


def _result(reader: ReplyReader, whole: bool, max_retry_after: float) -> Reply | Failure:
    if reader.failure is not None:
        return reader.failure
    if reader.status < 300 and not whole:
        return TOO_EARLY
    retry_after = reader.fields.get("retry-after")
    seconds = None if retry_after is None else parse_retry_after(retry_after, datetime.now(UTC), max_retry_after)
    return Reply(reader.status, reader.fields, reader.take_body(), seconds)

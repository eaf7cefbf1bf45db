"""One HTTP request, its attempts and its reply."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import aiohttp
from yarl import URL

from adapters.rest.reply import Reply, parse_retry_after
from adapters.rest.settings import RestSettings
from adapters.rest.upload import Upload, pieces
from gateway.message import Buffer, Unavailable

Sink = Callable[[bytes], bool]
"""Takes a piece of a reply's body; False when it wants no more."""


@dataclass(frozen=True, slots=True)
class Streamed:
    """A request body that is sent as it arrives, once."""

    chunks: AsyncIterator[Buffer]
    length: int | None
    """Octets in total for a Content-Length, or None for chunked coding."""


# The first row that matches gives the reason.
FAILURES: tuple[tuple[type[Exception], str], ...] = (
    (aiohttp.ClientConnectorDNSError, "the store's host name cannot be resolved"),
    (aiohttp.ClientConnectorCertificateError, "the store's TLS certificate is not trusted"),
    (aiohttp.ClientConnectorSSLError, "the TLS handshake with the store failed"),
    (aiohttp.ClientConnectorError, "the store's host cannot be reached"),
    (aiohttp.ConnectionTimeoutError, "no connection to the store within connect_seconds"),
    (aiohttp.ServerDisconnectedError, "the store hung up without a reply"),
    (TimeoutError, "the store was silent for longer than read_seconds"),
    (aiohttp.ClientPayloadError, "the store's reply broke off"),
    (aiohttp.ClientResponseError, "the store's reply is not HTTP"),
    (Exception, "the connection to the store broke"),
)

BROKE_OFF = "the message broke off before its end"
"""The reason when the body, not the store or the network, failed."""

HANG_UPS = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)


def reason_of(error: Exception) -> str:
    """Return the fixed sentence for a failed request; the error's own text may hold what was sent."""
    if isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, ConnectionRefusedError):
        return "connection refused"
    return next(reason for kind, reason in FAILURES if isinstance(error, kind))


@dataclass(slots=True)
class Exchange:
    """Sends a request once, or at most twice where that is safe."""

    session: aiohttp.ClientSession
    settings: RestSettings
    method: str
    url: URL
    headers: Mapping[str, str]
    body: bytes | Streamed | None = None
    sink: Sink | None = None
    _uploads: list[Upload] = field(default_factory=list)

    @property
    def begun(self) -> bool:
        """Whether the store may have received something of a body."""
        return any(upload.begun for upload in self._uploads)

    async def run(self, *, again: bool) -> Reply | Unavailable:
        """Return the reply; *again* allows a second attempt after a connection that ended without one."""
        try:
            try:
                return await self._attempt()
            except HANG_UPS as error:
                if not again or isinstance(error, aiohttp.ClientConnectorError):
                    raise
                return await self._attempt()
        except (aiohttp.ClientError, OSError) as error:
            broken_off = any(upload.broken_off for upload in self._uploads)
            return self._failed(BROKE_OFF if broken_off else reason_of(error))

    async def _attempt(self) -> Reply | Unavailable:
        result: Reply | Unavailable | None = None
        async with asyncio.timeout(None) as silence:
            upload = self._upload(silence)
            try:
                async with self.session.request(
                    self.method, self.url, headers=self.headers, data=upload, allow_redirects=False
                ) as response:
                    if upload is not None:
                        upload.stop_waiting()
                    result = await self._read(response)
            finally:
                if upload is not None:
                    await upload.settle(keep_connection=isinstance(result, Reply))
        if isinstance(result, Reply) and result.status < 300 and upload is not None and not upload.whole:
            return self._failed("the store replied before it had the whole message")
        return result

    def _upload(self, silence: asyncio.Timeout) -> Upload | None:
        if self.body is None:
            return None
        body = Streamed(pieces(self.body), len(self.body)) if isinstance(self.body, bytes) else self.body
        self._uploads.append(Upload(body.chunks, body.length, silence, self.settings.read_seconds))
        return self._uploads[-1]

    async def _read(self, response: aiohttp.ClientResponse) -> Reply | Unavailable:
        if response.status < 300 and response.headers.get("Content-Encoding", "identity") != "identity":
            return self._failed("the store compressed its reply unasked")
        body = bytearray()
        sink = self.sink if response.status == 200 else None
        async for piece in response.content.iter_any():
            if sink is None:
                body += piece
            elif not sink(piece):
                break
            if len(body) > self.settings.max_reply_bytes:
                return self._failed("the store's reply is larger than max_reply_bytes")
        retry_after = parse_retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
        return Reply(response.status, response.headers, bytes(body), retry_after)

    def _failed(self, reason: str) -> Unavailable:
        return Unavailable(reason, maybe_stored=self.begun)

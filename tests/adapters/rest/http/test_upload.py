"""A streamed body: limited in memory, and never complete for the store if it is not."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from adapters.rest.http.client import Client
from adapters.rest.http.exchange import Streamed
from adapters.rest.http.reply import Reply
from adapters.rest.http.upload import PIECE, pieces
from adapters.rest.settings import RestSettings
from gateway.contract.body import Buffer
from gateway.contract.outcome import Unavailable

Start = Callable[..., Awaitable[str]]

CHUNK = 128 * 1024


def settings_for(url: str, **settings: object) -> RestSettings:
    """Return settings for a store at *url*."""
    return RestSettings.model_validate({"url": url, **settings})


class Source:
    """A body that counts what was taken of it."""

    def __init__(self, count: int, *, fail_after: int | None = None, stall_after: int | None = None) -> None:
        self.count, self.fail_after, self.stall_after = count, fail_after, stall_after
        self.taken = 0
        self.closed = False
        self.stalled = asyncio.Event()

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield chunks of 128 KiB, each in memory of its own."""
        try:
            for index in range(self.count):
                if index == self.fail_after:
                    raise ConnectionResetError("the modality has gone")
                if index == self.stall_after:
                    self.stalled.set()
                    await asyncio.Event().wait()
                self.taken += 1
                yield memoryview(bytearray(CHUNK))
        finally:
            self.closed = True


class Wire:
    """A store on the bare socket that keeps the last octets it got."""

    def __init__(self) -> None:
        self.received = 0
        self.last = b""
        self.something = asyncio.Event()
        self.gone = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read until the connection ends."""
        try:
            while data := await reader.read(65536):
                self.received += len(data)
                self.last = (self.last + data)[-8:]
                self.something.set()
        finally:
            self.gone.set()


@pytest.mark.parametrize("size", [0, 1, PIECE, PIECE + 1, 3 * PIECE])
async def test_pieces(size: int) -> None:
    """The pieces of a body are the body."""
    assert bytes(size) == b"".join([bytes(piece) async for piece in pieces(bytes(size))])


@pytest.mark.parametrize("length", [None, 40 * CHUNK], ids=["chunked", "with Content-Length"])
async def test_streamed_body(serve: Start, length: int | None) -> None:
    """A streamed body arrives whole, with its length where that is known."""

    async def measure(request: web.Request) -> web.Response:
        assert length == request.content_length
        return web.Response(text=str(len(await request.read())))

    settings = settings_for(await serve(measure))
    source = Source(40)
    async with Client(settings) as client:
        reply = await client.request("POST", settings.url, {}, Streamed(source.chunks(), length))
    assert isinstance(reply, Reply)
    assert str(40 * CHUNK).encode() == reply.body
    assert source.closed


@pytest.mark.parametrize("length", [39 * CHUNK, 41 * CHUNK, 40 * CHUNK - 1], ids=["longer", "shorter", "one more"])
async def test_wrong_length(listen: Start, length: int) -> None:
    """A body that is not as long as its Content-Length is never completed."""
    wire = Wire()
    settings = settings_for(await listen(wire))
    async with Client(settings) as client:
        result = await client.request("POST", settings.url, {}, Streamed(Source(40).chunks(), length))
        await wire.gone.wait()
    assert Unavailable("the message ended before it was complete", maybe_stored=True) == result
    assert wire.received < length


async def test_source_breaks_off(listen: Start) -> None:
    """When the peer is lost mid-instance, the store sees a request without an end."""
    wire = Wire()
    settings = settings_for(await listen(wire))
    source = Source(40, fail_after=3)
    async with Client(settings) as client:
        result = await client.request("POST", settings.url, {}, Streamed(source.chunks(), None))
        await wire.gone.wait()
    assert Unavailable("the message ended before it was complete", maybe_stored=True) == result
    assert not wire.last.endswith(b"0\r\n\r\n")
    assert source.closed


async def test_body_that_was_given_up(listen: Start) -> None:
    """A body cancelled by its peer is an incomplete one; the delivery itself is not cancelled."""
    wire = Wire()
    settings = settings_for(await listen(wire))

    async def chunks() -> AsyncIterator[Buffer]:
        yield b"first"
        raise asyncio.CancelledError

    async with Client(settings) as client:
        result = await client.request("POST", settings.url, {}, Streamed(chunks(), None))
        await wire.gone.wait()
    assert Unavailable("the message ended before it was complete", maybe_stored=True) == result
    assert not wire.last.endswith(b"0\r\n\r\n")


@pytest.mark.parametrize("length", [None, 3 + 2 * CHUNK], ids=["chunked", "with Content-Length"])
async def test_chunks_of_any_size(serve: Start, length: int | None) -> None:
    """An empty chunk ends nothing, small and large ones arrive in order."""
    large = bytes(range(256)) * (CHUNK // 256)

    async def chunks() -> AsyncIterator[Buffer]:
        for chunk in (b"", memoryview(b"a"), b"", bytearray(b"bc"), memoryview(large), large):
            yield chunk

    async def give_back(request: web.Request) -> web.Response:
        return web.Response(body=await request.read())

    settings = settings_for(await serve(give_back))
    async with Client(settings) as client:
        reply = await client.request("POST", settings.url, {}, Streamed(chunks(), length))
    assert isinstance(reply, Reply)
    assert b"abc" + large + large == reply.body


@pytest.mark.parametrize("length", [None, 0], ids=["chunked", "with Content-Length"])
async def test_empty_body(serve: Start, length: int | None) -> None:
    """A body without a chunk is a body."""

    async def measure(request: web.Request) -> web.Response:
        return web.Response(text=str(len(await request.read())))

    settings = settings_for(await serve(measure))
    async with Client(settings) as client:
        reply = await client.request("POST", settings.url, {}, Streamed(Source(0).chunks(), length))
    assert isinstance(reply, Reply)
    assert b"0" == reply.body


async def test_cancelled_request(listen: Start) -> None:
    """Cancelling mid-body closes the connection without the last chunk, and nothing reads the body any more."""
    wire = Wire()
    settings = settings_for(await listen(wire))
    source = Source(40, stall_after=3)
    async with Client(settings) as client:
        request = asyncio.create_task(client.request("POST", settings.url, {}, Streamed(source.chunks(), None)))
        await source.stalled.wait()
        await wire.something.wait()
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        assert source.closed
        await wire.gone.wait()
    assert not wire.last.endswith(b"0\r\n\r\n")


async def test_unsent_body_is_closed(closed_port: str) -> None:
    """A body that could not even be begun is closed too."""
    source = Source(1)
    iterator = source.chunks()
    async with Client(settings_for(closed_port)) as client:
        await client.request("POST", closed_port, {}, Streamed(iterator, None))
    with pytest.raises(StopAsyncIteration):
        await anext(iterator)
    assert 0 == source.taken


async def test_store_that_does_not_read(listen: Start) -> None:
    """The body waits for the store: no buffer fills up, and the wait ends after read_seconds."""

    async def stare(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.Event().wait()

    settings = settings_for(await listen(stare), read_seconds=0.3)
    source = Source(8192)
    async with Client(settings) as client:
        tracemalloc.start()
        try:
            result = await client.request("POST", settings.url, {}, Streamed(source.chunks(), None))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert Unavailable("the store was silent for longer than read_seconds", maybe_stored=True) == result
    assert source.closed
    assert source.taken * CHUNK < 32 * 1024 * 1024, "more than socket buffers hold"
    assert peak < 8 * CHUNK


async def test_patience_is_for_the_store_only(listen: Start) -> None:
    """A peer may be slower than read_seconds without the store being blamed."""
    go_on = asyncio.Event()

    async def chunks() -> AsyncIterator[Buffer]:
        yield b"first"
        await go_on.wait()
        yield b"last"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"first")
        asyncio.get_running_loop().call_later(0.3, go_on.set)
        await reader.readuntil(b"0\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await reader.read()

    settings = settings_for(await listen(answer), read_seconds=0.1)
    async with Client(settings) as client:
        reply = await client.request("POST", settings.url, {}, Streamed(chunks(), None))
    assert isinstance(reply, Reply)


EARLY = {
    "a success cannot be one": (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", None),
    "a refusal is one": (b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n", 413),
}


@pytest.mark.parametrize(("text", "status"), EARLY.values(), ids=EARLY)
async def test_early_reply(listen: Start, text: bytes, status: int | None) -> None:
    """A reply may come before the body has ended."""

    async def hasty(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(text)
        await reader.read()

    settings = settings_for(await listen(hasty))
    source = Source(1000, stall_after=2)
    async with Client(settings) as client:
        result = await client.request("POST", settings.url, {}, Streamed(source.chunks(), None))
    if status is None:
        assert Unavailable("the store replied before it had the whole message", maybe_stored=True) == result
    else:
        assert isinstance(result, Reply)
        assert status == result.status
    assert source.closed


async def test_peer_that_stalls_after_an_early_conflict(listen: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest of a body that may have to be compared is awaited for some time only."""
    monkeypatch.setattr("adapters.rest.http.upload.PATIENCE", 0.05)

    async def hasty(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n")
        await reader.read()

    settings = settings_for(await listen(hasty))
    source = Source(1000, stall_after=2)
    async with Client(settings) as client:
        result = await client.request("POST", settings.url, {}, Streamed(source.chunks(), None))
    assert isinstance(result, Reply)
    assert (409, True) == (result.status, source.closed)

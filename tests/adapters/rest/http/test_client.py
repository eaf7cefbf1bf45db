"""The pool of connections, credentials and the probe."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web

from adapters.rest.http.client import Client
from adapters.rest.http.reply import Reply
from adapters.rest.settings import RestSettings
from gateway.contract.outcome import Unavailable

Start = Callable[..., Awaitable[str]]


def settings_for(url: str, **settings: object) -> RestSettings:
    """Return settings for a store at *url*."""
    return RestSettings.model_validate({"url": url, **settings})


async def test_connections_are_kept_and_limited(serve: Start) -> None:
    """If there are more requests than connections, they wait, and connections are used again."""
    peers: set[object] = set()
    busy = most = 0

    async def count(request: web.Request) -> web.Response:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        assert request.transport is not None
        peers.add(request.transport.get_extra_info("peername"))
        await asyncio.sleep(0)
        busy -= 1
        return web.Response()

    settings = settings_for(await serve(count), connections=2)
    async with Client(settings) as client:
        replies = await asyncio.gather(*(client.request("POST", settings.url, {}, b"x") for _ in range(20)))
    assert all(isinstance(reply, Reply) for reply in replies)
    assert most <= 2
    assert len(peers) <= 2


async def test_waiting_for_a_turn_counts(closed_port: str) -> None:
    """A request that gets no connection within total_seconds was never sent."""
    settings = settings_for(closed_port, connections=1, total_seconds=0.1)
    async with Client(settings) as client:
        assert client._slots.take()
        result = await client.request("POST", settings.url, {}, b"x")
    assert Unavailable("the request took longer than total_seconds") == result


async def test_credentials_are_sent_and_renewed(serve: Start, tmp_path: Path) -> None:
    """Each request carries the token that the file holds at that time."""
    token = tmp_path / "token"
    seen = []

    async def record(request: web.Request) -> web.Response:
        seen.append(request.headers["Authorization"])
        return web.Response()

    settings = settings_for(await serve(record), credentials={"kind": "bearer", "token_file": str(token)})
    async with Client(settings) as client:
        for text in ("one", "second"):
            token.write_text(text)
            await client.request("POST", settings.url, {}, b"x")
        token.unlink()
        result = await client.request("POST", settings.url, {}, b"x")
        assert "the file of credentials.token_file cannot be read" == await client.probe(settings.url)
    assert ["Bearer one", "Bearer second"] == seen
    assert Unavailable("the file of credentials.token_file cannot be read") == result


async def test_sink(serve: Start) -> None:
    """The body of a 200 goes to the sink, whatever its size, and reading stops when the sink has enough."""

    async def much(request: web.Request) -> web.Response:
        return web.Response(body=b"x" * 4_000_000)

    settings = settings_for(await serve(much), max_reply_bytes=1024)
    pieces: list[bytes] = []

    def take_all(piece: bytes) -> bool:
        pieces.append(piece)
        return True

    def take_one(piece: bytes) -> bool:
        pieces.append(piece)
        return False

    async with Client(settings) as client:
        reply = await client.request("GET", settings.url, {}, sink=take_all)
        assert isinstance(reply, Reply)
        assert (b"", 4_000_000) == (reply.body, sum(map(len, pieces)))
        pieces.clear()
        await client.request("GET", settings.url, {}, sink=take_one)
        assert 1 == len(pieces)


PROBES = {
    200: None,
    302: None,
    404: None,
    405: None,
    401: "credential not accepted (HTTP 401)",
    403: "credential not accepted (HTTP 403)",
    500: "the store fails (HTTP 500)",
    503: "the store fails (HTTP 503)",
}


@pytest.mark.parametrize(("status", "expected"), PROBES.items())
async def test_probe(serve: Start, status: int, expected: str | None) -> None:
    """A store that answers can be reached, unless it reports a failure or refuses the credentials."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status)

    settings = settings_for(await serve(answer))
    async with Client(settings) as client:
        assert expected == await client.probe(settings.url)


async def test_probe_of_a_store_that_is_down(closed_port: str) -> None:
    """A probe that fails has a fixed reason."""
    async with Client(settings_for(closed_port)) as client:
        assert "connection refused" == await client.probe(closed_port)


async def test_probe_of_a_silent_store(listen: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """A probe does not wait as long as a message would."""
    monkeypatch.setattr("adapters.rest.http.client.PROBE_SECONDS", 0.1)

    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    url = await listen(silence)
    async with Client(settings_for(url)) as client:
        assert "no answer within 0.1 seconds" == await client.probe(url)

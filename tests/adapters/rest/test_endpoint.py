"""Requests to token endpoints."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from adapters.rest.endpoint import Endpoint
from adapters.rest.http.reply import Reply
from gateway.contract.outcome import Unavailable

Start = Callable[..., Awaitable[str]]


async def test_ask(serve: Start) -> None:
    """Query, headers and body arrive, and the reply comes back."""

    async def echo(request: web.Request) -> web.Response:
        text = f"{request.method} {request.path_qs} {request.headers['X-Test']} {await request.text()}"
        return web.Response(status=418, text=text)

    reply = await Endpoint(None).ask("POST", f"{await serve(echo)}/token?a=b", {"X-Test": "1"}, b"body")
    assert isinstance(reply, Reply)
    assert (418, b"POST /token?a=b 1 body") == (reply.status, reply.body)


async def test_down(closed_port: str) -> None:
    """For an endpoint that is down there is a fixed reason."""
    expected = Unavailable("no token could be fetched: connection refused")
    assert expected == await Endpoint(None).ask("GET", closed_port, {})


async def test_unknown_host() -> None:
    """The reason names the endpoint, not the store."""
    reply = await Endpoint(None).ask("GET", "http://hilum.invalid/", {})
    expected = "no token could be fetched: the token endpoint's host name cannot be resolved"
    assert Unavailable(expected) == reply


async def test_silent(listen: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wait for a silent endpoint is short."""
    monkeypatch.setattr("adapters.rest.endpoint.TOTAL_SECONDS", 0.1)

    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    reply = await Endpoint(None).ask("GET", await listen(silence), {})
    assert isinstance(reply, Unavailable)
    assert reply.reason.startswith("no token could be fetched: ")

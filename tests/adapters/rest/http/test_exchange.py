"""Every way in which a store or the network can fail, and whether the message may be in the store afterwards."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from adapters.rest.http.client import Client
from adapters.rest.http.reply import Reply
from adapters.rest.settings import RestSettings
from gateway.contract.outcome import Unavailable

Start = Callable[..., Awaitable[str]]
Conversation = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def quick(url: str, **settings: object) -> RestSettings:
    """Return settings with short time limits."""
    return RestSettings.model_validate({"url": url, "connect_seconds": 1, "read_seconds": 0.2, **settings})


async def post(settings: RestSettings, *, repeatable: bool = False) -> Reply | Unavailable:
    """Send a small message once."""
    async with Client(settings) as client:
        return await client.request("POST", settings.url, {}, b"message", repeatable=repeatable)


def answering(text: bytes, *, hang_up: bool = True) -> Conversation:
    """Return a conversation that reads a whole request and answers *text*."""

    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\nmessage")
        writer.write(text)
        await writer.drain()
        if hang_up:
            writer.close()
        await reader.read()

    return conversation


async def hang_up_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read nothing and reset the connection."""
    await reader.readexactly(1)


FAULTS: dict[str, tuple[Conversation, str]] = {
    "hangs up mid-request": (hang_up_at_once, "closed the connection|broke"),
    "hangs up before the reply": (answering(b""), "closed the connection"),
    "is silent": (answering(b"", hang_up=False), "silent"),
    "is silent mid-reply": (answering(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", hang_up=False), "silent"),
    "hangs up mid-reply": (answering(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"), "is incomplete"),
    "hangs up mid-chunk": (answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"), "is incomplete"),
    "does not speak HTTP": (answering(b"220 mail.example ESMTP\r\n\r\n"), "not HTTP"),
    "sends an endless header": (answering(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000), "too long"),
    "sends what is no gzip as gzip": (
        answering(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\n\x1f\x8b\x08 + + +"),
        "decompressed",
    ),
    "sends too much": (answering(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5000), "larger"),
}


@pytest.mark.parametrize(("conversation", "reason"), FAULTS.values(), ids=FAULTS)
async def test_fault(listen: Start, conversation: Conversation, reason: str) -> None:
    """After a request was sent, every failure is Unavailable, and the message may be stored."""
    url = await listen(conversation)
    result = await post(quick(url, max_reply_bytes=1024))
    assert isinstance(result, Unavailable)
    assert any(part in result.reason for part in reason.split("|")), result.reason
    assert result.maybe_stored


async def test_connection_refused(closed_port: str) -> None:
    """A store that is down has not stored anything."""
    assert Unavailable("connection refused") == await post(quick(closed_port))


async def test_unknown_host() -> None:
    """An unknown host name and a host that is down have different reasons."""
    assert Unavailable("the store's host name cannot be resolved") == await post(quick("http://hilum.invalid"))


async def test_no_tls(listen: Start) -> None:
    """A port that does not speak TLS fails before anything was sent."""
    url = await listen(answering(OK))
    result = await post(quick(url.replace("http:", "https:")))
    assert isinstance(result, Unavailable)
    assert not result.maybe_stored


async def test_connect_timeout() -> None:
    """A host that does not accept within connect_seconds has not stored anything."""
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)  # a full backlog drops further SYNs
        for waiting in (first, second):
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        result = await post(quick(f"http://127.0.0.1:{full.getsockname()[1]}", connect_seconds=0.2))
    assert Unavailable("no connection to the store within connect_seconds") == result


async def test_total_time(listen: Start) -> None:
    """A store that keeps trickling is cut off after total_seconds."""

    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await asyncio.sleep(0.02)

    result = await post(quick(await listen(trickle), total_seconds=0.3))
    assert Unavailable("the request took longer than total_seconds", maybe_stored=True) == result


async def test_reply(serve: Start) -> None:
    """A reply has status, case-insensitive headers, body and Retry-After."""

    async def busy(request: web.Request) -> web.Response:
        assert "identity" == request.headers["Accept-Encoding"]
        return web.Response(status=503, text="busy", headers={"Retry-After": "7"})

    reply = await post(quick(await serve(busy)))
    assert isinstance(reply, Reply)
    assert (503, b"busy", 7.0) == (reply.status, reply.body, reply.retry_after)
    assert "text/plain; charset=utf-8" == reply.headers["content-type"]


async def test_redirect_is_not_followed(serve: Start) -> None:
    """A redirect comes back as it is: following it could turn the POST into a GET."""
    seen = []

    async def redirect(request: web.Request) -> web.Response:
        seen.append(request.method)
        return web.Response(status=302, headers={"Location": "/elsewhere"})

    reply = await post(quick(await serve(redirect)))
    assert isinstance(reply, Reply)
    assert (302, ["POST"]) == (reply.status, seen)


async def test_cookies_are_ignored(serve: Start) -> None:
    """Cookies of a store are not sent back."""

    async def bake(request: web.Request) -> web.Response:
        assert "Cookie" not in request.headers
        return web.Response(headers={"Set-Cookie": "session=1"})

    settings = quick(await serve(bake))
    async with Client(settings) as client:
        for _ in range(2):
            reply = await client.request("POST", settings.url, {}, b"message")
            assert isinstance(reply, Reply)
            assert 200 == reply.status


def closing_once() -> tuple[Conversation, list[bytes]]:
    """Return a conversation that hangs up on the first request of all, and what it has received."""
    requests: list[bytes] = []

    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            requests.append(await reader.readuntil(b"\r\n\r\nmessage"))
            if len(requests) == 1:
                return
            writer.write(OK)

    return conversation, requests


async def test_repeatable_request_is_sent_again(listen: Start) -> None:
    """A connection that was closed under a repeatable request costs one more attempt, not a failure."""
    conversation, requests = closing_once()
    reply = await post(quick(await listen(conversation)), repeatable=True)
    assert isinstance(reply, Reply)
    assert (200, 2) == (reply.status, len(requests))


async def test_other_requests_are_not_sent_again(listen: Start) -> None:
    """A request that may have been read and is not repeatable is never sent twice."""
    conversation, requests = closing_once()
    result = await post(quick(await listen(conversation)))
    assert isinstance(result, Unavailable)
    assert (True, 1) == (result.maybe_stored, len(requests))


async def test_second_attempt_does_not_forget_the_first(listen: Start) -> None:
    """A store that hung up and is then gone may hold the message from the first attempt."""

    async def close_all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"message")

    result = await post(quick(await listen(close_all)), repeatable=True)
    assert isinstance(result, Unavailable)
    assert result.maybe_stored


async def test_idle_connection_closed_by_the_store(listen: Start) -> None:
    """A connection that the store closed while it was idle is not used again."""
    closed = asyncio.Event()

    async def one_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"message")
        writer.write(OK)
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        closed.set()

    settings = quick(await listen(one_request))
    async with Client(settings) as client:
        for _ in range(3):
            reply = await client.request("POST", settings.url, {}, b"message")
            assert isinstance(reply, Reply)
            await closed.wait()
            closed.clear()
            await asyncio.sleep(0)  # let the end of the connection reach the client

"""What happens is sent to the browsers that show the first screen."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from aiohttp import ClientResponse
from structlog.testing import capture_logs

from gateway.admin.settings import AdminSettings
from gateway.screen import live
from gateway.screen.live import as_event
from tests.gateway.screen.screens import BEARER, FakeSource, Port, bad_night, case, serving, status


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often, so that no test waits for seconds."""
    monkeypatch.setattr(live, "EVERY_SECONDS", 0.02)


@asynccontextmanager
async def following(port: Port, **headers: str) -> AsyncIterator[ClientResponse]:
    """Follow the first screen."""
    async with port.client.get(f"{port.url}/screen/live", headers={**BEARER, **headers}) as reply:
        yield reply


async def read_event(reply: ClientResponse) -> dict[str, str]:
    """Return the next event: its name and data."""
    event: dict[str, str] = {}
    async with asyncio.timeout(20):
        while line := (await reply.content.readuntil(b"\n")).decode().rstrip("\n"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            event[name] = f"{event[name]}\n{value}" if name in event else value
    return event


async def read_parts(reply: ClientResponse, count: int) -> dict[str, str]:
    """Return the next *count* parts by their IDs."""
    parts: dict[str, str] = {}
    while len(parts) < count:
        event = await read_event(reply)
        if event.get("event") == "part":
            parts[event["data"].partition('id="')[2].partition('"')[0]] = event["data"]
    return parts


async def test_parts() -> None:
    """A viewer gets all parts at first, and then those that have changed."""
    source = FakeSource()
    async with serving(source) as port, following(port) as reply:
        assert ("text/event-stream", "no") == (reply.content_type, reply.headers["X-Accel-Buffering"])
        assert "no-store" in reply.headers["Cache-Control"]
        assert ["verdict", "cases", "destinations", "peers"] == list(await read_parts(reply, 4))
        source.shown = bad_night()
        source.shown["counts"] = "451 wait, all safe; none is lost."
        changed = await read_parts(reply, 1)
        assert ["verdict"] == list(changed)
        assert "451 wait" in changed["verdict"]


async def test_comment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a change a comment keeps the connection open, and an event tells the page that it is live."""
    monkeypatch.setattr(live, "COMMENT_SECONDS", 0.05)
    async with serving() as port, following(port) as reply:
        await read_parts(reply, 4)
        assert {"": "nothing new", "event": "tick", "data": ""} == await read_event(reply)


async def test_rendered_once() -> None:
    """Forty viewers cost as many looks as one, and each gets a change."""
    source = FakeSource()
    async with serving(source) as port, AsyncExitStack() as stack:
        replies = [await stack.enter_async_context(following(port)) for _ in range(40)]
        await asyncio.gather(*(read_parts(each, 4) for each in replies))
        before, source.shown = source.asked, status()
        parts = await asyncio.gather(*(read_parts(each, 1) for each in replies))
        assert all(parts)
        assert source.asked - before < 40


async def test_own_token() -> None:
    """Each viewer's forms have the token of the viewer, and one who may not act gets no forms."""
    async with serving() as port:
        await port.sign_in()
        csrf = (await port.get("/"))[1].partition('name="csrf" value="')[2].partition('"')[0]
        async with port.client.get(f"{port.url}/screen/live") as session, following(port) as program:
            assert f'value="{csrf}"' in (await read_parts(session, 4))["cases"]
            assert "<form" not in (await read_parts(program, 4))["cases"]


@pytest.mark.slow
async def test_limit() -> None:
    """Beyond the most, a browser is told so and shows the page as it was; when one leaves, there is room."""
    async with serving(settings=AdminSettings(max_viewers=2)) as port:
        async with following(port) as first, following(port) as second:
            await asyncio.gather(read_parts(first, 4), read_parts(second, 4))
            async with following(port) as third:
                assert (503, True) == (third.status, "max_viewers" in json.loads(await third.text())["error"])
        async with asyncio.timeout(20):
            while True:
                async with following(port) as again:
                    if again.status == 200:
                        break


async def test_slow_viewer(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that does not read is dropped, and others go on."""
    monkeypatch.setattr(live, "WRITE_SECONDS", 0.2)
    source = FakeSource()
    async with serving(source) as port:
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(slow, ("127.0.0.1", int(port.url.rpartition(":")[2])))
            head = f"GET /screen/live HTTP/1.1\r\nHost: localhost\r\nAuthorization: {BEARER['Authorization']}\r\n\r\n"
            await loop.sock_sendall(slow, head.encode())
            with capture_logs() as logs:
                async with following(port) as other, asyncio.timeout(60):
                    await read_parts(other, 4)
                    number = 0
                    while "admin_viewer_dropped" not in [each["event"] for each in logs]:
                        number += 1
                        source.shown = status([case(id=f"{number}-{index}") for index in range(500)])
                        assert await read_parts(other, 1)


async def test_stale() -> None:
    """If the parts cannot be made, the page is told that it is not live, once a comment; and later that it is."""
    source = FakeSource()
    async with serving(source) as port, following(port) as reply:
        await read_parts(reply, 4)
        with capture_logs() as logs:
            source.fault = ValueError("text with a patient's name")
            assert "stale" == (await read_event(reply))["event"]
            source.fault = None
            assert "tick" == (await read_event(reply))["event"]
        assert [("admin_page_not_live", "ValueError")] == [(each["event"], each["reason"]) for each in logs]


async def test_session_that_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stream of a session ends with the session."""
    async with serving() as port:
        await port.sign_in()
        csrf = (await port.get("/"))[1].partition('name="csrf" value="')[2].partition('"')[0]
        monkeypatch.setattr(live, "COMMENT_SECONDS", 0.05)
        async with port.client.get(f"{port.url}/screen/live") as reply:
            await read_parts(reply, 4)
            await port.client.post(f"{port.url}/sign-out", data={"csrf": csrf})
            async with asyncio.timeout(20):
                await reply.content.read()


async def test_end_of_the_gateway() -> None:
    """The port ends at once, whoever follows."""
    async with serving() as port, following(port) as reply:
        await read_parts(reply, 4)
        begun = asyncio.get_running_loop().time()
        await port.application.shutdown()
        await reply.content.read()
        assert asyncio.get_running_loop().time() - begun < 10


async def test_outlasts_the_time_limit_of_a_request() -> None:
    """Following is no slow request: the limit for those does not end it."""
    source = FakeSource()
    async with serving(source, settings=AdminSettings(request_seconds=0.2)) as port, following(port) as reply:
        await read_parts(reply, 4)
        await asyncio.sleep(0.4)
        source.shown = status()
        assert await read_parts(reply, 1)


HOSTILE = ["a\r\n\r\nevent: part\r\ndata: x", "a\rdata: x", "a\u2028b\x0bc\x85d"]


@pytest.mark.parametrize("text", HOSTILE)
def test_event_is_one_event(text: str) -> None:
    """No line break in a part, of whatever kind, can end its event or begin another field."""
    event = as_event(text)
    assert 1 == event.count("\n\n")
    assert event.endswith("\n\n")
    assert "\r" not in event
    assert all(line.startswith(("event: part", "data: ")) for line in event.rstrip("\n").split("\n"))

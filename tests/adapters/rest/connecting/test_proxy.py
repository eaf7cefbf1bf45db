"""Requests through an HTTP proxy: to a store with http:// as a whole, to one with https:// through a tunnel."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.rest.connecting.dialer import Trust
from adapters.rest.connecting.failures import UNKNOWN_ISSUER
from adapters.rest.connecting.proxy import PROXY_REFUSED
from adapters.rest.credentials.settings import ProxySettings
from adapters.rest.endpoint import Endpoint
from adapters.rest.http.client import Client
from adapters.rest.http.reply import Reply
from adapters.rest.settings import RestSettings
from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.outcome import Unavailable
from tests.adapters.rest.http_proxy import HttpProxy
from tests.certificates import Authority

Start = Callable[..., Awaitable[str]]

PAGE = b"Content-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"
REFUSALS = {
    407: b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n" + PAGE,
    400: b"HTTP/1.1 400 Bad Request\r\n" + PAGE,
    413: b"HTTP/1.1 413 Too Large\r\n" + PAGE,
    502: b"HTTP/1.1 502 Bad Gateway\r\n" + PAGE,
    503: b"HTTP/1.1 503 Service Unavailable\r\n" + PAGE,
}


def through(url: str, proxy: str, **more: object) -> RestSettings:
    """Return settings for a store at *url* behind *proxy*."""
    return RestSettings.model_validate({"url": url, "proxy": {"url": proxy, **more}})


async def echo(request: web.Request) -> web.Response:
    """Answer with what has come."""
    return web.Response(text=f"{request.path_qs} {request.headers['Host']} {await request.text()}")


@pytest.fixture
async def secured(tmp_path: Path) -> AsyncIterator[tuple[str, Trust]]:
    """Run a store that speaks TLS; yield its URL and the trust in it."""
    authority = Authority(tmp_path)
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", echo)
    server = TestServer(application, scheme="https", host="127.0.0.1")
    await server.start_server(ssl=authority.server(authority.issue("store")))
    context = authority.client()
    yield f"https://localhost:{server.port}", Trust(store=lambda: context, tokens=lambda: context)
    await server.close()


async def test_whole_request(serve: Start, listen: Start) -> None:
    """For http:// the proxy gets the address of the store on the request line, and the store its own name."""
    proxy, store = HttpProxy(), await serve(echo)
    async with Client(through(store, await listen(proxy.converse))) as client:
        reply = await client.request("POST", f"{store}/a?b=c", {}, b"body")
    assert isinstance(reply, Reply)
    assert f"/a?b=c {store.removeprefix('http://')} body" == reply.body.decode()
    assert f"POST {store}/a?b=c HTTP/1.1" == proxy.heads[0].split("\r\n")[0]


async def test_tunnel(secured: tuple[str, Trust], listen: Start, tmp_path: Path) -> None:
    """For https:// the proxy sees a name and the credentials that are meant for it, and nothing else."""
    (tmp_path / "password").write_text("geheim\n")
    proxy, (store, trust) = HttpProxy(), secured
    settings = through(
        store, await listen(proxy.converse), username="hilum", password_file=str(tmp_path / "password")
    ).model_copy(update={"headers": {"X-Api-Key": "k"}})
    async with Client(settings, trust) as client:
        replies = [await client.request("POST", f"{store}/a", {}, b"x" * 300_000) for _ in range(2)]
    assert [200, 200] == [each.status for each in replies if isinstance(each, Reply)]
    name = store.removeprefix("https://")
    expected = f"CONNECT {name} HTTP/1.1\r\nHost: {name}\r\nUser-Agent: hilum\r\n"
    assert [f"{expected}Proxy-Authorization: Basic aGlsdW06Z2VoZWlt\r\n\r\n"] == proxy.heads


async def test_credentials_of_a_whole_request(serve: Start, listen: Start, tmp_path: Path) -> None:
    """Each request carries the password that the file holds at that time."""
    proxy, store, password = HttpProxy(), await serve(echo), tmp_path / "password"
    settings = through(store, await listen(proxy.converse), username="hilum", password_file=str(password))
    async with Client(settings) as client:
        for text in ("one", "second"):
            password.write_text(text)
            await client.request("POST", store, {}, b"")
        password.unlink()
        result = await client.request("POST", store, {}, b"")
    shown = [line for head in proxy.heads for line in head.split("\r\n") if line.startswith("Proxy-Auth")]
    assert ["Proxy-Authorization: Basic aGlsdW06b25l", "Proxy-Authorization: Basic aGlsdW06c2Vjb25k"] == shown
    assert Unavailable("the file of proxy.password_file cannot be read") == result


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("status", REFUSALS)
async def test_refusal(listen: Start, status: int, scheme: str) -> None:
    """A refusal by the proxy is no verdict on the message, and its reason names the proxy."""
    proxy = HttpProxy(REFUSALS[status])
    store = f"{scheme}://store.example"
    async with Client(through(store, await listen(proxy.converse))) as client:
        result = await client.request("POST", store, {}, b"x" * 10)
        probed = await client.probe(store)
    assert isinstance(result, Unavailable)
    assert result.reason.startswith("the proxy ")
    assert (status == 502 and scheme == "http") == result.maybe_stored
    assert result.reason == probed


async def test_proxy_hangs_up(listen: Start) -> None:
    """If the connection ends without a reply, the reason names the proxy, and the message may be stored."""

    async def hang_up(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"body")

    async with Client(through("http://store.example", await listen(hang_up))) as client:
        result = await client.request("POST", "http://store.example", {}, b"body")
    assert Unavailable("the proxy closed the connection without a reply", maybe_stored=True) == result


@pytest.mark.parametrize("status", [400, 413])
async def test_verdict_of_the_store(serve: Start, listen: Start, status: int) -> None:
    """A reply that the proxy forwards is the store's, even an HTML page."""

    async def refuse(_: web.Request) -> web.Response:
        return web.Response(status=status, text="<html>", content_type="text/html")

    store = await serve(refuse)
    async with Client(through(store, await listen(HttpProxy().converse))) as client:
        reply = await client.request("POST", store, {}, b"x")
    assert isinstance(reply, Reply)
    assert status == reply.status


async def test_log(listen: Start, tmp_path: Path) -> None:
    """The log names the proxy's host, once for as long as it fails in the same way, and no credentials."""
    (tmp_path / "password").write_text("geheim")
    proxy = HttpProxy(REFUSALS[407])
    url = await listen(proxy.converse)
    settings = through("http://store.example", url, username="u", password_file=str(tmp_path / "password"))
    with structlog.testing.capture_logs() as lines:
        async with Client(settings) as client:
            for _ in range(2):
                await client.request("POST", "http://store.example", {}, b"x")
    reason = "the proxy does not accept the credentials for it (HTTP 407)"
    event = {"event": "proxy_fails", "log_level": "warning", "proxy": url.removeprefix("http://"), "reason": reason}
    assert [event] == lines


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_proxy_is_down(closed_port: str, scheme: str) -> None:
    """If the proxy cannot be reached, the reason names the proxy and not the store."""
    store = f"{scheme}://store.example"
    async with Client(through(store, closed_port)) as client:
        result = await client.request("POST", store, {}, b"x")
    assert Unavailable(PROXY_REFUSED.reason) == result


async def test_unknown_proxy() -> None:
    """Hilum resolves the name of the proxy, not that of the store."""
    async with Client(through("http://127.0.0.1:9", "http://proxy.invalid:3128")) as client:
        result = await client.request("POST", "http://127.0.0.1:9", {}, b"x")
    assert Unavailable("the proxy's host name cannot be resolved") == result


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_silent_proxy(listen: Start, scheme: str) -> None:
    """The time limit for a silent proxy is the same as for a store."""

    async def silence(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        while await reader.read(1000):
            pass

    store = f"{scheme}://store.example"
    settings = through(store, await listen(silence)).model_copy(update={"connect_seconds": 0.2, "read_seconds": 0.2})
    async with Client(settings) as client:
        result = await client.request("POST", store, {}, b"x")
    assert isinstance(result, Unavailable)
    assert (scheme == "http") == result.maybe_stored


async def test_certificate_through_a_tunnel(secured: tuple[str, Trust], listen: Start) -> None:
    """The store's certificate is checked: a proxy that intercepts TLS is not trusted."""
    store, _ = secured
    async with Client(through(store, await listen(HttpProxy().converse))) as client:
        result = await client.request("POST", store, {}, b"x")
    assert Unavailable(UNKNOWN_ISSUER.reason) == result


async def test_environment_has_no_say(serve: Start, closed_port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the configuration names a proxy."""
    for name in ("http_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, closed_port)
    store = await serve(echo)
    async with Client(RestSettings(url=store)) as client:
        assert isinstance(await client.request("POST", store, {}, b"x"), Reply)


async def test_token_endpoint(secured: tuple[str, Trust], listen: Start) -> None:
    """A token endpoint is asked through the proxy, too."""
    proxy, (url, trust) = HttpProxy(), secured
    way = ProxySettings(url=await listen(proxy.converse))
    reply = await Endpoint(trust.tokens, proxy=way).ask("POST", f"{url}/token", {}, b"form")
    assert isinstance(reply, Reply)
    assert [f"CONNECT {url.removeprefix('https://')} HTTP/1.1"] == [head.split("\r\n")[0] for head in proxy.heads]


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_token_endpoint_refused(listen: Start, scheme: str) -> None:
    """If the proxy refuses the token endpoint, there is no token, and the reason names the proxy."""
    way = ProxySettings(url=await listen(HttpProxy(REFUSALS[503]).converse))
    reply = await Endpoint(None, proxy=way).ask("POST", f"{scheme}://tokens.example/", {}, b"form")
    assert isinstance(reply, Unavailable)
    assert reply.reason.startswith("no token could be fetched: the proxy ")
    assert "store" not in reply.reason


async def test_diagnoses(serve: Start, listen: Start, closed_port: str) -> None:
    """A proxy that is down, and one that answers by itself, are told apart from a store that fails."""
    url = await serve(echo)
    down = Diagnosis(Cause.PROXY_FAILED, {"proxy": closed_port.removeprefix("http://"), "why": "connection_refused"})
    for store in (url, "https://store.example"):
        async with Client(through(store, closed_port)) as client:
            result = await client.request("POST", store, {}, b"message")
        assert isinstance(result, Unavailable)
        assert down == result.diagnosis

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(REFUSALS[407])
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    proxy = await listen(refuse)
    for store in ("http://store.example", "https://store.example"):
        async with Client(through(store, proxy)) as client:
            result = await client.request("POST", store, {}, b"message")
        assert isinstance(result, Unavailable)
        assert Diagnosis(Cause.PROXY_FAILED, {"proxy": proxy.removeprefix("http://"), "status": "407"}) == (
            result.diagnosis
        )

"""What the client does when a store does not accept a token."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web

from adapters.rest.http.client import Client
from adapters.rest.http.exchange import Streamed
from adapters.rest.http.reply import Reply
from adapters.rest.http.upload import pieces
from adapters.rest.settings import RestSettings
from gateway.contract.outcome import Unavailable

Start = Callable[..., Awaitable[str]]


class Cloud:
    """A store and its token endpoint; only *good* tokens are accepted."""

    def __init__(self) -> None:
        self.good = {"Bearer token-2", "Bearer token-3"}
        self.given = 0
        self.requests: list[str] = []
        self.bodies: list[bytes] = []

    async def __call__(self, request: web.Request) -> web.Response:
        """Give a token, or judge one."""
        if request.path == "/token":
            self.given += 1
            return web.json_response({"access_token": f"token-{self.given}", "expires_in": 3600})
        self.requests.append(request.headers["Authorization"])
        self.bodies.append(await request.read())
        return web.Response(status=200 if self.requests[-1] in self.good else 401)


@pytest.fixture
def cloud() -> Cloud:
    """Return a store that accepts the second token."""
    return Cloud()


async def client_of(serve: Start, cloud: Cloud, folder: Path) -> Client:
    """Return a client for *cloud*."""
    (folder / "secret").write_text("secret")
    url = await serve(cloud)
    credentials = {
        "kind": "oauth2_client_credentials",
        "token_url": f"{url}/token",
        "client_id": "hilum",
        "client_secret_file": str(folder / "secret"),
    }
    return Client(RestSettings.model_validate({"url": url, "credentials": credentials}))


async def ask(client: Client, body: bytes | Streamed | None = b"message") -> int:
    """Return the status of the reply to a request."""
    reply = await client.request("POST", client._settings.url, {}, body)
    assert isinstance(reply, Reply)
    return reply.status


async def test_refused_once(serve: Start, cloud: Cloud, tmp_path: Path) -> None:
    """A 401 brings a new token, with which the same body is sent again; the request does not see it."""
    async with await client_of(serve, cloud, tmp_path) as client:
        assert 200 == await ask(client)
        assert 200 == await ask(client)
    assert ["Bearer token-1", "Bearer token-2", "Bearer token-2"] == cloud.requests
    assert [b"message"] * 3 == cloud.bodies


async def test_refused_twice(serve: Start, cloud: Cloud, tmp_path: Path) -> None:
    """If the store refuses the new token too, its answer counts, and no further token is fetched."""
    cloud.good.clear()
    async with await client_of(serve, cloud, tmp_path) as client:
        assert [401] * 4 == [await ask(client) for _ in range(4)]
    assert 2 == cloud.given
    assert 5 == len(cloud.requests)


async def test_body_that_passes_by(serve: Start, cloud: Cloud, tmp_path: Path) -> None:
    """A streamed body is not sent again, but the next request has a new token."""
    async with await client_of(serve, cloud, tmp_path) as client:
        assert 401 == await ask(client, Streamed(pieces(b"arriving"), 8))
        assert 1 == cloud.given
        assert 200 == await ask(client, Streamed(pieces(b"arriving"), 8))
    assert ["Bearer token-1", "Bearer token-2"] == cloud.requests


async def test_no_new_token(serve: Start, cloud: Cloud, tmp_path: Path) -> None:
    """Without a new token the store's answer counts."""
    async with await client_of(serve, cloud, tmp_path) as client:
        await client._authorization.obtain()
        (tmp_path / "secret").unlink()
        assert 401 == await ask(client)
        unavailable = await client.request("POST", client._settings.url, {}, b"x")
    assert Unavailable("the file of credentials.client_secret_file cannot be read") == unavailable


async def test_probe(serve: Start, cloud: Cloud, tmp_path: Path) -> None:
    """A probe fetches a token like a request."""
    cloud.good.add("Bearer token-1")
    async with await client_of(serve, cloud, tmp_path) as client:
        assert await client.probe(client._settings.url) is None

"""Tokens of Google Cloud, from fakes of its token endpoint and of the metadata server."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web
from cryptography.hazmat.primitives import serialization

from adapters.rest.credentials.google import NO_TOKEN, UNREADABLE, GoogleTokens
from adapters.rest.credentials.settings import GoogleCredentials
from adapters.rest.credentials.tokens import Grant
from adapters.rest.endpoint import Endpoint
from gateway.contract.outcome import Unavailable
from tests.certificates import KEYS

Start = Callable[..., Awaitable[str]]


def key_file(folder: Path, token_uri: str) -> Path:
    """Write the key of a service account whose tokens *token_uri* gives."""
    key = KEYS[0].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "account.json"
    account = {
        "type": "service_account",
        "client_email": "hilum@p.iam.gserviceaccount.com",
        "private_key_id": "1",
        "private_key": key.decode(),
        "token_uri": token_uri,
    }
    path.write_text(json.dumps(account))
    return path


async def fetch(path: Path | None = None, **settings: Any) -> Grant | Unavailable:
    """Return the token, or why there is none."""
    every = GoogleCredentials(kind="google", service_account_file=path, **settings)
    return await GoogleTokens(every, Endpoint(None)).fetch()


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the library try again without waiting."""
    monkeypatch.setattr("time.sleep", lambda _: None)


async def test_service_account(serve: Start, tmp_path: Path) -> None:
    """The token endpoint in the key file gets a signed assertion."""
    asked: list[dict[str, list[str]]] = []

    async def give(request: web.Request) -> web.Response:
        asked.append(parse_qs(await request.text()))
        return web.json_response({"access_token": "abc", "expires_in": 3600})

    grant = await fetch(key_file(tmp_path, f"{await serve(give)}/token"))
    assert isinstance(grant, Grant)
    assert "abc" == grant.token
    assert 3600 == pytest.approx(grant.seconds, abs=5)
    assert ["urn:ietf:params:oauth:grant-type:jwt-bearer"] == asked[0]["grant_type"]
    assert 2 == asked[0]["assertion"][0].count(".")


async def test_metadata_server(serve: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a key file the metadata server is asked, with the header that it requires."""
    paths: list[str] = []

    async def give(request: web.Request) -> web.Response:
        paths.append(request.path)
        assert "Google" == request.headers["Metadata-Flavor"]
        if request.path.endswith("/token"):
            return web.json_response({"access_token": "def", "expires_in": 1800, "token_type": "Bearer"})
        return web.json_response({"email": "a@p.iam.gserviceaccount.com", "scopes": ["x"]})

    host = urlsplit(await serve(give)).netloc
    monkeypatch.setenv("GCE_METADATA_HOST", host)
    monkeypatch.setattr("google.auth.compute_engine._metadata._GCE_METADATA_HOST", host)  # read when it is imported
    grant = await fetch()
    assert isinstance(grant, Grant)
    assert "def" == grant.token
    assert 1800 == pytest.approx(grant.seconds, abs=5)
    assert "/computeMetadata/v1/instance/service-accounts/default/token" in paths


@pytest.mark.parametrize(
    "text", ["", "secret", "{}", '{"client_email": "a", "token_uri": "b", "private_key": "secret"}']
)
async def test_bad_key_file(tmp_path: Path, text: str) -> None:
    """The reason for an unusable key file repeats nothing of its content."""
    path = tmp_path / "account.json"
    path.write_text(text)
    assert UNREADABLE == await fetch(path)


async def test_no_key_file(tmp_path: Path) -> None:
    """A missing key file has the same reason."""
    assert UNREADABLE == await fetch(tmp_path / "absent")


@pytest.mark.usefixtures("no_pause")
async def test_endpoint_is_down(closed_port: str, tmp_path: Path) -> None:
    """If there is no connection, its failure is the reason."""
    expected = Unavailable("no token could be fetched: connection refused")
    assert expected == await fetch(key_file(tmp_path, closed_port))


@pytest.mark.usefixtures("no_pause")
@pytest.mark.parametrize(("status", "body"), [(400, '{"error": "invalid_grant"}'), (200, "{}"), (200, "<html>")])
async def test_refused(serve: Start, tmp_path: Path, status: int, body: str) -> None:
    """A reply without a token has a fixed reason."""

    async def refuse(request: web.Request) -> web.Response:
        return web.Response(status=status, text=body)

    assert NO_TOKEN == await fetch(key_file(tmp_path, await serve(refuse)))


async def test_given_up(serve: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the request was cancelled, the library's thread stops trying."""
    pause, paused = threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    asked = 0

    async def be_busy(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.Response(status=503)

    def wait(_: float) -> None:
        loop.call_soon_threadsafe(paused.set)
        pause.wait(10)

    fetching = asyncio.create_task(fetch(key_file(tmp_path, await serve(be_busy))))
    monkeypatch.setattr("time.sleep", wait)
    async with asyncio.timeout(60):
        await paused.wait()
    fetching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fetching
    pause.set()
    await loop.shutdown_default_executor()
    assert 1 == asked


async def test_loop_goes_on(serve: Start, tmp_path: Path) -> None:
    """The event loop runs while the library waits."""
    turned = asyncio.Event()

    async def give(request: web.Request) -> web.Response:
        await turned.wait()
        return web.json_response({"access_token": "abc", "expires_in": 3600})

    fetching = asyncio.create_task(fetch(key_file(tmp_path, await serve(give))))
    await asyncio.sleep(0)
    turned.set()
    assert isinstance(await fetching, Grant)

"""How each kind of credentials is sent; each kind has its own tests."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web

from adapters.rest.credentials.authorization import Authorization, Way, authorization_of
from adapters.rest.credentials.opening import Credentials
from adapters.rest.credentials.settings import (
    BasicCredentials,
    BearerCredentials,
    CredentialSettings,
    GoogleCredentials,
    NoCredentials,
    OAuth2Credentials,
)
from adapters.rest.credentials.tokens import RenewedToken
from gateway.contract.outcome import Unavailable

Start = Callable[..., Awaitable[str]]

FILE = Path("secret")
KINDS: list[tuple[CredentialSettings, type]] = [
    (NoCredentials(), Credentials),
    (BasicCredentials(kind="basic", username="u", password_file=FILE), Credentials),
    (BearerCredentials(kind="bearer", token_file=FILE), Credentials),
    (GoogleCredentials(kind="google"), RenewedToken),
    (
        OAuth2Credentials(
            kind="oauth2_client_credentials", token_url="https://a/", client_id="c", client_secret_file=FILE
        ),
        RenewedToken,
    ),
]


@pytest.mark.parametrize(("settings", "expected"), KINDS, ids=lambda each: getattr(each, "kind", ""))
async def test_kinds(settings: CredentialSettings, expected: type) -> None:
    """A secret in a file is used as it is; a token is fetched, but not before it is needed."""
    authorization: Authorization = authorization_of(settings)
    assert expected is type(authorization)
    await authorization.close()


async def test_static_kinds_have_no_other(tmp_path: Path) -> None:
    """Credentials without a token endpoint stay the same after a refusal, without waiting."""
    path = tmp_path / "token"
    path.write_text("abc")
    authorization = authorization_of(BearerCredentials(kind="bearer", token_file=path))
    assert {"Authorization": "Bearer abc"} == authorization.headers() == await authorization.obtain()
    assert not authorization.refuse({"Authorization": "Bearer abc"})


async def test_pause_that_an_endpoint_asks_for_is_bounded(
    serve: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token endpoint that asks for a pause of a year is asked again soon."""
    monkeypatch.setattr("adapters.rest.credentials.tokens.FIRST_PAUSE", 0.01)
    (tmp_path / "secret").write_text("abc")
    asked = 0

    async def busy_once(_: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        if asked == 1:
            return web.Response(status=429, headers={"Retry-After": "31536000"})
        return web.json_response({"access_token": "abc"})

    settings = OAuth2Credentials(
        kind="oauth2_client_credentials",
        token_url=await serve(busy_once),
        client_id="c",
        client_secret_file=tmp_path / "secret",
    )
    authorization = authorization_of(settings, Way(max_retry_after=0.2))
    async with asyncio.timeout(60):
        while isinstance(await authorization.obtain(), Unavailable):
            await asyncio.sleep(0.05)
    assert 2 == asked
    await authorization.close()

"""The client credentials grant."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web

from adapters.rest.credentials.oauth2 import DEFAULT_SECONDS, LONGEST_SECONDS, ClientCredentials, read_grant
from adapters.rest.credentials.settings import OAuth2Credentials
from adapters.rest.credentials.tokens import Grant
from adapters.rest.endpoint import Endpoint
from adapters.rest.http.reply import Reply
from gateway.contract.outcome import Unavailable

Start = Callable[..., Awaitable[str]]


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """Make a file with a secret."""
    path = tmp_path / "secret"
    path.write_text("s/e:c ret\n")
    return path


class Endpoints:
    """A token endpoint that remembers what it was asked."""

    def __init__(self) -> None:
        self.headers: list[Any] = []
        self.forms: list[dict[str, list[str]]] = []

    async def __call__(self, request: web.Request) -> web.Response:
        """Give out a token."""
        self.headers.append(request.headers)
        self.forms.append(parse_qs(await request.text()))
        return web.json_response({"access_token": "abc", "token_type": "Bearer", "expires_in": 3600})


async def fetch(url: str, secret: Path, **settings: Any) -> Grant | Unavailable:
    """Return the token from *url*, or why there is none."""
    kind = "oauth2_client_credentials"
    every = {"kind": kind, "token_url": url, "client_id": "hilum:1", "client_secret_file": secret, **settings}
    return await ClientCredentials(OAuth2Credentials.model_validate(every), Endpoint(None)).fetch()


async def test_basic(serve: Start, secret: Path) -> None:
    """With `basic`, name and secret are in the header, each form-encoded first."""
    endpoint = Endpoints()
    assert Grant("abc", 3600) == await fetch(await serve(endpoint), secret)
    assert {"grant_type": ["client_credentials"]} == endpoint.forms[0]
    # hilum%3A1:s%2Fe%3Ac+ret
    assert "Basic aGlsdW0lM0ExOnMlMkZlJTNBYytyZXQ=" == endpoint.headers[0]["Authorization"]


async def test_post(serve: Start, secret: Path) -> None:
    """With `post`, name and secret are in the form, beside scope and audience."""
    endpoint = Endpoints()
    await fetch(await serve(endpoint), secret, client_auth="post", scope="a b", audience="urn:store")
    expected = {
        "grant_type": ["client_credentials"],
        "scope": ["a b"],
        "audience": ["urn:store"],
        "client_id": ["hilum:1"],
        "client_secret": ["s/e:c ret"],
    }
    assert expected == endpoint.forms[0]
    assert "Authorization" not in endpoint.headers[0]


async def test_secret_is_read_each_time(serve: Start, secret: Path) -> None:
    """A renewed secret is used for the next token; without one the endpoint is not asked."""
    endpoint = Endpoints()
    url = await serve(endpoint)
    secret.write_text("next")
    await fetch(url, secret, client_auth="post")
    secret.unlink()
    expected = Unavailable("the file of credentials.client_secret_file cannot be read")
    assert expected == await fetch(url, secret, client_auth="post")
    assert [["next"]] == [form["client_secret"] for form in endpoint.forms]


GRANTS: dict[str, tuple[object, float]] = {
    "a number": (60, 60),
    "a quoted number": ("60", 60),
    "a fraction": (0.5, 0.5),
    "nothing": (None, DEFAULT_SECONDS),
    "nonsense": ("soon", DEFAULT_SECONDS),
    "a bool": (True, DEFAULT_SECONDS),
    "negative": (-1, DEFAULT_SECONDS),
    "for ever": (1e300, LONGEST_SECONDS),
}


@pytest.mark.parametrize(("expires_in", "seconds"), GRANTS.values(), ids=GRANTS)
def test_lifetime(expires_in: object, seconds: float) -> None:
    """The lifetime of a token comes from the endpoint, within limits."""
    body = {"access_token": "abc"} | ({} if expires_in is None else {"expires_in": expires_in})
    assert Grant("abc", seconds) == read_grant(Reply(200, {}, json.dumps(body).encode()))


REPLIES = {
    "refused": (401, b'{"error": "invalid_client secret"}', "the token endpoint refuses it (HTTP 401)"),
    "a page": (200, b"<html>secret", "the token endpoint's reply holds none"),
    "no object": (200, b"[1]", "the token endpoint's reply holds none"),
    "no token": (200, b'{"access_token": 3}', "the token endpoint's reply holds none"),
    "another type": (
        200,
        b'{"access_token": "x", "token_type": "mac"}',
        "the token endpoint gives tokens of another type than bearer",
    ),
}


@pytest.mark.parametrize(("status", "body", "reason"), REPLIES.values(), ids=REPLIES)
def test_bad_reply(status: int, body: bytes, reason: str) -> None:
    """A reply without a token is a fixed sentence, with nothing of the reply in it."""
    expected = Unavailable(f"no token could be fetched: {reason}", retry_after=7)
    result = read_grant(Reply(status, {}, body, 7))
    assert isinstance(result, Unavailable)
    assert expected.reason == result.reason
    assert (7 if status != 200 else None) == result.retry_after

"""Incidents 9 to 11: the token is refused, the account may not, the token's file or endpoint is away."""

import json
from pathlib import Path

import pytest
from aiohttp import web

from tests.incidents.staging import Told, settings, staged
from tests.incidents.stores import LISTENERS, ROUTES, Answer, Store, answers, results, takes

pytestmark = [pytest.mark.slow, pytest.mark.slow, pytest.mark.timeout(900)]
CHALLENGES = {
    "expired": 'Bearer error="invalid_token", error_description="The access token expired"',
    "unknown": 'Bearer error="invalid_token"',
    "none": "",
}


def takes_token(token: str, challenge: str) -> Answer:
    """Return what takes messages with this *token* only."""

    async def answer(request: web.Request, _body: bytes) -> web.Response:
        if request.headers.get("Authorization") == f"Bearer {token}":
            return web.Response()
        return web.Response(status=401, headers={"WWW-Authenticate": challenge} if challenge else {})

    return answer


@pytest.mark.parametrize("challenge", CHALLENGES)
async def test_9_token_is_refused(tmp_path: Path, challenge: str) -> None:
    """The store refuses the token; that it has ended is said only if the store says so. Then somebody renews it."""
    token = tmp_path / "store-token"
    token.write_text("old")
    why = f"the token of {token} has ended." if challenge == "expired" else f"{token} was changed "
    told = Told(
        "credentials_refused",
        "results",
        "here",
        "results refuses our credentials (HTTP 401)",
        f"Renew {token}.",
        (why,),
    )
    store = Store()
    store.answer = takes_token("new", CHALLENGES[challenge])
    destination = results(store.url, f"credentials: {{kind: bearer, token_file: {token}}}")
    async with store.up(), staged(tmp_path, settings(tmp_path, LISTENERS, destination, ROUTES)) as stage:
        assert "AA" == await stage.message("lab", "C1")
        await stage.tells(told)
        assert ("has ended" in await stage.screen()) is (challenge == "expired")
        token.write_text("new")
        await stage.is_as_usual()
        await stage.has_logged_once(told)
        assert 1 == len(store.taken)


async def test_10_account_may_not(tmp_path: Path) -> None:
    """The service account lacks a permission of the Cloud Healthcare API; then somebody grants it."""
    token = tmp_path / "store-token"
    token.write_text("token")
    told = Told(
        "not_permitted",
        "results",
        "store",
        "Our account at results lacks healthcare.hl7V2Messages.ingest.",
        "The owner of results grants a role with healthcare.hl7V2Messages.ingest.",
    )
    error = {
        "code": 403,
        "message": "Permission healthcare.hl7V2Messages.ingest denied on resource projects/hospital.",
        "status": "PERMISSION_DENIED",
    }
    store = Store()
    store.answer = answers(403, json.dumps({"error": error}), Content_Type="application/json")
    destination = results(store.url, f"credentials: {{kind: bearer, token_file: {token}}}")
    async with store.up(), staged(tmp_path, settings(tmp_path, LISTENERS, destination, ROUTES)) as stage:
        assert "AA" == await stage.message("lab", "C1")
        await stage.tells(told)
        store.answer = takes
        await stage.is_as_usual()
        await stage.has_logged_once(told)


async def test_10_in_relay_mode(tmp_path: Path) -> None:
    """Nothing is sent again by itself, so only a quiet time without a failure shows that the fault may be over."""
    told = Told(
        "not_permitted",
        "results",
        "store",
        "results knows our account and does not let it do this (HTTP 403).",
        "The owner of results grants our account the right to store.",
        ("told failure and may send again; nothing waits here.",),
    )
    store = Store()
    store.answer = answers(403)
    async with store.up(), staged(tmp_path, settings(tmp_path, LISTENERS, results(store.url), ROUTES)) as stage:
        for number in range(3):
            assert "AR" == await stage.message("live", f"C{number}")
        await stage.tells(told)
        store.answer = takes
        assert "AA" == await stage.message("live", "C9")
        await stage.is_as_usual()
        await stage.has_logged_once(told)


async def test_11_token_file_is_missing(tmp_path: Path) -> None:
    """The file of the token is away when a message comes; then it is put back."""
    token = tmp_path / "store-token"
    token.write_text("token")
    told = Told(
        "credentials_file",
        "results",
        "here",
        f"The file {token} of its credentials cannot be read.",
        f"Put the secret into {token}, readable for Hilum.",
    )
    store = Store()
    destination = results(store.url, f"credentials: {{kind: bearer, token_file: {token}}}")
    async with store.up(), staged(tmp_path, settings(tmp_path, LISTENERS, destination, ROUTES)) as stage:
        token.unlink()
        assert "AA" == await stage.message("lab", "C1")
        await stage.tells(told)
        token.write_text("token")
        await stage.is_as_usual()
        await stage.has_logged_once(told)


async def test_11_token_endpoint_is_down(tmp_path: Path) -> None:
    """The server that gives out tokens is away; then it is started again."""
    secret = tmp_path / "client-secret"
    secret.write_text("secret")
    store, login = Store(), Store()
    login.answer = answers(
        200,
        json.dumps({"access_token": "t", "token_type": "Bearer", "expires_in": 3600}),
        Content_Type="application/json",
    )
    told = Told(
        "credentials_endpoint",
        "results",
        "network",
        f"The server that gives out tokens for it, 127.0.0.1:{login.port}, does not give one.",
        "Check the network to that server and the credentials, or call its owner.",
    )
    oauth = (
        f"kind: oauth2_client_credentials, token_url: {login.url}token, client_id: hilum, client_secret_file: {secret}"
    )
    destination = results(store.url, f"credentials: {{{oauth}}}")
    async with store.up(), staged(tmp_path, settings(tmp_path, LISTENERS, destination, ROUTES)) as stage:
        assert "AA" == await stage.message("lab", "C1")
        await stage.tells(told)
        async with login.up():
            await stage.is_as_usual()
            await stage.has_logged_once(told)

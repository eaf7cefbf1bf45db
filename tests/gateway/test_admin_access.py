"""Who may ask the admin port."""

import ssl
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession, ClientTimeout
from structlog.testing import capture_logs

from gateway.admin import Readiness, build_admin, serve_admin
from gateway.admin_access import SHORTEST, Access, access_by, access_of, read_token
from gateway.config import AdminSettings
from gateway.errors import ConfigError
from gateway.metrics import Metrics
from gateway.tls.opening import admin_entrance
from tests.certificates import Authority
from tests.gateway.fakes import FakeDestination

TOKEN = "0123456789abcdef"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    """Make a file with the token."""
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\n")
    return path


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Make a CA."""
    return Authority(tmp_path)


async def ask(
    access: Access, path: str = "/metrics", headers: dict[str, str] | None = None, *, tls: Any = None
) -> tuple[int, str]:
    """Return what *path* says; with *tls*, settings and the caller's context, over TLS."""
    readiness = Readiness({"store": FakeDestination()})
    readiness.bound({})
    app = build_admin(readiness, Metrics(), access=access)
    entrance = admin_entrance(tls[0]) if tls else None
    async with (
        serve_admin(app, "127.0.0.1", 0, entrance) as port,
        ClientSession(timeout=ClientTimeout(total=10)) as client,
        client.get(
            f"http{'s' if tls else ''}://127.0.0.1:{port}{path}", headers=headers, ssl=tls[1] if tls else True
        ) as reply,
    ):
        return reply.status, await reply.text()


HEADERS: dict[str, tuple[dict[str, str], int]] = {
    "the token": (BEARER, 200),
    "the scheme in another case": ({"Authorization": f"bEARER {TOKEN}"}, 200),
    "nothing": ({}, 401),
    "another token": ({"Authorization": f"Bearer {TOKEN}x"}, 401),
    "a part of it": ({"Authorization": f"Bearer {TOKEN[:-1]}"}, 401),
    "no token": ({"Authorization": "Bearer"}, 401),
    "another scheme": ({"Authorization": f"Basic {TOKEN}"}, 401),
    "no ASCII": ({"Authorization": "Bearer töken"}, 401),
}


@pytest.mark.parametrize(("headers", "status"), HEADERS.values(), ids=HEADERS)
async def test_token(headers: dict[str, str], status: int) -> None:
    """Only who shows the very token may ask for the metrics."""
    assert status == (await ask(access_by(TOKEN), headers=headers))[0]


async def test_refusal_says_what_to_show() -> None:
    """Who is turned away learns how to come in, and the log tells of it without what was shown."""
    with capture_logs() as logs:
        status, text = await ask(access_by(TOKEN), headers={"Authorization": "Bearer guess"})
    assert (401, True) == (status, "admin.token_file" in text)
    assert [("admin_request_refused", "127.0.0.1")] == [(each["event"], each["peer"]) for each in logs]
    assert "guess" not in str(logs)


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
async def test_probes(path: str) -> None:
    """Probes need no token."""
    assert 200 == (await ask(access_by(TOKEN), path))[0]


@pytest.mark.parametrize("path", ["/livez/", "//livez", "/readyz/../metrics", "/metrics?/livez", "/", "/api/v1/spool"])
async def test_no_way_around(path: str) -> None:
    """Nothing that only looks like a probe is answered to a stranger."""
    assert 401 == (await ask(access_by(TOKEN), path))[0]


async def test_strangers_learn_little() -> None:
    """Who shows no token learns the state and neither stores nor listeners."""
    assert (200, '{"state": "ready"}') == await ask(access_by(TOKEN), "/readyz")
    assert '"store"' in (await ask(access_by(TOKEN), "/readyz", BEARER))[1]


async def test_open() -> None:
    """Without a token, as on the loopback address, everybody may ask for everything."""
    access = access_of(AdminSettings())
    assert 200 == (await ask(access))[0]
    assert '"store"' in (await ask(access, "/readyz"))[1]


async def test_page_of_another_name() -> None:
    """A request that was made for another name, as of a page in a browser here, learns the state and nothing else."""
    rebound = {"Host": "evil.example:8080"}
    status, text = await ask(access_of(AdminSettings()), headers=rebound)
    assert (421, True) == (status, "admin.hosts" in text)
    assert (200, '{"state": "ready"}') == await ask(access_of(AdminSettings()), "/readyz", rebound)
    assert 200 == (await ask(access_of(AdminSettings()), "/livez", rebound))[0]


HOSTS: dict[str, tuple[AdminSettings, dict[str, str]]] = {
    "the name of a proxy": (AdminSettings(hosts=("proxy.example",)), {"Host": "proxy.example"}),
    "its own name": (AdminSettings(host="ward.example"), {"Host": "ward.example:8080"}),
    "localhost": (AdminSettings(), {"Host": "localhost:8080"}),
}


@pytest.mark.parametrize(("settings", "headers"), HOSTS.values(), ids=HOSTS)
async def test_names(settings: AdminSettings, headers: dict[str, str]) -> None:
    """The port answers to its own names."""
    assert 200 == (await ask(access_of(settings), headers=headers))[0]


async def test_token_under_any_name(token_file: Path) -> None:
    """Who shows the token may use any name: no page knows it."""
    access = access_of(AdminSettings(token_file=token_file))
    assert 200 == (await ask(access, headers={**BEARER, "Host": "hilum.monitoring.svc"}))[0]
    assert 421 == (await ask(access, headers={"Host": "hilum.monitoring.svc"}))[0]


async def test_token_on_loopback(token_file: Path) -> None:
    """A token that is configured is demanded on the loopback address too."""
    access = access_of(AdminSettings(token_file=token_file))
    assert [401, 200] == [(await ask(access))[0], (await ask(access, headers=BEARER))[0]]


async def test_token_is_read_again(token_file: Path) -> None:
    """A new token is valid from the next request on, and the old one is not."""
    access = access_of(AdminSettings(token_file=token_file))
    token_file.write_text("fedcba9876543210")
    new = {"Authorization": "Bearer fedcba9876543210"}
    assert [401, 200] == [(await ask(access, headers=BEARER))[0], (await ask(access, headers=new))[0]]


async def test_token_is_gone(token_file: Path) -> None:
    """Without its file no token is valid: that is how one is taken back."""
    access = access_of(AdminSettings(token_file=token_file))
    token_file.unlink()
    with capture_logs() as logs:
        assert 401 == (await ask(access, headers=BEARER))[0]
    assert "admin_token_lost" in [each["event"] for each in logs]


BAD = {
    "short": (b"short", f"holds fewer than {SHORTEST} characters; make a longer one"),
    "empty": (b" \n", f"holds fewer than {SHORTEST} characters; make a longer one"),
    "not ASCII": ("töken-töken-töken".encode(), "holds other characters than ASCII; make a new token"),
}


@pytest.mark.parametrize(("content", "text"), BAD.values(), ids=BAD)
def test_bad_token(token_file: Path, content: bytes, text: str) -> None:
    """A token that is no good ends the start, and is not repeated."""
    token_file.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        access_of(AdminSettings(token_file=token_file))
    assert str(caught.value).startswith(f"admin.token_file: {token_file} {text}")


def test_absent_token(tmp_path: Path) -> None:
    """So does a file that is not there."""
    with pytest.raises(ConfigError, match=r"^admin\.token_file: .* cannot be read: No such file"):
        read_token(tmp_path / "absent")


def tls(authority: Authority, client_auth: str, **settings: Any) -> Any:
    """Return TLS settings of an admin port."""
    pair = authority.issue("admin")
    every = {"certificate_file": pair.certificate, "key_file": pair.key, "client_auth": client_auth, **settings}
    return AdminSettings.model_validate({"tls": {**every, "client_ca_file": authority.certificate}}).tls


@pytest.fixture
def contexts(authority: Authority) -> dict[str, ssl.SSLContext]:
    """Make callers: one that shows a certificate and one that does not."""
    return {"known": authority.client(authority.issue("operator", key=2)), "stranger": authority.client()}


CERTIFICATES = {
    "required, shown": ("required", False, "known", {}, 200),
    "required, not shown": ("required", False, "stranger", {}, 401),
    "required beside the token, both": ("required", True, "known", BEARER, 200),
    "required beside the token, no token": ("required", True, "known", {}, 401),
    "required beside the token, no certificate": ("required", True, "stranger", BEARER, 401),
    "optional, certificate": ("optional", True, "known", {}, 200),
    "optional, token": ("optional", True, "stranger", BEARER, 200),
    "optional, nothing": ("optional", True, "stranger", {}, 401),
}


@pytest.mark.parametrize("case", CERTIFICATES.values(), ids=CERTIFICATES)
async def test_certificates(
    authority: Authority,
    token_file: Path,
    contexts: dict[str, ssl.SSLContext],
    case: tuple[str, bool, str, dict[str, str], int],
) -> None:
    """A certificate stands in for the token, or is demanded beside it; probes need neither."""
    client_auth, has_token, caller, headers, status = case
    settings = tls(authority, client_auth)
    access = access_of(AdminSettings(tls=settings, token_file=token_file if has_token else None))
    assert status == (await ask(access, headers=headers, tls=(settings, contexts[caller])))[0]
    assert 200 == (await ask(access, "/livez", tls=(settings, contexts[caller])))[0]


async def test_optional_alone_beyond_this_machine(authority: Authority, contexts: dict[str, ssl.SSLContext]) -> None:
    """Where a certificate is all that could be shown, it has to be shown."""
    settings = tls(authority, "optional")
    access = access_of(AdminSettings(host="0.0.0.0", tls=settings))
    assert 401 == (await ask(access, tls=(settings, contexts["stranger"])))[0]
    assert 200 == (await ask(access, tls=(settings, contexts["known"])))[0]


async def test_wrong_name(authority: Authority, contexts: dict[str, ssl.SSLContext]) -> None:
    """A certificate for somebody else is turned away at once."""
    settings = tls(authority, "required", client_names=["cn:prometheus"])
    with pytest.raises(ClientError):
        await ask(access_of(AdminSettings(tls=settings)), "/livez", tls=(settings, contexts["known"]))

"""Access control of the admin port."""

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession, ClientTimeout, web
from structlog.testing import capture_logs

from gateway.admin import access as admin_access
from gateway.admin.access import Access, access_by
from gateway.admin.server import Readiness, build_admin, serve_admin
from gateway.admin.settings import AdminSettings
from gateway.admin.token_file import own_token_file
from gateway.spool.database.connections import DATABASE
from gateway.telemetry.metrics import Metrics
from gateway.tls.opening import admin_tls_acceptor
from tests.certificates import Authority
from tests.gateway.fakes import FakeDestination

TOKEN = "0123456789abcdef"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
PORT = 8080
"""The port in the Host header of requests."""
ENTRIES, PAYLOAD, RETRY = (f"/api/v1/spool/{each}" for each in ("entries", "entries/1/payload", "retry"))


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


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """Make a folder with a spool in it."""
    (tmp_path / "spool" / "1").mkdir(parents=True)
    (tmp_path / "spool" / "1" / DATABASE).touch()
    return tmp_path


def access_of(settings: AdminSettings, data_dir: Path = Path("/nowhere")) -> Access:
    """Return the access to a gateway, by default to one without a spool."""
    return admin_access.access_of(settings, data_dir)


def shown_token(data_dir: Path) -> dict[str, str]:
    """Return the header that shows the token in *data_dir*."""
    return {"Authorization": f"Bearer {own_token_file(data_dir).read_text().strip()}"}


async def ask(
    access: Access,
    path: str = "/metrics",
    headers: Mapping[str, str] | None = None,
    *,
    tls: Any = None,
    method: str = "GET",
) -> tuple[int, str]:
    """Return what *path* says; with *tls*, settings and the caller's context, over TLS."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text="a message")

    readiness = Readiness({"store": FakeDestination()})
    readiness.bound({})
    app = build_admin(readiness, Metrics(), access=access)
    app.add_routes([web.get(ENTRIES, answer), web.get(PAYLOAD, answer, allow_head=False), web.post(RETRY, answer)])
    tls_acceptor = admin_tls_acceptor(tls[0]) if tls else None
    async with (
        serve_admin(app, "127.0.0.1", 0, tls_acceptor) as port,
        ClientSession(timeout=ClientTimeout(total=10)) as client,
        client.request(
            method,
            f"http{'s' if tls else ''}://127.0.0.1:{port}{path}",
            headers={"Host": f"localhost:{PORT}", **(headers or {})},
            ssl=tls[1] if tls else True,
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
    """Only a request with the exact token gets the metrics."""
    assert status == (await ask(access_by(TOKEN), headers=headers))[0]


async def test_refusal_says_what_to_show() -> None:
    """A refused request gets an error that says what to send; it is logged without the credentials sent."""
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
    """Paths that only resemble a probe are refused without the token."""
    assert 401 == (await ask(access_by(TOKEN), path))[0]


async def test_strangers_learn_little() -> None:
    """Without the token, /readyz has the state, but no destinations or listeners."""
    assert (200, '{"state": "ready"}') == await ask(access_by(TOKEN), "/readyz")
    assert '"store"' in (await ask(access_by(TOKEN), "/readyz", BEARER))[1]


async def test_open() -> None:
    """Without a spool there is nothing that needs a token on the loopback address."""
    access = access_of(AdminSettings())
    assert 200 == (await ask(access))[0]
    assert '"store"' in (await ask(access, "/readyz"))[1]


OWN: dict[str, tuple[str, str, Mapping[str, str], int]] = {
    "alive": ("GET", "/livez", {}, 200),
    "ready": ("GET", "/readyz", {}, 200),
    "metrics": ("GET", "/metrics", {}, 200),
    "metrics without a body": ("HEAD", "/metrics", {}, 200),
    "metrics with a query": ("GET", "/metrics?counters", {}, 200),
    "entries": ("GET", ENTRIES, {}, 401),
    "entries without a body": ("HEAD", ENTRIES, {}, 401),
    "entries by another path": ("GET", "/metrics/..%2fapi/v1/spool/entries", {}, 401),
    "a payload": ("GET", PAYLOAD, {}, 401),
    "an action": ("POST", RETRY, {"Content-Type": "application/json"}, 401),
    "a form": ("POST", RETRY, {"Content-Type": "text/plain"}, 401),
    "whether a page may": ("OPTIONS", RETRY, {"Access-Control-Request-Method": "POST"}, 401),
    "what there is not": ("GET", "/nowhere", {}, 401),
}


@pytest.mark.parametrize(("method", "path", "headers", "status"), OWN.values(), ids=OWN)
async def test_own_token(data_dir: Path, method: str, path: str, headers: Mapping[str, str], status: int) -> None:
    """On loopback without a token_file, state and metrics are open, and other paths need Hilum's own token."""
    access = access_of(AdminSettings(), data_dir)
    assert status == (await ask(access, path, headers, method=method))[0]
    if status == 401:
        assert (await ask(access, path, {**headers, **shown_token(data_dir)}, method=method))[0] in (200, 404, 405)


async def test_own_token_is_named(data_dir: Path) -> None:
    """A refused request gets the path of the token file; the whole state needs no token."""
    access = access_of(AdminSettings(), data_dir)
    assert f"the bearer token in {data_dir / 'admin-token'}" in (await ask(access, PAYLOAD))[1]
    assert '"store"' in (await ask(access, "/readyz"))[1]


async def test_own_token_is_renewed(data_dir: Path) -> None:
    """A new token in the file is valid from the next request on, the old one is not; without the file none is."""
    access = access_of(AdminSettings(), data_dir)
    old = shown_token(data_dir)
    own_token_file(data_dir).write_text(TOKEN)
    assert [401, 200] == [(await ask(access, PAYLOAD, each))[0] for each in (old, BEARER)]
    own_token_file(data_dir).unlink()
    assert [401, 200] == [(await ask(access, path, BEARER))[0] for path in (PAYLOAD, "/metrics")]


def test_no_token_is_made(tmp_path: Path, token_file: Path, data_dir: Path, authority: Authority) -> None:
    """Hilum makes no token if there is no spool, or if another token or a certificate is demanded."""
    access_of(AdminSettings(), tmp_path / "no spool")
    access_of(AdminSettings(token_file=token_file), data_dir)
    access_of(AdminSettings(tls=tls(authority, "required")), data_dir)
    access_of(AdminSettings(host="0.0.0.0", tls=tls(authority, "optional")), data_dir)
    assert not own_token_file(data_dir).exists()


async def test_certificate_in_place_of_our_own_token(
    data_dir: Path, authority: Authority, contexts: dict[str, ssl.SSLContext]
) -> None:
    """On the loopback address an optional certificate stands in for our own token too."""
    settings = tls(authority, "optional")
    access = access_of(AdminSettings(tls=settings), data_dir)
    callers = [(settings, contexts[each]) for each in ("known", "stranger")]
    assert [200, 401] == [(await ask(access, PAYLOAD, tls=each))[0] for each in callers]
    assert [200, 200] == [(await ask(access, "/metrics", tls=each))[0] for each in callers]


CROSS, LINK = {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
PAGES: dict[str, tuple[Mapping[str, str], int, int]] = {
    # what a browser says, and the status of /metrics and of a payload
    "no browser": ({}, 200, 200),
    "an address that was typed": ({"Sec-Fetch-Site": "none", **LINK}, 200, 200),
    "a page of ours": ({"Sec-Fetch-Site": "same-origin", "Origin": f"http://localhost:{PORT}"}, 200, 200),
    "a page of another site": (CROSS, 403, 403),
    "a page of another port": ({"Sec-Fetch-Site": "same-site"}, 403, 403),
    "a link in another page": ({**CROSS, **LINK}, 200, 403),
    "a frame in another page": ({**CROSS, **LINK, "Sec-Fetch-Dest": "iframe"}, 403, 403),
    "an image in another page": ({**CROSS, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, 403, 403),
    "another origin": ({"Origin": "http://evil.example"}, 403, 403),
    "another origin, by its link": ({"Origin": "http://evil.example", **LINK}, 403, 403),
}


@pytest.mark.parametrize(("headers", "metrics", "payload"), PAGES.values(), ids=PAGES)
async def test_pages_of_others(
    authority: Authority,
    contexts: dict[str, ssl.SSLContext],
    headers: Mapping[str, str],
    metrics: int,
    payload: int,
) -> None:
    """A foreign page cannot use a browser's certificate; links may be followed."""
    settings = tls(authority, "required")
    access, caller = access_of(AdminSettings(tls=settings)), (settings, contexts["known"])
    assert metrics == (await ask(access, headers=headers, tls=caller))[0]
    assert payload == (await ask(access, PAYLOAD, headers, tls=caller))[0]
    assert 200 == (await ask(access, "/livez", headers, tls=caller))[0]


async def test_page_posts(authority: Authority, contexts: dict[str, ssl.SSLContext]) -> None:
    """A POST of a foreign page is refused with any headers, also with those of a followed link."""
    settings = tls(authority, "required")
    access, caller = access_of(AdminSettings(tls=settings)), (settings, contexts["known"])
    for headers in (CROSS, {**CROSS, **LINK}, {"Origin": "null"}):
        assert 403 == (await ask(access, RETRY, headers, tls=caller, method="POST"))[0]


async def test_page_with_the_token(token_file: Path) -> None:
    """A request with the token may have any origin: a foreign page does not know the token."""
    access = access_of(AdminSettings(token_file=token_file))
    assert 200 == (await ask(access, headers={**BEARER, **CROSS, "Origin": "https://monitoring.example"}))[0]


async def test_page_learns_little() -> None:
    """A foreign page gets the state, but no destinations or listeners."""
    assert (200, '{"state": "ready"}') == await ask(access_of(AdminSettings()), "/readyz", CROSS)


async def test_page_behind_a_proxy() -> None:
    """A page that a proxy offers under a name of admin.hosts is one of ours, whatever Host the proxy sends."""
    access = access_of(AdminSettings(hosts=("Hilum.example",)))
    assert 200 == (await ask(access, headers={"Origin": "https://hilum.example"}))[0]


async def test_page_of_another_name() -> None:
    """A request with a foreign Host, as in DNS rebinding, gets the state and nothing else."""
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
    """A request with the token may have any Host: no foreign page knows the token."""
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
    """If its file is removed, no token is valid: this is how to revoke one."""
    access = access_of(AdminSettings(token_file=token_file))
    token_file.unlink()
    with capture_logs() as logs:
        assert 401 == (await ask(access, headers=BEARER))[0]
    assert "admin_token_lost" in [each["event"] for each in logs]


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
    """A certificate replaces the token, or is demanded in addition; probes need neither."""
    client_auth, has_token, caller, headers, status = case
    settings = tls(authority, client_auth)
    access = access_of(AdminSettings(tls=settings, token_file=token_file if has_token else None))
    assert status == (await ask(access, headers=headers, tls=(settings, contexts[caller])))[0]
    assert 200 == (await ask(access, "/livez", tls=(settings, contexts[caller])))[0]


async def test_optional_alone_beyond_this_machine(authority: Authority, contexts: dict[str, ssl.SSLContext]) -> None:
    """If there is no token, an optional certificate is demanded."""
    settings = tls(authority, "optional")
    access = access_of(AdminSettings(host="0.0.0.0", tls=settings))
    assert 401 == (await ask(access, tls=(settings, contexts["stranger"])))[0]
    assert 200 == (await ask(access, tls=(settings, contexts["known"])))[0]


async def test_wrong_name(authority: Authority, contexts: dict[str, ssl.SSLContext]) -> None:
    """A certificate with a name that is not allowed is rejected at once."""
    settings = tls(authority, "required", client_names=["cn:prometheus"])
    with pytest.raises(ClientError):
        await ask(access_of(AdminSettings(tls=settings)), "/livez", tls=(settings, contexts["known"]))

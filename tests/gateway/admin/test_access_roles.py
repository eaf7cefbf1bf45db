"""Who may do what at the admin port: each role, path and method, with a bearer token and with a session."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, ClientTimeout, CookieJar, web

from gateway.admin.access import COOKIE, access_of
from gateway.admin.callers import CALLER, caller_of
from gateway.admin.server import serve_admin
from gateway.admin.settings import AdminSettings

TOKENS = {name: f"{name:0<16}" for name in ("token", "viewer", "operator", "payload")}
NOBODY = "nobody"
REQUESTS = {
    # method and path: the status for nobody, viewer, operator, payload and for who has everything
    ("GET", "/"): (401, 200, 200, 200, 200),
    ("GET", "/messages"): (401, 200, 200, 200, 200),
    ("GET", "/peers/CT1"): (401, 200, 200, 200, 200),
    ("GET", "/screen/live"): (401, 200, 200, 200, 200),
    ("GET", "/api/v1/status"): (401, 200, 200, 200, 200),
    ("GET", "/api/v1/spool/entries"): (401, 200, 200, 200, 200),
    ("GET", "/metrics"): (401, 200, 200, 200, 200),
    ("POST", "/actions/retry"): (401, 403, 200, 403, 200),
    ("POST", "/api/v1/spool/discard"): (401, 403, 200, 403, 200),
    ("PUT", "/api/v1/anything"): (401, 403, 200, 403, 200),
    ("GET", "/spool/1/payload"): (401, 403, 403, 200, 200),
    ("POST", "/spool/1/payload"): (401, 403, 403, 200, 200),
    ("GET", "/api/v1/spool/entries/1/payload"): (401, 403, 403, 200, 200),
    ("POST", "/sign-out"): (401, 200, 200, 200, 200),
    ("GET", "/sign-in"): (200, 200, 200, 200, 200),
    ("GET", "/static/screen.css"): (200, 200, 200, 200, 200),
    ("GET", "/livez"): (200, 200, 200, 200, 200),
}
ROLES = (NOBODY, "viewer", "operator", "payload", "token")
CASES = [(line, role, status) for line, row in REQUESTS.items() for role, status in zip(ROLES, row, strict=True)]


@pytest.fixture
def settings(tmp_path: Path) -> AdminSettings:
    """Make the settings with a token for each role."""
    files = {}
    for name, token in TOKENS.items():
        path = tmp_path / name
        path.write_text(token)
        files["token_file" if name == "token" else f"{name}_token_file"] = path
    return AdminSettings.model_validate(files)


class Port:
    """A port that answers every allowed request with who asks; its sessions are made without a sign-in page."""

    def __init__(self, settings: AdminSettings) -> None:
        self.access = access_of(settings, Path("/nowhere"))
        self.application = web.Application(middlewares=[self.access.guard()])
        self.application.router.add_route("*", "/{path:.*}", self.answer)
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        """Answer with who asks."""
        return web.Response(text=f"{caller_of(request)}; {request[CALLER].csrf}")

    def cookie(self, token: str, name: str = "") -> str:
        """Begin a session."""
        proof = self.access.proof(token)
        assert proof is not None
        return self.access.sessions.begin(proof, name, 0.0)

    async def ask(self, method: str, path: str, **headers: str) -> tuple[int, str]:
        """Return the answer to a request."""
        async with (
            ClientSession(timeout=ClientTimeout(total=10), cookie_jar=CookieJar()) as client,
            client.request(
                method,
                self.url + path,
                headers={k.replace("_", "-"): v for k, v in headers.items()},
                allow_redirects=False,
            ) as reply,
        ):
            return reply.status, reply.headers.get("Location", "") or await reply.text()


@pytest.fixture
async def port(settings: AdminSettings) -> AsyncIterator[Port]:
    """Serve the port; its clock stands still."""
    made = Port(settings)
    made.access._clock = lambda: 0.0
    async with serve_admin(made.application, "127.0.0.1", 0) as number:
        made.url = f"http://127.0.0.1:{number}"
        yield made


@pytest.mark.parametrize(("line", "role", "status"), CASES, ids=str)
async def test_role(port: Port, line: tuple[str, str], role: str, status: int) -> None:
    """The table holds with a bearer token, and in a session with the session's token for forms."""
    bearer = {} if role == NOBODY else {"Authorization": f"Bearer {TOKENS[role]}"}
    assert status == (await port.ask(*line, **bearer))[0]
    if role != NOBODY:
        cookie = port.cookie(TOKENS[role])
        session = port.access.sessions.find(cookie, 0.0)
        assert session is not None
        headers = {"Cookie": f"{COOKIE}={cookie}", "X_CSRF_Token": session.caller.csrf}
        assert status == (await port.ask(*line, **headers))[0]


async def test_who(port: Port) -> None:
    """The audit trail can tell a token from a session, with the role and the name that was given."""
    cookie = f"{COOKIE}={port.cookie(TOKENS['operator'], 'a.meier')}"
    said = [
        (await port.ask("GET", "/", **headers))[1].split(";")[0]
        for headers in (
            {"Authorization": f"Bearer {TOKENS['token']}"},
            {"Authorization": f"Bearer {TOKENS['viewer']}"},
            {"Cookie": cookie},
        )
    ]
    assert ["admin token at 127.0.0.1", "viewer token at 127.0.0.1", "operator a.meier at 127.0.0.1"] == said


async def test_no_form_without_the_token(port: Port) -> None:
    """In a session a POST needs the token of the session: in the form, or in a header."""
    cookie = port.cookie(TOKENS["token"])
    session = port.access.sessions.find(cookie, 0.0)
    assert session is not None
    headers = {"Cookie": f"{COOKIE}={cookie}"}
    assert 403 == (await port.ask("POST", "/actions/retry", **headers))[0]
    assert 403 == (await port.ask("POST", "/sign-out", **headers))[0]
    async with ClientSession() as client:
        for token, status in ((session.caller.csrf, 200), ("", 403), ("x", 403)):
            sent = client.post(f"{port.url}/actions/retry", data={"csrf": token}, headers=headers)
            async with sent as reply:
                assert status == reply.status


async def test_origin_in_a_session(port: Port) -> None:
    """A page of another origin is refused, also with the cookie and the token."""
    cookie = port.cookie(TOKENS["token"])
    session = port.access.sessions.find(cookie, 0.0)
    assert session is not None
    headers = {"Cookie": f"{COOKIE}={cookie}", "X_CSRF_Token": session.caller.csrf}
    assert 200 == (await port.ask("POST", "/actions/retry", Origin=port.url, **headers))[0]
    assert 403 == (await port.ask("POST", "/actions/retry", Origin="http://evil.example", **headers))[0]
    assert 403 == (await port.ask("POST", "/actions/retry", Origin="null", **headers))[0]
    assert 421 == (await port.ask("POST", "/actions/retry", Host="evil.example", **headers))[0]


async def test_session_ends_with_its_token(port: Port, settings: AdminSettings) -> None:
    """When the file of the token changes, the sessions that began with the old one end, and no others."""
    cookies = {role: {"Cookie": f"{COOKIE}={port.cookie(TOKENS[role])}"} for role in ("viewer", "operator")}
    assert settings.viewer_token_file is not None
    settings.viewer_token_file.write_text("another-viewer-token")
    assert [401, 200] == [(await port.ask("GET", "/", **each))[0] for each in cookies.values()]
    settings.viewer_token_file.write_text(TOKENS["viewer"])  # the session has ended for good
    assert 401 == (await port.ask("GET", "/", **cookies["viewer"]))[0]


async def test_people_are_sent_to_the_sign_in_page(port: Port) -> None:
    """A browser without a session comes to the sign-in page, and from there to where it wanted; a program gets 401."""
    html = {"Accept": "text/html,*/*;q=0.8"}
    assert (303, "/sign-in?to=/spool?state%3Dparked") == await port.ask("GET", "/spool?state=parked", **html)
    assert 401 == (await port.ask("GET", "/api/v1/status", **html))[0]
    assert 401 == (await port.ask("POST", "/actions/retry", **html))[0]
    assert 401 == (await port.ask("GET", "/spool", Accept="*/*"))[0]
    assert 421 == (await port.ask("GET", "/spool", Host="evil.example", **html))[0]


async def test_link_in_another_page(port: Port) -> None:
    """Who follows a link from elsewhere comes to the sign-in page: the browser keeps the cookie back until then."""
    link = {
        "Accept": "text/html",
        "Sec_Fetch_Site": "cross-site",
        "Sec_Fetch_Mode": "navigate",
        "Sec_Fetch_Dest": "document",
    }
    assert (303, "/sign-in?to=/peers") == await port.ask("GET", "/peers", **link)
    assert 200 == (await port.ask("GET", "/sign-in", **link))[0]
    assert 403 == (await port.ask("GET", "/peers", **{**link, "Sec_Fetch_Dest": "iframe"}))[0]
    assert 403 == (await port.ask("POST", "/sign-in", **link))[0]

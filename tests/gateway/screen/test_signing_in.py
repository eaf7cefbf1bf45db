"""Signing in, and out."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.admin.access import access_of
from gateway.admin.attempts import MOST
from gateway.admin.settings import AdminSettings
from gateway.contract.acts import Act
from gateway.tls.opening import admin_tls_acceptor
from tests.certificates import Authority
from tests.gateway.screen.screens import HTML, TOKEN, FakeSource, serving


class Trail:
    """An audit trail that keeps the acts."""

    def __init__(self) -> None:
        self.acts: list[Act] = []

    async def tell(self, act: Act) -> Sequence[str]:
        """Keep an act."""
        self.acts.append(act)
        return []


async def test_sign_in() -> None:
    """The token opens the pages, through a cookie that no script can read and no other site can send."""
    trail = Trail()
    async with serving(tell=trail.tell) as port:
        assert 303 == (await port.get("/"))[0]
        with capture_logs() as logs:
            form = {"token": f" {TOKEN}\n", "name": "a.meier", "to": "/peers?x=1"}
            async with port.client.post(f"{port.url}/sign-in", data=form, allow_redirects=False) as reply:
                assert (303, "/peers?x=1") == (reply.status, reply.headers["Location"])
                cookie = reply.headers["Set-Cookie"]
        assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
        assert "Secure" not in cookie
        code, text = await port.get("/")
        assert (200, True) == (code, "a.meier (administrator)" in text)
    assert TOKEN not in cookie + str(logs) + str(trail.acts) + text
    assert [("administrator a.meier", "signed in at the admin port", True)] == [
        (each.by, each.what, each.is_done) for each in trail.acts
    ]


async def test_wrong_token() -> None:
    """A wrong token opens nothing, is logged and audited without what was sent, and the form says what to do."""
    trail = Trail()
    async with serving(tell=trail.tell) as port:
        with capture_logs() as logs:
            form = {"token": "wrong-guess", "name": "mallory"}
            async with port.client.post(f"{port.url}/sign-in", data=form) as reply:
                text = await reply.text()
                assert (401, False) == (reply.status, "Set-Cookie" in reply.headers)
        assert "This token is not valid." in text
    assert [("admin_sign_in_refused", "no valid token")] == [(each["event"], each["reason"]) for each in logs]
    assert "guess" not in text + str(logs) + str(trail.acts)
    assert [False] == [each.is_done for each in trail.acts]


async def test_too_many_attempts() -> None:
    """After ten failures in a minute not even the right token is looked at; the answer says how long to wait."""
    async with serving() as port:
        assert [401] * MOST == [await port.sign_in("wrong") for _ in range(MOST)]
        async with port.client.post(f"{port.url}/sign-in", data={"token": TOKEN}) as reply:
            assert (429, True) == (reply.status, 0 < int(reply.headers["Retry-After"]) <= 60)


async def test_sign_out() -> None:
    """After signing out the cookie is worth nothing, also in another browser that had a copy."""
    async with serving() as port:
        await port.sign_in()
        copy = {each.key: each.value for each in port.client.cookie_jar}
        csrf = (await port.get("/"))[1].partition('name="csrf" value="')[2].partition('"')[0]
        async with port.client.post(f"{port.url}/sign-out", data={"csrf": csrf}, allow_redirects=False) as reply:
            assert (303, "/sign-in") == (reply.status, reply.headers["Location"])
        assert [] == list(port.client.cookie_jar)
        async with port.client.get(port.url + "/", headers=HTML, cookies=copy, allow_redirects=False) as reply:
            assert 303 == reply.status


async def test_sign_in_again() -> None:
    """Signing in again ends the session before."""
    async with serving() as port:
        await port.sign_in()
        copy = {each.key: each.value for each in port.client.cookie_jar}
        assert 303 == await port.sign_in()
        assert 200 == (await port.get("/"))[0]
        port.client.cookie_jar.clear()
        async with port.client.get(port.url + "/", headers=HTML, cookies=copy, allow_redirects=False) as reply:
            assert 303 == reply.status


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
async def test_no_way_elsewhere(to: str) -> None:
    """After the sign-in a browser stays here, wherever the link wanted to lead it."""
    async with serving() as port:
        form = {"token": TOKEN, "to": to}
        async with port.client.post(f"{port.url}/sign-in", data=form, allow_redirects=False) as reply:
            assert "/" == reply.headers["Location"]
        async with port.client.get(f"{port.url}/sign-in", params={"to": to}) as reply:
            assert "evil" not in await reply.text()


async def test_hostile_name() -> None:
    """What somebody calls themselves is text on a page and one line in the log."""
    async with serving() as port:
        with capture_logs() as logs:
            await port.sign_in(name="<script>alert(1)</script>\nadmin_signed_in")
        text = (await port.get("/"))[1]
    assert "<script>alert" not in text
    assert "\n" not in str(logs[0]["by"])


async def test_over_tls(tmp_path: Path) -> None:
    """Over TLS the cookie is for TLS and this host only."""
    authority = Authority(tmp_path)
    pair = authority.issue("admin")
    token = tmp_path / "token"
    token.write_text(TOKEN)
    tls = {"certificate_file": pair.certificate, "key_file": pair.key}
    settings = AdminSettings.model_validate({"tls": tls, "token_file": token})
    assert settings.tls is not None
    acceptor, context = admin_tls_acceptor(settings.tls), authority.client()
    context.check_hostname = False
    async with serving(FakeSource(), access_of(settings, tmp_path), settings, tls=(acceptor, context)) as port:
        form = {"token": TOKEN}
        async with port.client.post(f"{port.url}/sign-in", data=form, ssl=context, allow_redirects=False) as reply:
            cookie = reply.headers["Set-Cookie"]
    assert cookie.startswith("__Host-hilum_session=")
    assert "Secure" in cookie.split("; ")


async def test_certificate_needs_no_session(tmp_path: Path) -> None:
    """Whoever has a certificate sees the pages with their verbs, and their forms are checked all the same."""
    authority = Authority(tmp_path)
    pair = authority.issue("admin")
    tls = {"certificate_file": pair.certificate, "key_file": pair.key, "client_auth": "required"}
    settings = AdminSettings.model_validate({"tls": {**tls, "client_ca_file": authority.certificate}})
    assert settings.tls is not None
    acceptor, context = admin_tls_acceptor(settings.tls), authority.client(authority.issue("operator", key=2))
    context.check_hostname = False
    async with serving(FakeSource(), access_of(settings, tmp_path), settings, tls=(acceptor, context)) as port:
        async with port.client.get(port.url + "/", headers=HTML, ssl=context) as reply:
            text = await reply.text()
        csrf = text.partition('name="csrf" value="')[2].partition('"')[0]
        assert csrf
        for shown, status in ((csrf, 404), ("x" * 64, 403)):  # 404: no page has this action here
            sent = port.client.post(f"{port.url}/actions/retry", data={"csrf": shown}, ssl=context)
            async with sent as reply:
                assert status == reply.status

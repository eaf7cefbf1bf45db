"""Hostile names on every page, and every page without a session."""

from html.parser import HTMLParser
from pathlib import Path

from gateway.screen.headers import CONTENT_SECURITY_POLICY
from gateway.screen.rendering import NAVIGATION
from tests.gateway.screen.further import HOSTILE, QUOTED, Gateway, gateway
from tests.gateway.screen.screens import BEARER

NAME = "%3Cscript%3Ewindow.broken%3D1%3C%2Fscript%3E"


def paths(port: Gateway) -> list[str]:
    """Return the address of every page."""
    return [
        "/messages",
        f"/messages?peer={NAME}&id=%22%3E%3Cimg+src%3Dx%3E",
        f"/messages/{NAME}",
        "/messages/m1",
        "/spool",
        f"/spool/entries?reason_like={NAME}",
        "/spool/entries",
        f"/spool/entries/{port.parked}",
        f"/spool/entries/{NAME}",
        f"/spool/entries/{port.parked}/payload",
        f"/actions/{NAME}",
        "/peers",
        f"/peers?text={NAME}",
        f"/peers/{NAME}",
        f"/peers/adt/{NAME}",
        "/destinations",
        "/destinations/image-store",
        f"/destinations/{NAME}",
        "/certificates",
        "/configuration",
        f"/configuration?text={NAME}",
    ]


class Attacks(HTMLParser):
    """Finds what a hostile name would become if it was not escaped."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.scripts = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count scripts; an image, a handler of events or a style is an attack."""
        self.scripts += tag == "script"
        bad = [name for name, _ in attrs if name.startswith("on") or name == "style"]
        self.found += [f"{tag} {name}" for name in bad] + (["img"] if tag == "img" else [])


async def test_hostile_names(tmp_path: Path) -> None:
    """No name becomes an element, a script or a handler, and each page has the policy that would stop one."""
    async with gateway(tmp_path) as port:
        await port.sign_in(name=HOSTILE)
        shown = 0
        for path in paths(port):
            async with port.client.get(port.url + path) as reply:
                text = await reply.text()
                assert CONTENT_SECURITY_POLICY == reply.headers["Content-Security-Policy"], path
                assert "no-store" == reply.headers["Cache-Control"], path
            page = Attacks(text)
            assert ([], 1) == (page.found, page.scripts), path
            assert HOSTILE not in text, path
            assert QUOTED not in text, path
            shown += "&lt;script&gt;" in text
        assert shown > 8


async def test_strangers(tmp_path: Path) -> None:
    """Without a session no page shows anything: a browser is sent to sign in."""
    async with gateway(tmp_path) as port:
        for path in paths(port):
            assert 303 == (await port.get(path))[0], path


async def test_bearer(tmp_path: Path) -> None:
    """A program with the token reads the pages, and gets no forms."""
    async with gateway(tmp_path) as port:
        for path in ("/spool", f"/spool/entries/{port.parked}"):
            status, text = await port.get(path, **BEARER)
            assert (200, False) == (status, "/actions/" in text)


async def test_navigation(tmp_path: Path) -> None:
    """Each page of the navigation is there, and marks itself."""
    async with gateway(tmp_path) as port:
        await port.sign_in()
        for path, label in NAVIGATION:
            status, text = await port.get(path)
            assert (200, True) == (status, f'<a href="{path}" aria-current="page">{label}</a>' in text)

"""Style, script and icons."""

from pathlib import Path

from gateway.screen.assets import Assets
from tests.gateway.screen.screens import serving


def test_address_changes_with_the_content(tmp_path: Path) -> None:
    """A browser may keep a file: another content has another address. Other files of the folder are not served."""
    (tmp_path / "a.css").write_text("a {}")
    (tmp_path / "notes.txt").write_text("no")
    first = Assets(tmp_path)
    (tmp_path / "a.css").write_text("b {}")
    assert first.address("a.css") != Assets(tmp_path).address("a.css")
    assert ["a.css"] == list(first._assets)


async def test_serve() -> None:
    """Files are served without a token, with their types; nothing else of the disk is."""
    async with serving() as port:
        for name, kind in (
            ("screen.css", "text/css"),
            ("screen.js", "text/javascript"),
            ("icon-red.svg", "image/svg+xml"),
        ):
            async with port.client.get(f"{port.url}/static/{name}") as reply:
                assert (200, kind, "nosniff") == (
                    reply.status,
                    reply.content_type,
                    reply.headers["X-Content-Type-Options"],
                )
        for name in ("nothing.css", "..%2fassets.py", "%2e%2e/assets.py"):
            async with port.client.get(f"{port.url}/static/{name}") as reply:
                assert reply.status in (401, 404)

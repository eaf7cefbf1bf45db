"""The pages of the admin port."""

import pytest

from gateway.admin.settings import AdminSettings
from gateway.screen.pages import most_viewers
from tests.gateway.screen.screens import BEARER, HTML, serving

MOST = {(60, 100): 60, (60, 40): 30, (10, 100): 10, (60, 2): 1}


@pytest.mark.parametrize(("settings", "most"), MOST.items())
def test_most_viewers(settings: tuple[int, int], most: int) -> None:
    """Those who follow a page leave connections for probes and programs."""
    viewers, connections = settings
    assert most == most_viewers(AdminSettings(max_viewers=viewers, max_connections=connections))


@pytest.mark.parametrize("path", ["/", "/sign-in", "/screen/usual-peers"])
async def test_headers(path: str) -> None:
    """Every page keeps a browser from running anything but our script, and from keeping the page."""
    async with serving() as port, port.client.get(port.url + path, headers={**HTML, **BEARER}) as reply:
        headers = reply.headers
        assert 200 == reply.status
    assert "require-trusted-types-for 'script'; trusted-types hilum" in headers["Content-Security-Policy"]
    assert ("nosniff", "no-store", "text/html; charset=utf-8") == (
        headers["X-Content-Type-Options"],
        headers["Cache-Control"],
        headers["Content-Type"],
    )
    assert "same-origin" == headers["Referrer-Policy"]

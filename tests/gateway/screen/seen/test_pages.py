"""The pages of peers, destinations and certificates."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.admin.callers import NOBODY
from gateway.screen.assets import Assets
from gateway.screen.rendering import Renderer
from gateway.screen.seen.peers import peer_rows
from tests.gateway.screen.further import HOSTILE, Gateway, gateway
from tests.gateway.screen.screens import NOW, observed, peer_seen, status


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[Gateway]:
    """Serve all pages."""
    async with gateway(tmp_path) as served:
        await served.sign_in()
        yield served


SAID = {
    "/peers": ("MR3", "Learning", "10.31.4.20", "20 min"),
    "/peers?text=mr3": ("MR3 calls us by the wrong name",),
    "/peers?unusual=1": ("Silent",),
    "/peers/MR3": ("MR3 calls HILUM1; this listener is HILUM", "On MR3 set the AE title", "9 times"),
    "/peers/modalities/MR3": ("At modalities",),
    "/peers/LAB%7CHOSPITAL": ("tel:+492214730", "not known", "61 messages an hour", "Nothing was noticed"),
    "/peers/..%2Fspool": ("../spool", "none since the start"),
    "/destinations": ("image-store", "412", "0.21 s"),
    "/destinations/image-store": (
        "connection refused",
        "37, last",
        "ours is 4 min behind",
        "tel:4411",
        "/spool/entries?destination=image-store&amp;state=parked&amp;reason_like=the+store+refused+it",
        "1.2.840.10008.5.1.4.1.1.4.1/C122",
        "/messages/7f3a",
        "#destinations.image-store",
    ),
    "/destinations/hl7-store": ("as ours", "4211"),
    "/certificates": ("listeners.adt.tls", "Ends soon", "Ended", "#admin.tls"),
}


@pytest.mark.parametrize("path", SAID)
async def test_page(port: Gateway, path: str) -> None:
    """Each page says what is known."""
    status, text = await port.get(path)
    assert 200 == status
    assert [] == [each for each in SAID[path] if each not in text]
    assert HOSTILE not in text


@pytest.mark.parametrize("path", ["/peers/nobody", "/peers/adt/MR3", "/destinations/nowhere"])
async def test_not_there(port: Gateway, path: str) -> None:
    """What is not there is said, with the way back."""
    status, text = await port.get(path)
    assert (404, True) == (status, f'href="/{path.split("/")[1]}">Back' in text)


async def test_nothing_matches(port: Gateway) -> None:
    """A search without a result says so."""
    _, text = await port.get("/peers?text=nobody")
    assert "No peer matches" in text


def test_speed() -> None:
    """The page of 300 peers takes the loop less than 20 ms, which no message notices."""
    renderer, seen = (
        Renderer("gw", Assets(), lambda: NOW),
        observed([peer_seen(f"PEER{number}") for number in range(300)]),
    )
    seconds = []
    for _ in range(7):
        begun = time.process_time()
        renderer.page("seen/peers.html", NOBODY, rows=peer_rows(seen, status()), text="", only=False)
        seconds.append(time.process_time() - begun)
    assert min(seconds) < 0.02

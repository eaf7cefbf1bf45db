"""Resources of a store, read into memory."""

import pytest

from adapters.events.getting import TOO_LARGE, get_body
from gateway.contract.outcome import Unavailable
from tests.adapters.events.scripted import client_of, scripted

BODIES: dict[str, tuple[object, object]] = {
    "there": (b"abc", b"abc"),
    "of the most octets": (b"x" * 100, b"x" * 100),
    "too large": (b"x" * 101, TOO_LARGE),
    "not there": (404, None),
    "gone": (410, None),
}


@pytest.mark.parametrize(("answer", "expected"), BODIES.values(), ids=BODIES)
async def test_bodies(answer: object, expected: object) -> None:
    """A body up to the limit is read; a resource that is not there is none."""
    async with scripted(lambda *_: answer) as server, client_of(server.url) as client:
        assert expected == await get_body(client, f"{server.url}/x", "*/*", 100)


@pytest.mark.parametrize("status", [302, 403, 500])
async def test_failures(status: int) -> None:
    """Another status is a failure."""
    async with scripted(lambda *_: status) as server, client_of(server.url) as client:
        assert isinstance(await get_body(client, f"{server.url}/x", "*/*", 100), Unavailable)

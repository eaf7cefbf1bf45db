"""Waits that end when a listener is to stop."""

import asyncio

from adapters.events.stopping import Stopping
from tests.adapters.events.virtual_time import simulate


async def waited(seconds: float, stops_after: float) -> tuple[bool, float]:
    """Return whether it is to stop after a wait, and how long that took."""
    stopping, loop = Stopping(), asyncio.get_running_loop()
    began = loop.time()
    loop.call_later(stops_after, stopping.set)
    return await stopping.within(seconds), loop.time() - began


def test_within() -> None:
    """A wait lasts as long as it was asked for, or until the listener is to stop."""
    assert (False, 5.0) == simulate(waited(5, 10))
    assert (True, 3.0) == simulate(waited(5, 3))


def test_wait() -> None:
    """Whoever waits for the stop alone goes on then."""

    async def story() -> bool:
        stopping = Stopping()
        asyncio.get_running_loop().call_later(3, stopping.set)
        await stopping.wait()
        return stopping.is_set

    assert simulate(story())

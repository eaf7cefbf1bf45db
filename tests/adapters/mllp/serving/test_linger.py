"""Reading on after the last answer."""

import asyncio

from adapters.mllp.serving.linger import linger


def now() -> float:
    """Return the event loop's time."""
    return asyncio.get_running_loop().time()


async def test_a_peer_that_leaves() -> None:
    """Once the peer is gone there is nothing to wait for."""
    gone = asyncio.Event()
    waiting = asyncio.create_task(linger(gone, now, 600, 600))
    await asyncio.sleep(0)
    gone.set()
    await asyncio.wait_for(waiting, 10)


async def test_a_silent_peer() -> None:
    """A peer that sends nothing is not waited for any longer."""
    began = now()
    await asyncio.wait_for(linger(asyncio.Event(), lambda: began, 600, 0.05), 10)
    assert now() >= began + 0.05


async def test_a_peer_that_sends_on() -> None:
    """A peer that sends on is waited for longer, but not without end."""
    began = now()
    await asyncio.wait_for(linger(asyncio.Event(), now, 0.2, 0.05), 10)
    assert now() >= began + 0.2

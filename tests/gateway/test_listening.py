"""Ports that cannot be bound, and listeners that are let go."""

import asyncio
import errno
import socket

import pytest

from gateway.listening import cannot_bind, drain

REASONS = [
    (OSError(errno.EADDRINUSE, "the loop's own words"), "Address already in use"),
    (socket.gaierror(-2, "Name or service not known"), "Name or service not known"),
    (OSError("without a number"), "the address cannot be used"),
]


@pytest.mark.parametrize(("error", "reason"), REASONS, ids=str)
def test_cannot_bind(error: OSError, reason: str) -> None:
    """The operator is told which key, which address, why, and what to do."""
    told = str(cannot_bind("listeners.adt", "127.0.0.1", 2575, error))
    assert f"listeners.adt: cannot bind 127.0.0.1:2575: {reason}; free it or change listeners.adt.port" == told


class FakeListener:
    """Has peers that leave when the listener stops accepting, or never."""

    port = 0

    def __init__(self, *, stubborn: int, polite: int) -> None:
        self._stopped = asyncio.Event()
        self.tasks = {
            *(asyncio.create_task(self._wait(asyncio.Event())) for _ in range(stubborn)),
            *(asyncio.create_task(self._wait(self._stopped)) for _ in range(polite)),
        }

    async def _wait(self, event: asyncio.Event) -> None:
        await event.wait()

    def stop_accepting(self) -> None:
        """Let the polite ones go."""
        self._stopped.set()


async def test_drain() -> None:
    """Who leaves in time is not cut off; who does not is, and is counted."""
    listeners = [FakeListener(stubborn=2, polite=3), FakeListener(stubborn=0, polite=1)]
    assert 2 == await drain(listeners, 0.01)
    assert all(task.done() for each in listeners for task in each.tasks)


async def test_nobody_there() -> None:
    """Without peers the end takes no time."""
    async with asyncio.timeout(1):
        assert 0 == await drain([FakeListener(stubborn=0, polite=0)], 60)

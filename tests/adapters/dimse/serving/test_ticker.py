"""The periodic look, also after a standstill of the process."""

import asyncio
import socket
import time

from adapters.dimse.serving.ticker import Ticker
from gateway.contract.lateness import LATE_SECONDS


class Looks:
    """What a ticker has called."""

    def __init__(self, interval: float) -> None:
        self.calls: list[str] = []
        self.read = False
        self.three = asyncio.Event()
        self.ticker = Ticker(interval, self.look, lambda _: self.calls.append("stood still"))

    def look(self, _: float) -> None:
        """Note the look, and whether the sockets had been read."""
        self.calls.append("after reading" if self.read else "look")
        if len(self.calls) >= 3:
            self.three.set()


async def test_looks() -> None:
    """It looks again and again until it is stopped."""
    looks = Looks(0.001)
    await asyncio.wait_for(looks.three.wait(), 60)
    looks.ticker.stop()
    count = len(looks.calls)
    await asyncio.sleep(0.02)
    assert count == len(looks.calls)


async def test_look_after_a_standstill() -> None:
    """After a standstill the sockets are read before it looks."""
    looks = Looks(0.01)
    loop = asyncio.get_running_loop()
    here, there = socket.socketpair()
    here.setblocking(False)

    def read() -> None:
        here.recv(1)
        looks.read = True

    loop.add_reader(here, read)
    there.send(b"x")
    time.sleep(2 * LATE_SECONDS)  # the loop is held  # noqa: ASYNC251
    await asyncio.wait_for(looks.three.wait(), 60)
    looks.ticker.stop()
    loop.remove_reader(here)
    here.close()
    there.close()
    assert ["stood still", "after reading"] == looks.calls[:2]

"""Ends processes of the gateway at any moment, in every way that happens in a hospital, and brings it back."""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from tests.campaign.gateway_process import Gateway


@dataclass(slots=True)
class Killer:
    """Works on one gateway."""

    gateway: Gateway
    chance: random.Random
    workers: int
    pauses: tuple[float, float]

    async def run(self, stop: asyncio.Event) -> None:
        """Kill again and again until *stop*; the gateway is up afterwards, unless it does not start any more."""
        while not await _is_set_within(stop, self.chance.uniform(*self.pauses)):
            ways, weights = zip(*self._ways(), strict=True)
            async with self.gateway.changing:
                is_up = await self.chance.choices(ways, weights)[0]()
            if not is_up:
                self.gateway.history.trouble("campaign ended early", "the gateway does not start any more")
                stop.set()

    def _ways(self) -> list[tuple[Callable[[], Awaitable[bool]], int]]:
        if self.workers == 1:
            return [(self._process, 12), (self._at_start, 2), (self._terminate, 2), (self._freeze, 1)]
        return [
            (self._worker, 10),
            (self._supervisor, 5),
            (self._everything, 3),
            (self._at_start, 2),
            (self._terminate, 2),
            (self._successor, 2),
            (self._freeze, 1),
        ]

    async def _process(self) -> bool:
        self.gateway.kill("single process")
        return await self.gateway.start()

    async def _worker(self) -> bool:
        if workers := sorted(self.gateway.workers()):
            self.gateway.kill_worker(self.chance.choice(workers), "worker")
        return True

    async def _supervisor(self) -> bool:
        """Kill it and start the next gateway while the workers drain."""
        self.gateway.kill("supervisor")
        return await self.gateway.start()

    async def _everything(self) -> bool:
        workers = self.gateway.workers()
        self.gateway.kill("supervisor, with its workers")
        for pid in workers:
            self.gateway.kill_worker(pid, "worker, with its supervisor")
        return await self.gateway.start()

    async def _at_start(self) -> bool:
        """Kill it twice, the second time somewhere between its start and being up."""
        self.gateway.kill("main process")
        await self.gateway.spawn()
        await asyncio.sleep(self.chance.uniform(0, 1.5))
        self.gateway.kill("main process while it starts")
        return await self.gateway.start()

    async def _terminate(self) -> bool:
        await self.gateway.ended(self.gateway.terminate("SIGTERM"), "SIGTERM")
        return await self.gateway.start()

    async def _successor(self) -> bool:
        """Start the next gateway while the one before drains."""
        draining = self.gateway.terminate("SIGTERM, successor at once")
        started, _ = await asyncio.gather(
            self.gateway.start(), self.gateway.ended(draining, "SIGTERM, successor at once")
        )
        return started

    async def _freeze(self) -> bool:
        """Stop a process for a moment, as a machine that swaps does."""
        main, workers = self.gateway.process, sorted(self.gateway.workers())
        assert main is not None
        pid = self.chance.choice(workers) if workers else main.pid
        send = partial(self.gateway.signal_worker, pid) if workers else main.send_signal
        with suppress(ProcessLookupError):
            send(signal.SIGSTOP)
            self.gateway.history.note("frozen", pid=pid)
            await asyncio.sleep(self.chance.uniform(0.3, 2.0))
            send(signal.SIGCONT)
        return True


async def _is_set_within(event: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()

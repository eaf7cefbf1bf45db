"""Asks destinations that fail whether they answer again: in relay mode nothing else would, until the next message."""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Protocol

from gateway.observing.destination_record import DestinationRecord

LOOK_SECONDS = 5.0
QUIET_SECONDS = 15.0
"""A destination that nothing was sent to for so long is probed."""
PROBE_SECONDS = 5.0


class Probed(Protocol):
    """What can be probed: a ``contract.destination.Destination``."""

    async def probe(self) -> str | None:
        """Return why it cannot be reached now; None if it can."""


class Prober:
    """Probes the destinations that fail while nothing is sent to them."""

    def __init__(
        self,
        destinations: Mapping[str, Probed],
        records: Mapping[str, DestinationRecord],
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._destinations, self._records, self._wall = destinations, records, wall
        self._asked: dict[str, float] = {}

    async def run(self) -> None:
        """Look every LOOK_SECONDS until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look()

    async def look(self) -> None:
        """Probe once what is due."""
        await asyncio.gather(*(self._probe(name) for name in self._records if self._is_due(name)))

    def _is_due(self, name: str) -> bool:
        failing = self._records[name].failing
        if failing is None:
            self._asked.pop(name, None)
            return False
        latest = max(failing["last"], self._asked.get(name, 0.0))
        return abs(self._wall() - latest) >= QUIET_SECONDS - LOOK_SECONDS / 2

    async def _probe(self, name: str) -> None:
        self._asked[name] = self._wall()
        with suppress(TimeoutError):
            async with asyncio.timeout(PROBE_SECONDS):
                if await self._destinations[name].probe() is None:
                    self._records[name].reached()
                    return
        self._records[name].not_reached()

"""The status of this gateway: computed when somebody asks, but at most once a second, however many ask."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from gateway.causes.edges import Beginnings
from gateway.causes.site import Site
from gateway.causes.status import status
from gateway.contract.observed import Observed, Status

FRESH_SECONDS = 1.0


class StatusSource:
    """One per admin port."""

    def __init__(
        self, observe: Callable[[], Awaitable[Observed]], site: Site, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._observe, self._site, self._clock = observe, site, clock
        self._beginnings = Beginnings()
        self._lock = asyncio.Lock()
        self._observed: Observed | None = None
        self._status: Status | None = None
        self._at = float("-inf")
        self._subscribers: list[Callable[[Status], None]] = []

    def subscribe(self, take: Callable[[Status], None]) -> None:
        """Have *take* called with each status, whoever asked for it, before it is shown."""
        self._subscribers.append(take)

    async def observed(self) -> Observed:
        """Return what was observed, at most FRESH_SECONDS ago. Nobody changes it."""
        await self._renew()
        assert self._observed is not None  # noqa: S101  it was just set
        return self._observed

    async def status(self) -> Status:
        """Return the status, at most FRESH_SECONDS old. Nobody changes it."""
        await self._renew()
        assert self._status is not None  # noqa: S101  it was just set
        return self._status

    async def _renew(self) -> None:
        async with self._lock:
            if self._status is not None and self._clock() - self._at < FRESH_SECONDS:
                return
            observed = await self._observe()
            found = status(observed, self._site)
            self._beginnings.keep(found["cases"])
            self._observed, self._status, self._at = observed, found, self._clock()
            for take in self._subscribers:
                take(found)

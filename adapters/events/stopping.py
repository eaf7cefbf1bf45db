"""Waits that end when a listener is to stop."""

import asyncio
from contextlib import suppress


class Stopping:
    """Whether a listener is to stop."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    @property
    def is_set(self) -> bool:
        """Whether it is to stop."""
        return self._event.is_set()

    def set(self) -> None:
        """Have it stop."""
        self._event.set()

    async def wait(self) -> None:
        """Return when it is to stop."""
        await self._event.wait()

    async def within(self, seconds: float) -> bool:
        """Wait for *seconds*, or less if it is to stop; return whether it is."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._event.wait()
        return self.is_set

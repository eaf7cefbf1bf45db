"""The share of one connection in the message memory of the process, and the wait for room in it."""

import asyncio
from collections.abc import Callable

from gateway.contract.limits import SharedLimits


class Memory:
    """Counts the octets that a connection holds; *paused* is called each time it has to wait."""

    def __init__(self, limits: SharedLimits | None, paused: Callable[[], None]) -> None:
        self._paused = paused
        self._room = asyncio.Event()
        self._room.set()
        self._account = None if limits is None else limits.account(self._pause, self._room.set)

    @property
    def is_short(self) -> bool:
        """Whether the peer has to wait before it is read on."""
        return not self._room.is_set()

    def hold(self, octets: int) -> None:
        """Set how many octets the connection holds now."""
        if self._account is not None:
            self._account.update(octets)

    async def room(self) -> None:
        """Wait until there is room."""
        await self._room.wait()

    def _pause(self) -> None:
        self._room.clear()
        self._paused()

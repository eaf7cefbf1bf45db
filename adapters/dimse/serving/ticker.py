"""The periodic look at the time limits of an association."""

import asyncio
from collections.abc import Callable

from gateway.contract.lateness import LOOK_AGAIN_SECONDS, is_late


class Ticker:
    """Calls *look* every *interval* seconds with the time of the event loop, until :meth:`stop`.

    A look that comes late is put off for a moment, once, and *stood_still* is told by how many seconds it was late.
    """

    def __init__(self, interval: float, look: Callable[[float], None], stood_still: Callable[[float], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._interval = interval
        self._look = look
        self._stood_still = stood_still
        self._is_put_off = False
        self._set(interval)

    def stop(self) -> None:
        """Call nothing any more."""
        self._timer.cancel()

    def _set(self, seconds: float) -> None:
        self._due = self._loop.time() + seconds
        self._timer = self._loop.call_later(seconds, self._tick)

    def _tick(self) -> None:
        now = self._loop.time()
        if is_late(self._due, now) and not self._is_put_off:
            self._is_put_off = True
            self._stood_still(now - self._due)
            self._set(LOOK_AGAIN_SECONDS)
        else:
            self._is_put_off = False
            self._set(self._interval)
            self._look(now)

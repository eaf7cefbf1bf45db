"""A timer whose deadline can move to a later time at no cost."""

import asyncio
from collections.abc import Callable

from gateway.contract.lateness import LOOK_AGAIN_SECONDS, is_late


class Alarm:
    """Calls *ring* once the deadline has passed.

    *due* returns the deadline in the event loop's time, or None while there is none. It is asked again when the timer
    fires, so a deadline that moves later costs nothing. Call :meth:`arm` where it may have come nearer. A timer that
    fires late asks once more after what has come meanwhile has been read.
    """

    def __init__(self, due: Callable[[], float | None], ring: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._due = due
        self._ring = ring
        self._timer: asyncio.TimerHandle | None = None
        self.armed = False
        """Whether the deadline is being watched."""
        self._rings_at = 0.0

    def arm(self) -> None:
        """Watch the deadline as it is now."""
        due = self._due()
        if due is None or (self._timer is not None and self._rings_at <= due):
            return
        self.disarm()
        self._rings_at = due  # kept here: the handle that uvloop returns for a time already due has no when()
        self._timer = self._loop.call_at(due, self._check)
        self.armed = True

    def disarm(self) -> None:
        """Stop watching until :meth:`arm` is called again."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self.armed = False

    def _check(self, *, again: bool = False) -> None:
        self._timer = None
        self.armed = False
        due, now = self._due(), self._loop.time()
        if due is None or due > now:
            self.arm()
        elif is_late(due, now) and not again:
            self.armed = True
            self._timer = self._loop.call_later(LOOK_AGAIN_SECONDS, lambda: self._check(again=True))
            self.armed = True
        else:
            self._ring()

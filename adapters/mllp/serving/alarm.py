"""A timer whose deadline can move to a later time at no cost."""

import asyncio
from collections.abc import Callable


class Alarm:
    """Calls *ring* once the deadline has passed.

    *due* returns the deadline in the event loop's time, or None while there is none. It is asked again when the timer
    fires, so a deadline that moves later costs nothing. Call :meth:`arm` where it may have come nearer.
    """

    def __init__(self, due: Callable[[], float | None], ring: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._due = due
        self._ring = ring
        self._timer: asyncio.TimerHandle | None = None
        self._rings_at = 0.0

    @property
    def armed(self) -> bool:
        """Whether the deadline is being watched."""
        return self._timer is not None

    def arm(self) -> None:
        """Watch the deadline as it is now."""
        due = self._due()
        if due is None or (self._timer is not None and self._rings_at <= due):
            return
        self.disarm()
        self._rings_at = due  # kept here: the handle that uvloop returns for a time already due has no when()
        self._timer = self._loop.call_at(due, self._check)

    def disarm(self) -> None:
        """Stop watching until :meth:`arm` is called again."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _check(self) -> None:
        self._timer = None
        due = self._due()
        if due is not None and due <= self._loop.time():
            self._ring()
        else:
            self.arm()

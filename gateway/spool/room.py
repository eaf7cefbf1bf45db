"""How much the spool may still take."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class NoRoom(Exception):  # noqa: N818 - it names a condition that passes
    """A limit has been reached; *reason* is a fixed sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Reservation:
    """What one message on its way in has taken so far."""

    def __init__(self) -> None:
        self.octets = 0


class Room:
    """Counts what is held and what is on its way in; asks for the disk's *free* octets each time."""

    def __init__(self, max_bytes: int, min_free_bytes: int, free: Callable[[], int]) -> None:
        self.held = 0
        """Octets of payload in the spool, as last read."""
        self._max_bytes = max_bytes
        self._min_free_bytes = min_free_bytes
        self._free = free
        self._arriving = 0

    @contextmanager
    def reservation(self) -> Iterator[Reservation]:
        """Hold room for one message until it is committed or given up."""
        reservation = Reservation()
        try:
            yield reservation
        finally:
            self._arriving -= reservation.octets

    def grow(self, reservation: Reservation, octets: int) -> None:
        """Take *octets* more, or raise NoRoom and take none."""
        self.check(octets)
        reservation.octets += octets
        self._arriving += octets

    def check(self, octets: int) -> None:
        """Raise NoRoom if so many octets more would pass a limit."""
        if self.held + self._arriving + octets > self._max_bytes:
            raise NoRoom("the spool is full")
        if self._free() - octets < self._min_free_bytes:
            raise NoRoom("the spool's disk is nearly full")

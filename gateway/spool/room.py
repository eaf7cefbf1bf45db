"""How much the spool may still take."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gateway.spool.interface import Limit, Space

REASONS = {Limit.MAX_BYTES: "the spool is full", Limit.MIN_FREE_BYTES: "the spool's disk is nearly full"}
REMEMBER_SECONDS = 0.05
"""How old the disk's free octets may be: each time they are asked for costs a system call."""


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
    """Counts what is held and what is on its way in; asks for the disk's *free* octets before it says no."""

    def __init__(self, max_bytes: int, min_free_bytes: int, inline_bytes: int, free: Callable[[], int]) -> None:
        self.held = 0
        """Octets of payload in the spool, as last read."""
        self.reusable = 0
        """Octets that small payloads (up to *inline_bytes*) may fill without taking any of the disk's."""
        self._inline_bytes = inline_bytes
        self._max_bytes = max_bytes
        self._min_free_bytes = min_free_bytes
        self._free = free
        self._found, self._taken, self._asked = 0, 0, float("-inf")
        """The disk's octets when they were asked for last, what may have been taken since, and when that was."""
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
        self.check(octets, reservation.octets)
        reservation.octets += octets
        self._arriving += octets

    def check(self, octets: int, before: int = 0) -> None:
        """Raise NoRoom if so many octets more, for a payload that had *before*, would pass a limit."""
        if (limit := self._limit(octets, before)) is not None:
            raise NoRoom(REASONS[limit])

    def space(self) -> Space:
        """Return how much may still come; a message of one octet shows whether anything is taken at all."""
        return Space(self._free(), self.held, self._min_free_bytes, self._max_bytes, self._limit(1, 0))

    def _limit(self, octets: int, before: int) -> Limit | None:
        """Return the limit that so many octets more, for a payload that had *before*, would pass."""
        if self.held + self._arriving + octets > self._max_bytes:
            return Limit.MAX_BYTES
        reusable = self.reusable if before + octets <= self._inline_bytes else 0
        self._taken += octets
        least = self._min_free_bytes - reusable + octets
        remembered = time.monotonic() - self._asked < REMEMBER_SECONDS
        if remembered and self._found - self._taken >= least:
            return None
        return Limit.MIN_FREE_BYTES if self._ask() < least else None

    def _ask(self) -> int:
        self._found, self._taken, self._asked = self._free(), 0, time.monotonic()
        return self._found

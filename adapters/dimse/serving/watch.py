"""The time limits of one connection. Nothing here reads a clock: the caller passes the time."""

from dataclasses import dataclass
from enum import Enum, auto

from adapters.dimse.settings import DimseListenerSettings


class Phase(Enum):
    """What the connection waits for."""

    REQUEST = auto()
    """An association request."""
    MESSAGE = auto()
    """The rest of a message."""
    NEXT = auto()
    """The next message, or the release."""
    ANSWER = auto()
    """Hilum itself: the peer owes nothing."""
    END = auto()
    """The peer's disconnection."""


class PassedLimit(Enum):
    """Which limit has passed."""

    SILENT = auto()
    """No association request came."""
    LINGER = auto()
    """The peer did not release or disconnect in time."""
    MESSAGE = auto()
    SLOW = auto()
    """A message has come in too slowly."""
    IDLE = auto()
    WRITE = auto()


@dataclass(slots=True)
class Watch:
    """Instants, by the clock of the caller."""

    settings: DimseListenerSettings
    active_at: float
    """When the peer last sent something, got an answer, or was read again after a pause."""
    artim_until: float | None = None
    """When the ARTIM timer (PS3.8 9.1.5) runs out."""
    blocked_since: float | None = None
    """Since when the peer has not read what we wrote."""
    octets: int = 0
    """Octets that the peer has sent since its last message; the caller adds to it."""
    _spent: float = 0.0  # seconds for which the peer has been sending its message, without the pauses of reading
    _looked_at: float | None = None  # time of the last look while a message is arriving

    @property
    def interval(self) -> float:
        """Seconds between two looks: short against every limit, so that one periodic timer serves all of them."""
        limits = self.settings
        shortest = min(limits.artim_seconds, limits.idle_seconds, limits.message_seconds, limits.write_seconds)
        return min(max(shortest / 5, 0.01), 1.0)

    def lapse(self, now: float, phase: Phase) -> PassedLimit | None:
        """Return which limit has passed at *now*."""
        silent_for = now - self.active_at
        self._measure(now, phase)
        if self.artim_until is not None and now >= self.artim_until:
            return PassedLimit.SILENT if phase is Phase.REQUEST else PassedLimit.LINGER
        if self.blocked_since is not None and now - self.blocked_since >= self.settings.write_seconds:
            return PassedLimit.WRITE
        if phase is Phase.MESSAGE and silent_for >= self.settings.message_seconds:
            return PassedLimit.MESSAGE
        if phase is Phase.MESSAGE and self._spent >= self.settings.longest_seconds(self.octets):
            return PassedLimit.SLOW
        if phase is Phase.NEXT and silent_for >= self.settings.idle_seconds:
            return PassedLimit.IDLE
        return None

    def stood_still(self, seconds: float) -> None:
        """Do not count *seconds* in which this process did not run as time of the peer's message."""
        if self._looked_at is not None:
            self._looked_at += seconds

    def message_ended(self) -> None:
        """Measure the next message anew."""
        self.octets, self._spent, self._looked_at = 0, 0.0, None

    def _measure(self, now: float, phase: Phase) -> None:
        """Add the time since the last look, if a message was arriving then and is now."""
        if phase is Phase.MESSAGE:
            self._spent += 0.0 if self._looked_at is None else now - self._looked_at
            self._looked_at = now
        elif phase is Phase.ANSWER:
            self._looked_at = None  # the peer is not read, perhaps in the middle of its message
        else:
            self.message_ended()

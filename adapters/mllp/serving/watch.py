"""The time limits of a peer. Nothing here reads a clock: instants are by the clock of the caller."""

from enum import Enum, auto

from adapters.mllp.settings import MllpListenerSettings
from gateway.contract.meter import Rejection


class Phase(Enum):
    """What the connection waits for."""

    MESSAGE = auto()
    """The rest of a block."""
    ROOM = auto()
    """Memory for the rest of a block, while other peers hold too much."""
    ANSWER = auto()
    """Hilum itself: the peer owes nothing."""
    NEXT = auto()
    """The next block."""


class Watch:
    """The time limits of one connection."""

    def __init__(self, settings: MllpListenerSettings, now: float) -> None:
        self.has_sent = False
        """Whether a whole block has come."""
        self._settings = settings
        self._block = -1
        self._octets = 0
        self._began = now
        self._heard = now
        self._paused_at = now

    def block_went_on(self, block: int, octets: int, now: float) -> None:
        """Record that *octets* have come of the block that begins at offset *block* of the stream."""
        if block != self._block:
            self._block, self._began = block, now
        self._octets, self._heard = octets, now

    def pause(self, now: float) -> None:
        """Stop the clocks of the block: the peer is not read from now on."""
        self._paused_at = now

    def resume(self, now: float) -> None:
        """Restart the clocks that :meth:`pause` stopped: the peer is read again."""
        self._began += now - self._paused_at
        self._heard = now

    def due(self, phase: Phase, active: float) -> float | None:
        """Return when the peer's time is over; *active* is when something last happened."""
        if phase is Phase.MESSAGE:
            return min(self._silence_ends(), self._began + self._settings.longest_seconds(self._octets))
        if phase is Phase.ROOM:
            return max(self._paused_at, active) + self._settings.message_seconds
        if phase is Phase.ANSWER:
            return None
        idle = self._settings.idle_seconds
        # An engine that connects long before its first message shows by keep-alive octets that it is there.
        return active + (idle if self.has_sent else min(idle, self._settings.first_message_seconds))

    def fault(self, phase: Phase, active: float, now: float) -> Rejection:
        """Return the reason to give up on the peer at *now*, when that is due."""
        if phase is Phase.MESSAGE:
            return Rejection.MESSAGE_TIMEOUT if now >= self._silence_ends() else Rejection.TOO_SLOW
        if phase is Phase.ROOM:
            return Rejection.MEMORY_LIMIT
        is_idle = now >= active + self._settings.idle_seconds
        return Rejection.IDLE_TIMEOUT if is_idle else Rejection.FIRST_MESSAGE_TIMEOUT

    def _silence_ends(self) -> float:
        return self._heard + self._settings.message_seconds

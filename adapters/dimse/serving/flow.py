"""Why a peer is not read just now."""

from enum import Enum

from gateway.contract.backpressure import ReadGate
from gateway.contract.meter import Pause


class Hold(Enum):
    """Why a peer is not read just now."""

    MEMORY = Pause.MEMORY
    """All peers together hold too much."""
    RATE = Pause.RATE
    """The peer sends more messages a second than it may."""
    QUEUE = Pause.QUEUE
    """The peer sends on although enough of it waits for the answer to its request."""
    STORE = Pause.STORE
    """The store does not take the instance as fast as it comes in."""
    WRITE = Pause.WRITE
    """The peer does not take our answers: its requests would pile up here as answers."""
    TURN = "turn"
    """Others get their turn before the rest of what it sent in one go."""


class Gate(ReadGate[Hold]):
    """Open while there is no hold."""

    @property
    def is_held_here(self) -> bool:
        """Whether the peer is not read for a reason that is none of its own."""
        return bool(self._reasons - {Hold.WRITE, Hold.TURN})

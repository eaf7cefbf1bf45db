"""The reasons for which a peer is not read, and the gate that they keep closed."""

from enum import Enum

from gateway.contract.backpressure import ReadGate
from gateway.contract.meter import Pause


class Hold(Enum):
    """Why a peer is not read now."""

    MEMORY = Pause.MEMORY
    """All peers together hold too much memory."""
    RATE = Pause.RATE
    """The peer exceeds its rate limit of messages per second."""
    QUEUE = Pause.QUEUE
    """The peer sends further requests although enough of them wait for the answer to an earlier one."""
    STORE = Pause.STORE
    """The store does not take the instance as fast as it comes in."""
    WRITE = Pause.WRITE
    """The peer does not take our answers: its requests would pile up here as answers."""
    TURN = "turn"
    """Other connections get their turn before the rest of what the peer sent at once."""

    __hash__ = object.__hash__  # Enum.__hash__ is slower, being Python code; the set of holds is read at each fragment


class Gate(ReadGate[Hold]):
    """Open while there is no hold."""

    @property
    def is_held_by_gateway(self) -> bool:
        """Whether reading is held for another reason than WRITE or TURN: the limits for a message do not run then."""
        return bool(self._reasons - {Hold.WRITE, Hold.TURN})

"""The states of the transport connection under an association; those of the association are in ``protocol/``."""

from enum import Enum, auto

from gateway.contract.states import state_table


class TransportState(Enum):
    """What a connection of this listener is."""

    CONNECTING = auto()
    """The peer has no place yet, or was turned away: what it sends is ignored."""
    OPEN = auto()
    """The peer has a place, and its association is served."""
    CLOSED = auto()
    """The transport has closed, from whichever side."""


class Move(Enum):
    """What changes the state."""

    ADMIT = auto()
    """The peer gets its place."""
    LOSE = auto()
    """The transport has closed."""


MOVES = state_table(
    {
        TransportState.CONNECTING: {Move.ADMIT: TransportState.OPEN, Move.LOSE: TransportState.CLOSED},
        TransportState.OPEN: {Move.LOSE: TransportState.CLOSED},
        TransportState.CLOSED: {},
    }
)

"""The states of the transport connection under an association; those of the association are in ``protocol/``."""

from collections.abc import Mapping
from enum import Enum, auto

from gateway.contract.states import next_state


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


MOVES: Mapping[TransportState, Mapping[Move, TransportState]] = {
    TransportState.CONNECTING: {Move.ADMIT: TransportState.OPEN, Move.LOSE: TransportState.CLOSED},
    TransportState.OPEN: {Move.LOSE: TransportState.CLOSED},
    TransportState.CLOSED: {},
}


def after(state: TransportState, move: Move) -> TransportState:
    """Return the state after *move*."""
    return next_state(MOVES, state, move)

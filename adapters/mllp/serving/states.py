"""The states of an MLLP connection: one machine for our side, one for what the peer sends.

They are two because the peer may end its stream while its last messages are still answered, and because we may stop
taking input, after a fault or a time-out, while the peer sends on.
"""

from collections.abc import Mapping
from enum import Enum, auto

from gateway.contract.states import next_state


class State(Enum):
    """What our side of the connection does."""

    CONNECTING = auto()
    """The peer is not let in, or was turned away: what it sends is ignored."""
    IDLE = auto()
    """No block is being answered. Blocks may be queued, for example while the peer sends faster than it may."""
    ANSWERING = auto()
    """A block is being delivered and answered."""
    DRAINING = auto()
    """The gateway stops: the connection closes after the answer that is due, and blocks behind it stay unanswered."""
    CLOSING = auto()
    """Nothing more is answered. The peer is read for a moment so that it can take its last answer."""
    CLOSED = auto()
    """The connection is gone. A delivery that is under way goes on to its end."""

    __hash__ = object.__hash__  # Enum's own is a function in Python, and the table is read twice a message


class Move(Enum):
    """What changes the state of our side."""

    ADMIT = auto()
    """The peer is let in."""
    TAKE = auto()
    """The first block of the queue is taken to be delivered."""
    ANSWER = auto()
    """Its answer is written, or could not be."""
    DRAIN = auto()
    """The gateway stops."""
    CLOSE = auto()
    """No further block will be taken."""
    LOSE = auto()
    """The transport has closed, from whichever side."""

    __hash__ = object.__hash__


MOVES: Mapping[State, Mapping[Move, State]] = {
    State.CONNECTING: {Move.ADMIT: State.IDLE, Move.LOSE: State.CLOSED},
    State.IDLE: {
        Move.TAKE: State.ANSWERING,
        Move.DRAIN: State.DRAINING,
        Move.CLOSE: State.CLOSING,
        Move.LOSE: State.CLOSED,
    },
    State.ANSWERING: {Move.ANSWER: State.IDLE, Move.DRAIN: State.DRAINING, Move.LOSE: State.CLOSED},
    State.DRAINING: {
        Move.TAKE: State.DRAINING,  # a block that was queued before
        Move.ANSWER: State.DRAINING,
        Move.DRAIN: State.DRAINING,
        Move.CLOSE: State.CLOSING,
        Move.LOSE: State.CLOSED,
    },
    State.CLOSING: {Move.DRAIN: State.CLOSING, Move.LOSE: State.CLOSED},
    State.CLOSED: {
        Move.ANSWER: State.CLOSED,  # of the delivery that was under way
        Move.CLOSE: State.CLOSED,
    },
}


class Input(Enum):
    """What the peer sends."""

    OPEN = auto()
    """It is cut into blocks."""
    IGNORED = auto()
    """It is read and dropped: after a fault, a time-out, or because the connection closes."""
    ENDED = auto()
    """The peer has ended its stream."""

    __hash__ = object.__hash__


class InputMove(Enum):
    """What changes that."""

    STOP = auto()
    """Nothing more is taken."""
    END = auto()
    """The end of the stream has come."""

    __hash__ = object.__hash__


INPUT_MOVES: Mapping[Input, Mapping[InputMove, Input]] = {
    Input.OPEN: {InputMove.STOP: Input.IGNORED, InputMove.END: Input.ENDED},
    Input.IGNORED: {InputMove.STOP: Input.IGNORED, InputMove.END: Input.ENDED},
    Input.ENDED: {InputMove.STOP: Input.ENDED, InputMove.END: Input.ENDED},
}


def after(state: State, move: Move) -> State:
    """Return the state of our side after *move*."""
    return next_state(MOVES, state, move)


def input_after(state: Input, move: InputMove) -> Input:
    """Return the state of the input after *move*."""
    return next_state(INPUT_MOVES, state, move)

"""The states of an MLLP connection: one machine for our side, one for what the peer sends.

They are two because the peer may end its stream while its last messages are still answered, and because we may stop
taking input, after a fault or a time-out, while the peer sends on.
"""

from enum import Enum, auto

from gateway.contract.states import state_table


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

    __hash__ = object.__hash__  # Enum.__hash__ is slower, being Python code; the table is read twice a message


class Move(Enum):
    """What changes the state of our side."""

    ADMIT = auto()
    """The peer is let in."""
    TAKE = auto()
    """The first block of the queue is taken to be delivered."""
    ANSWER = auto()
    """The answer to the block is written, or could not be."""
    DRAIN = auto()
    """The gateway stops."""
    CLOSE = auto()
    """No further block will be taken."""
    LOSE = auto()
    """The transport has closed, from whichever side."""

    __hash__ = object.__hash__


# Module-level names for the connection: in Python 3.11 `State.IDLE` costs a function call of 70 ns, `IDLE` does not.
CONNECTING, IDLE, ANSWERING, DRAINING, CLOSING, CLOSED = State
ADMIT, TAKE, ANSWER, DRAIN, CLOSE, LOSE = Move

MOVES = state_table(
    {
        CONNECTING: {ADMIT: IDLE, LOSE: CLOSED},
        IDLE: {TAKE: ANSWERING, DRAIN: DRAINING, CLOSE: CLOSING, LOSE: CLOSED},
        ANSWERING: {ANSWER: IDLE, DRAIN: DRAINING, LOSE: CLOSED},
        DRAINING: {
            TAKE: DRAINING,  # a block that was queued before
            ANSWER: DRAINING,
            DRAIN: DRAINING,
            CLOSE: CLOSING,
            LOSE: CLOSED,
        },
        CLOSING: {DRAIN: CLOSING, LOSE: CLOSED},
        CLOSED: {
            ANSWER: CLOSED,  # of the delivery that was under way
            CLOSE: CLOSED,
        },
    }
)


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
    """What changes the state of the input."""

    STOP = auto()
    """Nothing more is taken."""
    END = auto()
    """The end of the stream has come."""

    __hash__ = object.__hash__


OPEN, IGNORED, ENDED = Input
STOP, END = InputMove

INPUT_MOVES = state_table(
    {
        OPEN: {STOP: IGNORED, END: ENDED},
        IGNORED: {STOP: IGNORED, END: ENDED},
        ENDED: {STOP: ENDED, END: ENDED},
    }
)

"""The states of a connection to a store, from one exchange (request and reply) to the next."""

from enum import Enum, auto

from gateway.contract.states import state_table


class State(Enum):
    """What the connection does."""

    IDLE = auto()
    """The connection waits for the next exchange; anything that comes from the store now makes it unusable."""
    SENDING = auto()
    """The request is being sent. A new connection begins here: a store may refuse it before it has read anything."""
    AWAITING_REPLY = auto()
    """The request is written completely, and the status of the reply is not known."""
    RECEIVING = auto()
    """The status of the reply is known; the request may still be on its way."""
    OVER = auto()
    """The exchange has its result, a reply or a failure. The connection may have ended with it."""
    CLOSED = auto()
    """The connection was ended while it was idle, by the store or by Hilum."""

    __hash__ = object.__hash__  # Enum.__hash__ is slower, being Python code; the table is read five times a request


class Move(Enum):
    """What changes the state."""

    BEGIN = auto()
    """The next exchange begins."""
    SENT = auto()
    """The request was written completely."""
    REPLY = auto()
    """The status of the reply has come."""
    FINISH = auto()
    """The reply is complete, or will not come: it was broken off, too late, or the connection has ended."""
    REST = auto()
    """The connection is kept for the next exchange."""
    CLOSE = auto()
    """The connection ends while it is idle."""

    __hash__ = object.__hash__


# Module-level names for the connection: in Python 3.11 `State.IDLE` costs a function call of 70 ns, `IDLE` does not.
IDLE, SENDING, AWAITING_REPLY, RECEIVING, OVER, CLOSED = State
BEGIN, SENT, REPLY, FINISH, REST, CLOSE = Move

MOVES = state_table(
    {
        IDLE: {BEGIN: SENDING, CLOSE: CLOSED},
        SENDING: {SENT: AWAITING_REPLY, REPLY: RECEIVING, FINISH: OVER},
        AWAITING_REPLY: {REPLY: RECEIVING, FINISH: OVER},
        RECEIVING: {
            SENT: RECEIVING,  # the store answered before the request had ended
            FINISH: OVER,
        },
        OVER: {
            SENT: OVER,
            FINISH: OVER,  # the connection ends after the reply
            REST: IDLE,
        },
        CLOSED: {CLOSE: CLOSED},
    }
)

IN_EXCHANGE = frozenset({SENDING, AWAITING_REPLY, RECEIVING})
"""States in which the result of the exchange is still awaited."""

"""The states of a connection to a store, from one exchange (request and reply) to the next."""

from enum import Enum, auto

from gateway.contract.states import state_table


class State(Enum):
    """What the connection does."""

    IDLE = auto()
    """It waits for the next exchange; whatever comes from the store now makes it useless."""
    SENDING = auto()
    """The request goes out. So begins a new connection: a store may refuse it before it has heard anything."""
    AWAITING_REPLY = auto()
    """The request is written to its end, and nothing of the reply is known."""
    RECEIVING = auto()
    """The status of the reply is known; the request may still be going out."""
    OVER = auto()
    """The exchange has its result, a reply or a failure. The connection may have ended with it."""
    CLOSED = auto()
    """The connection was ended while it was idle, by the store or from here."""

    __hash__ = object.__hash__  # Enum's own is a function in Python, and the table is read five times a request


class Move(Enum):
    """What changes the state."""

    BEGIN = auto()
    """The next exchange begins."""
    SENT = auto()
    """The request was written to its end."""
    REPLY = auto()
    """The status of the reply has come."""
    FINISH = auto()
    """The reply is complete, or will not come: it was broken off, too late, or the connection has ended."""
    REST = auto()
    """The connection is kept for the next exchange."""
    CLOSE = auto()
    """The connection ends while it is idle."""

    __hash__ = object.__hash__


# Names of their own, for the connection: in Python 3.11 `State.IDLE` is a function call of 70 ns, `IDLE` is not.
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
"""Where the result of the exchange is still awaited."""

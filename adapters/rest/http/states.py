"""The states of a connection to a store, from one exchange (request and reply) to the next."""

from collections.abc import Mapping
from enum import Enum, auto

from gateway.contract.states import next_state


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


MOVES: Mapping[State, Mapping[Move, State]] = {
    State.IDLE: {Move.BEGIN: State.SENDING, Move.CLOSE: State.CLOSED},
    State.SENDING: {Move.SENT: State.AWAITING_REPLY, Move.REPLY: State.RECEIVING, Move.FINISH: State.OVER},
    State.AWAITING_REPLY: {Move.REPLY: State.RECEIVING, Move.FINISH: State.OVER},
    State.RECEIVING: {
        Move.SENT: State.RECEIVING,  # the store answered before the request had ended
        Move.FINISH: State.OVER,
    },
    State.OVER: {
        Move.SENT: State.OVER,
        Move.FINISH: State.OVER,  # the connection ends after the reply
        Move.REST: State.IDLE,
    },
    State.CLOSED: {Move.CLOSE: State.CLOSED},
}

IN_EXCHANGE = frozenset({State.SENDING, State.AWAITING_REPLY, State.RECEIVING})
"""Where the result of the exchange is still awaited."""


def after(state: State, move: Move) -> State:
    """Return the state after *move*."""
    return next_state(MOVES, state, move)

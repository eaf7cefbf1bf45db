"""The states of a connection to a store."""

from enum import Enum

import pytest

from adapters.rest.http import states
from adapters.rest.http.states import IN_EXCHANGE, MOVES, Move, State
from tests.state_tables import legal, reached

# State, move, state afterwards: all that is legal.
LEGAL = {
    (State.IDLE, Move.BEGIN, State.SENDING),
    (State.IDLE, Move.CLOSE, State.CLOSED),
    (State.SENDING, Move.SENT, State.AWAITING_REPLY),
    (State.SENDING, Move.REPLY, State.RECEIVING),
    (State.SENDING, Move.FINISH, State.OVER),
    (State.AWAITING_REPLY, Move.REPLY, State.RECEIVING),
    (State.AWAITING_REPLY, Move.FINISH, State.OVER),
    (State.RECEIVING, Move.SENT, State.RECEIVING),
    (State.RECEIVING, Move.FINISH, State.OVER),
    (State.OVER, Move.SENT, State.OVER),
    (State.OVER, Move.FINISH, State.OVER),
    (State.OVER, Move.REST, State.IDLE),
    (State.CLOSED, Move.CLOSE, State.CLOSED),
}


def test_moves() -> None:
    """These moves are legal, and no other."""
    assert legal(MOVES, Move) == LEGAL


def test_every_state_can_be_reached() -> None:
    """No state of the table is there for nothing."""
    assert set(State) == set(MOVES) == reached(LEGAL, State.SENDING)


def test_no_exchange_after_the_end() -> None:
    """A connection that has ended while it was idle carries no request: the reply before would be taken for its own."""
    assert {State.CLOSED} == reached(LEGAL, State.CLOSED)


def test_an_exchange_ends_before_the_next() -> None:
    """From an exchange that is under way the only way on is its result."""
    assert {*IN_EXCHANGE, State.OVER} - {State.SENDING} == {to for state, _, to in LEGAL if state in IN_EXCHANGE}


@pytest.mark.parametrize("each", [*State, *Move])
def test_short_names(each: Enum) -> None:
    """Each member has its own name in the module, in whatever order they are listed there."""
    assert getattr(states, each.name) is each

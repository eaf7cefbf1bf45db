"""The states of an MLLP connection."""

from enum import Enum

import pytest

from adapters.mllp.serving import states
from adapters.mllp.serving.states import INPUT_MOVES, MOVES, Input, InputMove, Move, State
from tests.state_tables import legal, reached

# State, move, state afterwards: all that is legal.
OURS = {
    (State.CONNECTING, Move.ADMIT, State.IDLE),
    (State.CONNECTING, Move.LOSE, State.CLOSED),
    (State.IDLE, Move.TAKE, State.ANSWERING),
    (State.IDLE, Move.DRAIN, State.DRAINING),
    (State.IDLE, Move.CLOSE, State.CLOSING),
    (State.IDLE, Move.LOSE, State.CLOSED),
    (State.ANSWERING, Move.ANSWER, State.IDLE),
    (State.ANSWERING, Move.DRAIN, State.DRAINING),
    (State.ANSWERING, Move.LOSE, State.CLOSED),
    (State.DRAINING, Move.TAKE, State.DRAINING),
    (State.DRAINING, Move.ANSWER, State.DRAINING),
    (State.DRAINING, Move.DRAIN, State.DRAINING),
    (State.DRAINING, Move.CLOSE, State.CLOSING),
    (State.DRAINING, Move.LOSE, State.CLOSED),
    (State.CLOSING, Move.DRAIN, State.CLOSING),
    (State.CLOSING, Move.LOSE, State.CLOSED),
    (State.CLOSED, Move.ANSWER, State.CLOSED),
    (State.CLOSED, Move.CLOSE, State.CLOSED),
}
PEERS = {
    (Input.OPEN, InputMove.STOP, Input.IGNORED),
    (Input.OPEN, InputMove.END, Input.ENDED),
    (Input.IGNORED, InputMove.STOP, Input.IGNORED),
    (Input.IGNORED, InputMove.END, Input.ENDED),
    (Input.ENDED, InputMove.STOP, Input.ENDED),
    (Input.ENDED, InputMove.END, Input.ENDED),
}


def test_our_side() -> None:
    """These moves are legal, and no other."""
    assert legal(MOVES, Move) == OURS


def test_what_the_peer_sends() -> None:
    """Input that has ended stays so."""
    assert legal(INPUT_MOVES, InputMove) == PEERS


def test_every_state_is_in_the_table() -> None:
    """Also one in which nothing is legal."""
    assert (set(State), set(Input)) == (set(MOVES), set(INPUT_MOVES))


def test_every_state_can_be_reached() -> None:
    """No state of the table is there for nothing."""
    assert (set(State), set(Input)) == (reached(OURS, State.CONNECTING), reached(PEERS, Input.OPEN))


def test_nothing_is_taken_after_the_close() -> None:
    """A connection that is closing never goes back to answering."""
    assert {State.CLOSING, State.CLOSED} == reached(OURS, State.CLOSING)


@pytest.mark.parametrize("each", [*State, *Move, *Input, *InputMove])
def test_short_names(each: Enum) -> None:
    """Each member has its own name in the module, in whatever order they are listed there."""
    assert getattr(states, each.name) is each

"""The states of an MLLP connection."""

from adapters.mllp.serving.states import Input, InputMove, Move, State, after, input_after
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
    assert legal(after, State, Move) == OURS


def test_what_the_peer_sends() -> None:
    """Input that has ended stays so."""
    assert legal(input_after, Input, InputMove) == PEERS


def test_every_state_can_be_reached() -> None:
    """No state of the table is there for nothing."""
    assert (set(State), set(Input)) == (reached(OURS, State.CONNECTING), reached(PEERS, Input.OPEN))


def test_nothing_is_taken_after_the_close() -> None:
    """A connection that is closing never goes back to answering."""
    assert {State.CLOSING, State.CLOSED} == reached(OURS, State.CLOSING)

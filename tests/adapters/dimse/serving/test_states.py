"""The states of the transport connection under an association."""

from adapters.dimse.serving.states import MOVES, Move, TransportState
from tests.state_tables import legal

LEGAL = {
    (TransportState.CONNECTING, Move.ADMIT, TransportState.OPEN),
    (TransportState.CONNECTING, Move.LOSE, TransportState.CLOSED),
    (TransportState.OPEN, Move.LOSE, TransportState.CLOSED),
}


def test_moves() -> None:
    """These moves are legal, and no other: no connection is admitted twice, and nothing follows the end."""
    assert (legal(MOVES, Move), set(MOVES)) == (LEGAL, set(TransportState))

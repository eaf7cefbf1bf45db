"""State machines: a table of legal moves for each kind of connection.

A table maps each state to its legal moves, and each move to the next state: ``{state: {move: state}}``, used as
``state = MOVES[state][move]``. A move that is not in the table is an error in our own code and raises; a legal move
that changes nothing leads back to the same state.
"""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

from gateway.contract.errors import LocalProtocolError

S = TypeVar("S", bound=Enum)
"""The states."""
M = TypeVar("M", bound=Enum)
"""The moves."""


class LegalMoves(dict[M, S]):
    """The moves that are legal in one state, and the state after each."""

    def __init__(self, state: S, moves: Mapping[M, S]) -> None:
        super().__init__(moves)
        self._state = state

    def __missing__(self, move: M) -> S:
        """Raise LocalProtocolError: *move* is not legal."""
        raise LocalProtocolError(f"{move} is not legal in {self._state}")


def state_table(moves: Mapping[S, Mapping[M, S]]) -> Mapping[S, Mapping[M, S]]:
    """Return *moves* as a table that raises LocalProtocolError for every move that is not in it."""
    return {state: LegalMoves(state, legal) for state, legal in moves.items()}

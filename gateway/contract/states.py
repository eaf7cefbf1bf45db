"""State machines: a table of legal moves for each kind of connection, and the one function that follows it.

A table says for each state which moves are legal there and which state follows: ``{state: {move: state}}``. What is not
in the table is a fault of our own code and raises; a move that is legal and changes nothing leads back to its state.
"""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

from gateway.contract.errors import LocalProtocolError

S = TypeVar("S", bound=Enum)
"""The states."""
M = TypeVar("M", bound=Enum)
"""The moves."""


def next_state(moves: Mapping[S, Mapping[M, S]], state: S, move: M) -> S:
    """Return the state after *move*. Raises LocalProtocolError where it is not legal in *state*."""
    try:
        return moves[state][move]
    except KeyError:
        raise LocalProtocolError(f"{move} is not legal in {state}") from None

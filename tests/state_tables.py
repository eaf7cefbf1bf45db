"""Checks of tables of legal moves."""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import TypeVar

from gateway.contract.errors import LocalProtocolError

S = TypeVar("S", bound=Enum)
M = TypeVar("M", bound=Enum)


def legal(table: Mapping[S, Mapping[M, S]], moves: type[M]) -> set[tuple[S, M, S]]:
    """Return every state and move of *table* that is legal, with the state that follows; all others must be errors."""
    found = set()
    for state in table:
        for move in moves:
            try:
                found.add((state, move, table[state][move]))
            except LocalProtocolError:
                continue
    return found


def reached(rows: Iterable[tuple[S, M, S]], first: S) -> set[S]:
    """Return the states that can be reached from *first*."""
    rows, states = list(rows), {first}
    while more := {to for state, _, to in rows if state in states} - states:
        states |= more
    return states

"""State machines."""

from enum import Enum

import pytest

from gateway.contract.errors import LocalProtocolError
from gateway.contract.states import state_table


class Door(Enum):
    """Two states."""

    OPEN = 1
    CLOSED = 2


class Hand(Enum):
    """Two moves."""

    PUSH = 1
    PULL = 2


MOVES = state_table({Door.OPEN: {Hand.PUSH: Door.CLOSED, Hand.PULL: Door.OPEN}, Door.CLOSED: {}})


@pytest.mark.parametrize(("move", "after"), [(Hand.PUSH, Door.CLOSED), (Hand.PULL, Door.OPEN)])
def test_legal_move(move: Hand, after: Door) -> None:
    """The table says which state follows."""
    assert after is MOVES[Door.OPEN][move]


def test_illegal_move() -> None:
    """What is not in the table is a fault of our own, named by state and move."""
    with pytest.raises(LocalProtocolError, match=r"^Hand.PUSH is not legal in Door.CLOSED$"):
        _ = MOVES[Door.CLOSED][Hand.PUSH]

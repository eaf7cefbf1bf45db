"""Requests that came early are handled when their turn has come."""

from typing import cast

import pytest

from adapters.dimse.protocol.association import Acceptor
from adapters.dimse.serving.flow import Gate, Hold
from adapters.dimse.serving.turns import MOST_AT_ONCE, Turns
from tests.adapters.dimse.fakes import until
from tests.adapters.dimse.transports import FakeTransport


class Waiting:
    """An association on which *count* events wait for their turn."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.portions: list[int] = []
        self.gate = Gate(FakeTransport())
        self.turns = Turns(cast("Acceptor", self), self.gate, self.take, self.told)
        self._taken = 0

    @property
    def has_turn(self) -> bool:
        """Whether one is due."""
        return self.count > 0

    def take(self) -> None:
        """Take one; the caller may call up what waits in the middle of it."""
        self.count -= 1
        self._taken += 1
        self.turns.call_up()

    def told(self) -> None:
        """Note how many were taken at once."""
        self.portions.append(self._taken)
        self._taken = 0


async def test_portions() -> None:
    """What waits is taken in portions between which other tasks run, and not before the caller has finished."""
    waiting = Waiting(MOST_AT_ONCE + 1)
    waiting.turns.call_up()
    assert [] == waiting.portions
    await until(lambda: not waiting.count, 60)
    assert [MOST_AT_ONCE, 1] == waiting.portions


@pytest.mark.parametrize("hold", [Hold.RATE, Hold.STORE, Hold.WRITE])
async def test_no_faster_than_it_would_be_read(hold: Hold) -> None:
    """What waits is not taken while the rate limit, the store or unread answers hold the peer."""
    waiting = Waiting(1)
    waiting.gate.close(hold)
    waiting.turns.call_up()
    waiting.gate.open(hold)
    waiting.turns.call_up()
    waiting.gate.close(hold)
    await until(lambda: waiting.portions, 60)
    assert ([0], 1) == (waiting.portions, waiting.count)


async def test_memory_does_not_hold_it_up() -> None:
    """What waits in memory already is taken also while there is no room for more."""
    waiting = Waiting(1)
    waiting.gate.close(Hold.MEMORY)
    waiting.turns.call_up()
    await until(lambda: not waiting.count, 60)

"""The share of a connection in the message memory."""

import asyncio

from adapters.http.serving.memory import Memory
from gateway.limits.shared import ProcessLimits


async def test_a_wait_for_room() -> None:
    """A connection that holds much waits while there is too much, and goes on when others hold less."""
    limits, pauses = ProcessLimits(1 << 20), list[int]()
    first, second = (Memory(limits, lambda: pauses.append(1)) for _ in range(2))
    first.hold(2 << 20)
    second.hold(2 << 20)
    assert ([False, True], [1]) == ([first.is_short, second.is_short], pauses)
    waiting = asyncio.create_task(second.room())
    first.hold(0)
    await asyncio.wait_for(waiting, 30)


async def test_no_limits() -> None:
    """Without shared limits nobody waits."""
    memory = Memory(None, lambda: None)
    memory.hold(1 << 40)
    assert not memory.is_short

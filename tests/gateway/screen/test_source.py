"""Where the pages get what they show."""

import asyncio

from gateway.contract.observed import Observed
from gateway.screen.source import FRESH_SECONDS, Looking
from tests.gateway.screen.screens import observed, status


class World:
    """What is observed, and how often it was."""

    def __init__(self) -> None:
        self.now = 0.0
        self.looks = 0

    async def observe(self) -> Observed:
        """Observe."""
        self.looks += 1
        await asyncio.sleep(0)
        return observed()


async def test_one_look_for_many() -> None:
    """Many pages at once cost one look; a second later there is another."""
    world = World()
    looking = Looking(world.observe, lambda _: status(), lambda: world.now)
    await asyncio.gather(*(looking.status() for _ in range(50)), looking.observed())
    assert 1 == world.looks
    world.now += FRESH_SECONDS
    await looking.status()
    assert 2 == world.looks


async def test_a_look_that_fails() -> None:
    """A failure is the asker's, and the next one looks again."""
    world = World()
    outcomes = iter([OSError("away"), observed()])

    async def observe() -> Observed:
        world.looks += 1
        outcome = next(outcomes)
        if isinstance(outcome, OSError):
            raise outcome
        return outcome

    looking = Looking(observe, lambda _: status(), lambda: world.now)
    results = [await asyncio.gather(looking.status(), return_exceptions=True) for _ in range(2)]
    assert [True, False] == [isinstance(each[0], OSError) for each in results]
    assert 2 == world.looks

"""Images wait for memory in the order in which they ask for it, and give it back however they end."""

import asyncio

import pytest

from adapters.deidentify.memory import MemoryBudget


class Holder:
    """Somebody who reserves memory and keeps it until told otherwise."""

    def __init__(self, budget: MemoryBudget, octets: int) -> None:
        self.has, self._ends = asyncio.Event(), asyncio.Event()
        self.task = asyncio.create_task(self._hold(budget, octets))

    async def _hold(self, budget: MemoryBudget, octets: int) -> None:
        async with budget.reserved(octets):
            self.has.set()
            await self._ends.wait()

    async def end(self) -> None:
        """Give the memory back."""
        self._ends.set()
        await self.task


async def settle() -> None:
    """Let all tasks run until each of them waits."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_order() -> None:
    """A small one does not pass a large one that asked before it: the large one would wait for ever."""
    budget = MemoryBudget(100)
    first, large, small = (Holder(budget, each) for each in (60, 80, 10))
    await settle()
    assert [each.has.is_set() for each in (first, large, small)] == [True, False, False]
    await first.end()
    await settle()
    assert [each.has.is_set() for each in (large, small)] == [True, True]
    await large.end()
    await small.end()


async def test_more_than_there_is() -> None:
    """One that needs more than all gets all, alone."""
    budget = MemoryBudget(100)
    huge, other = Holder(budget, 1000), Holder(budget, 1)
    await settle()
    assert [each.has.is_set() for each in (huge, other)] == [True, False]
    await huge.end()
    await asyncio.wait_for(other.has.wait(), 60)
    await other.end()


@pytest.mark.parametrize("gives_first", [True, False])
async def test_cancelled(*, gives_first: bool) -> None:
    """One that is cancelled while it waits, or at the moment in which it gets memory, keeps none."""
    budget = MemoryBudget(100)
    first, second = Holder(budget, 100), Holder(budget, 100)
    await settle()
    if gives_first:
        first._ends.set()
        await first.task  # the second has it now, and has not run since
    second.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second.task
    if not gives_first:
        await first.end()
    third = Holder(budget, 100)
    await asyncio.wait_for(third.has.wait(), 60)
    await third.end()


async def test_failed() -> None:
    """An error gives the memory back."""
    budget = MemoryBudget(1)
    for _ in range(3):
        with pytest.raises(ValueError, match="no image"):
            async with asyncio.timeout(60), budget.reserved(1):
                raise ValueError("no image")

"""Pieces of work that begin in order and end together."""

import asyncio
from collections.abc import Callable, Coroutine

import pytest

from adapters.mllp.ordered_tasks import OrderedTasks

Go = Callable[[], None]


class Works:
    """Makes pieces of work that note when they begin, and end when they are told."""

    def __init__(self, *, places: bool = True) -> None:
        self.begun: list[int] = []
        self.most = self.running = 0
        self.cancelled: list[int] = []
        self.may_end = asyncio.Event()
        self._places = places

    def number(self, number: int) -> Callable[[Go], Coroutine[None, None, int]]:
        """Return one piece."""

        async def work(go_on: Go) -> int:
            self.begun.append(number)
            self.running += 1
            self.most = max(self.most, self.running)
            if self._places:
                go_on()
            try:
                await self.may_end.wait()
            except asyncio.CancelledError:
                self.cancelled.append(number)
                raise
            finally:
                self.running -= 1
            return number

        return work


@pytest.mark.parametrize("places", [True, False], ids=["with a place", "without"])
async def test_order(places: bool) -> None:
    """Pieces begin in order, and their results are in order; a piece that does not call is waited for."""
    works = Works(places=places)
    works.may_end.set()
    async with OrderedTasks[int](4) as ordered_tasks:
        for number in range(50):
            await ordered_tasks.begin(works.number(number))
    assert list(range(50)) == works.begun == ordered_tasks.ended
    assert works.most <= (4 if places else 1)


async def test_no_more_than_allowed() -> None:
    """When *most* pieces are under way, the next begins only after the first of them has ended."""
    works = Works()
    async with OrderedTasks[int](3) as ordered_tasks:
        for number in range(3):
            await ordered_tasks.begin(works.number(number))
        fourth = asyncio.create_task(ordered_tasks.begin(works.number(3)))
        await asyncio.sleep(0.01)
        assert [0, 1, 2] == works.begun
        works.may_end.set()
        await fourth
    assert [0, 1, 2, 3] == ordered_tasks.ended


async def test_the_next_waits_for_a_place() -> None:
    """The next one does not begin while the one before has no place and has not ended."""
    works = Works(places=False)
    async with OrderedTasks[int](3) as ordered_tasks:
        first = asyncio.create_task(ordered_tasks.begin(works.number(0)))
        await asyncio.sleep(0.01)
        assert not first.done()
        works.may_end.set()
        await first
    assert [0] == ordered_tasks.ended


async def test_cancelled() -> None:
    """Cancellation leaves no piece running."""
    works = Works()

    async def begin_all() -> None:
        async with OrderedTasks[int](9) as ordered_tasks:
            for number in range(3):
                await ordered_tasks.begin(works.number(number))

    task = asyncio.create_task(begin_all())
    while len(works.begun) < 3:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [0, 1, 2] == works.cancelled
    assert 0 == works.running


async def test_failed() -> None:
    """What one of them raises is raised, and the others are cancelled."""
    works = Works()

    async def fail(go_on: Go) -> int:
        raise ZeroDivisionError

    async def begin_both() -> None:
        async with OrderedTasks[int](9) as ordered_tasks:
            await ordered_tasks.begin(fail)
            await ordered_tasks.begin(works.number(1))

    with pytest.raises(ZeroDivisionError):
        await begin_both()
    assert [1] == works.cancelled

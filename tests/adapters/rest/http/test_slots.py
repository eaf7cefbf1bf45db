"""Slots: as many at once as there are, and the next in the order in which they asked."""

import asyncio

import pytest

from adapters.rest.http.slots import Slots


async def enter(slots: Slots, name: str, inside: list[str], leave: asyncio.Event) -> None:
    """Be inside until *leave* is set."""
    async with slots:
        inside.append(name)
        await leave.wait()


async def turn() -> None:
    """Let all tasks go on that can."""
    for _ in range(3):
        await asyncio.sleep(0)


async def test_order() -> None:
    """Who waits longest gets the slot that becomes free."""
    slots, inside, leave = Slots(1), list[str](), [asyncio.Event() for _ in range(3)]
    tasks = [asyncio.create_task(enter(slots, name, inside, leave[at])) for at, name in enumerate("abc")]
    for at, expected in enumerate(["a", "ab", "abc"]):
        await turn()
        assert expected == "".join(inside)
        assert not slots.take_free()
        leave[at].set()
    await asyncio.gather(*tasks)
    assert slots.take_free()
    assert not slots.take_free()


async def test_cancelled_while_it_waits() -> None:
    """One that gives up is passed over, and takes no slot with it."""
    slots, inside, leave = Slots(1), list[str](), asyncio.Event()
    tasks = [asyncio.create_task(enter(slots, name, inside, leave)) for name in "abc"]
    await turn()
    tasks[1].cancel()
    leave.set()
    await asyncio.gather(tasks[0], tasks[2])
    assert ["a", "c"] == inside
    assert slots.take_free()


async def test_cancelled_when_its_turn_comes() -> None:
    """A slot that comes at the moment of the cancellation is not lost."""
    slots, inside = Slots(1), list[str]()
    assert slots.take_free()
    task = asyncio.create_task(enter(slots, "a", inside, asyncio.Event()))
    await turn()
    slots.give_back()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [] == inside
    assert slots.take_free()

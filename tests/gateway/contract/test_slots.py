"""Slots for messages and requests that are under way."""

import asyncio

from gateway.contract.slots import Slots


async def waiting(slots: Slots, count: int, ended: list[int]) -> list[asyncio.Task[None]]:
    """Begin to wait for a slot so many times."""

    async def wait(number: int) -> None:
        await slots.wait()
        ended.append(number)

    tasks = [asyncio.create_task(wait(number)) for number in range(count)]
    await asyncio.sleep(0)
    return tasks


async def test_count() -> None:
    """There are as many as were asked for; one that is given back is free again."""
    slots = Slots(2)
    assert [True, True, False] == [slots.take() for _ in range(3)]
    slots.give_back()
    assert [True, False] == [slots.take() for _ in range(2)]


async def test_in_order() -> None:
    """Those who wait get their slots in their order, and before anybody who comes later."""
    slots, ended = Slots(1), list[int]()
    slots.take()
    tasks = await waiting(slots, 3, ended)
    for _ in range(3):
        slots.give_back()
        assert not slots.take()
        await asyncio.sleep(0)
    await asyncio.wait(tasks)
    assert [0, 1, 2] == ended
    slots.give_back()
    assert slots.take()


async def test_cancelled_while_it_waits() -> None:
    """One that is cancelled is passed over."""
    slots, ended = Slots(1), list[int]()
    slots.take()
    tasks = await waiting(slots, 2, ended)
    tasks[0].cancel()
    await asyncio.sleep(0)
    slots.give_back()
    await asyncio.wait(tasks)
    assert [1] == ended


async def test_cancelled_with_its_slot() -> None:
    """One that is cancelled in the moment in which it gets its slot hands it on."""
    slots, ended = Slots(1), list[int]()
    slots.take()
    tasks = await waiting(slots, 2, ended)
    slots.give_back()
    tasks[0].cancel()
    await asyncio.wait(tasks)
    assert [1] == ended
    slots.give_back()
    assert slots.take()

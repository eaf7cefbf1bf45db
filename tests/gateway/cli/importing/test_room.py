"""Memory for objects is taken and given back; who finds too little waits."""

import asyncio

from gateway.cli.importing.room import Room


async def hold(room: Room, octets: int, held: list[int], end: asyncio.Event) -> None:
    """Hold octets until the end."""
    async with room.taken(octets):
        held.append(octets)
        await end.wait()


async def test_waits() -> None:
    """An object that finds no room begins when another one gives its room back."""
    room, held, ends = Room(10), list[int](), [asyncio.Event() for _ in range(3)]
    tasks = [asyncio.create_task(hold(room, octets, held, end)) for octets, end in zip((6, 4, 5), ends, strict=True)]
    for _ in range(9):
        await asyncio.sleep(0)
    assert held == [6, 4]
    ends[0].set()
    await tasks[0]
    for _ in range(9):
        await asyncio.sleep(0)
    assert held == [6, 4, 5]
    for each in ends:
        each.set()
    await asyncio.gather(*tasks)


async def test_larger_than_the_room() -> None:
    """An object that is larger than all the room has it alone."""
    room = Room(10)
    async with asyncio.timeout(5), room.taken(11), room.taken(0):
        pass
    async with asyncio.timeout(5), room.taken(10):
        pass


async def test_who_is_cancelled() -> None:
    """What was cancelled while it waited or held gives everything back."""
    room, held, end = Room(10), list[int](), asyncio.Event()
    tasks = [asyncio.create_task(hold(room, 8, held, end)) for _ in range(2)]
    for _ in range(9):
        await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    assert held == [8]
    async with asyncio.timeout(5), room.taken(10):
        pass

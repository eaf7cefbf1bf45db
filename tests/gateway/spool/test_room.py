"""How much the spool may still take."""

import pytest

from gateway.spool.interface import Limit
from gateway.spool.room import NoRoom, Room


def test_what_arrives_counts() -> None:
    """Messages on their way in take room like those that are there, until they are committed or given up."""
    room = Room(100, 0, 10, lambda: 1000)
    room.held = 50
    with room.reservation() as one, room.reservation() as other:
        room.grow(one, 30)
        room.grow(other, 20)
        with pytest.raises(NoRoom, match="the spool is full"):
            room.grow(other, 1)
    room.check(50)


@pytest.mark.parametrize(("free", "octets", "fits"), [(100, 10, True), (100, 11, False), (80, 0, False)])
def test_free_disk(free: int, octets: int, fits: bool) -> None:
    """So much of the disk stays free as is asked for."""
    room = Room(1000, 90, 10, lambda: free)
    if fits:
        room.check(octets)
    else:
        with pytest.raises(NoRoom, match="nearly full"):
            room.check(octets)


@pytest.mark.parametrize(("before", "octets", "fits"), [(0, 10, True), (4, 6, True), (0, 11, False), (4, 7, False)])
def test_room_in_the_database(before: int, octets: int, fits: bool) -> None:
    """What the database's file may fill again counts for payloads that are kept there, and for no larger ones."""
    room = Room(1000, 90, 10, lambda: 80)
    room.reusable = 500
    if fits:
        room.check(octets, before)
    else:
        with pytest.raises(NoRoom, match="nearly full"):
            room.check(octets, before)


def test_what_was_taken_counts_before_the_disk_is_asked_again() -> None:
    """The disk is asked seldom: what this process has taken since is taken from what it said, however large it is."""
    asked: list[int] = []

    def free() -> int:
        asked.append(1)
        return 1000

    room = Room(10**6, 100, 10, free)
    for _ in range(9):
        room.check(100)
    assert 1 == len(asked)
    room.check(100)
    assert 2 == len(asked)


SPACES = {
    "enough": (0, 91, 0, None),
    "as much as has to stay free": (0, 90, 0, Limit.MIN_FREE_BYTES),
    "room in the database": (0, 90, 1, None),
    "full": (100, 500, 0, Limit.MAX_BYTES),
    "one octet left": (99, 500, 0, None),
}


@pytest.mark.parametrize(("held", "free", "reusable", "limit"), SPACES.values(), ids=SPACES)
def test_space(held: int, free: int, reusable: int, limit: Limit | None) -> None:
    """A limit is told once it keeps even a message of one octet out."""
    room = Room(100, 90, 10, lambda: free)
    room.held, room.reusable = held, reusable
    space = room.space()
    assert (free, held, 90, 100, limit) == (
        space.free,
        space.held,
        space.min_free_bytes,
        space.max_bytes,
        space.limit,
    )

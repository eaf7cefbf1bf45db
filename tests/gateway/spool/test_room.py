"""How much the spool may still take."""

import pytest

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

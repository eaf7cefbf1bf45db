"""What may be delivered next."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.spool import (
    DAMAGED,
    Delivered,
    Parked,
    Plan,
    Selection,
    Spool,
)
from tests.gateway.spool.spools import (
    claim_one,
    claimed,
    commit,
    folder_of,
)


async def test_order_and_lanes(spool: Spool) -> None:
    """One entry of an ordering key at a time, oldest first; those without a key all at once."""
    for number, key in enumerate(["a", "b", "a", None, None, "b"]):
        await commit(spool, message_id=str(number), plan=Plan(("store",), key))
    assert ["0", "1"] == await claimed(spool, 2)
    assert ["3", "4"] == await claimed(spool)
    assert [] == await claimed(spool)


async def test_the_next_of_a_lane(spool: Spool) -> None:
    """When one is delivered, the next of its key is ready."""
    for number in range(2):
        await commit(spool, message_id=str(number), plan=Plan(("store",), "a"))
    entry = await claim_one(spool)
    assert await spool.settle(entry, Delivered())
    assert ["1"] == await claimed(spool)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Plan(("store",), "k"), Plan(("store",), "k")),
        (Plan(("store",), "k1", "i"), Plan(("store",), "k2", "i")),
        (Plan(("store",), None, "i"), Plan(("store",), None, "i")),
    ],
    ids=["one key", "one identity, other keys", "one identity"],
)
async def test_a_retried_one_waits_for_what_is_under_way(spool: Spool, one: Plan, other: Plan) -> None:
    """A parked entry that is tried again is not handed out while a later one of its key is being delivered."""
    await commit(spool, b"1", "1", one)
    await commit(spool, b"2", "2", other)
    await spool.settle(await claim_one(spool), Parked("no"))
    later = await claim_one(spool)
    assert 1 == await spool.retry(Selection())
    assert [] == await spool.claim("store", 9)
    await spool.settle(later, Delivered())
    assert "1" == (await claim_one(spool)).message.message_id


ODD_ROWS = {
    "a lane that is a number": "UPDATE deliveries SET lane = 7 WHERE message = 1",
    "a time that never comes": "UPDATE deliveries SET due = 1e300 WHERE message = 1",
    "a time that is text": "UPDATE deliveries SET due = 'x' WHERE message = 1",
    "attempts that are text": "UPDATE deliveries SET attempts = 'x' WHERE message = 1",
    "a file elsewhere": "UPDATE payloads SET data = NULL, file = '../lock' WHERE message = 1",
}


@pytest.mark.parametrize("statement", ODD_ROWS.values(), ids=ODD_ROWS)
async def test_an_odd_row_holds_nobody_up(spool: Spool, tmp_path: Path, statement: str) -> None:
    """Whatever a row holds, it is handed out, as damaged or as it was, and then the next of its ordering key."""
    for number in range(2):
        await commit(spool, message_id=str(number), plan=Plan(("store",), "a"))
    with closing(sqlite3.connect(folder_of(tmp_path) / "spool.db", isolation_level=None)) as other:
        other.execute(statement)
    entry = await claim_one(spool)
    intact = await spool.intact(entry)
    assert await spool.settle(entry, Delivered() if intact else Parked(DAMAGED))
    assert ["1"] == await claimed(spool)

"""The entries that are handed out."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from gateway.spool import (
    DAMAGED,
    Parked,
    PayloadDamaged,
    Plan,
    Selection,
    Spool,
)
from tests.gateway.spool.spools import (
    LARGE,
    body_files,
    claim_one,
    claimed,
    commit,
    folder_of,
    payload,
)


def flip(path: Path) -> None:
    """Flip a bit in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    """Cut a file short."""
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize("damage", [flip, cut, Path.unlink], ids=["flipped", "cut", "missing"])
async def test_a_damaged_file(spool: Spool, tmp_path: Path, damage: Callable[[Path], None]) -> None:
    """A payload file that is not what was written is noticed before an octet of it is sent; the rest goes on."""
    await commit(spool, LARGE, "bad", Plan(("store",), "a"))
    damage(body_files(tmp_path)[0])
    await commit(spool, LARGE, "good", Plan(("store",), "a"))
    entry = await claim_one(spool)
    assert not await spool.intact(entry)
    with pytest.raises(PayloadDamaged):
        await payload(entry)
    assert await spool.settle(entry, Parked(DAMAGED))
    good = await claim_one(spool)
    assert ("good", LARGE) == (good.message.message_id, await payload(good))


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE payloads SET data = x'00'",
        "UPDATE messages SET header = x'00'",
        "DELETE FROM payloads",
        "DELETE FROM messages",
    ],
)
async def test_a_damaged_row(spool: Spool, tmp_path: Path, damage: str) -> None:
    """A row that is not what was written is noticed likewise."""
    await commit(spool, message_id="bad", plan=Plan(("store",), "a"))
    await spool.find(Selection())  # it is in the database then
    with closing(sqlite3.connect(folder_of(tmp_path) / "spool.db", isolation_level=None)) as other:
        other.execute(damage)
    await commit(spool, message_id="good", plan=Plan(("store",), "a"))
    entry = await claim_one(spool)
    assert not await spool.intact(entry)
    assert await spool.settle(entry, Parked(DAMAGED))
    assert ["good"] == await claimed(spool)

"""What is in the log comes to the database, when it is due and when that can be done."""

import asyncio
from pathlib import Path

import pytest

from gateway.contract.outcome import Unavailable
from gateway.spool import (
    Delivered,
    Plan,
    Selection,
    Spool,
    SpoolError,
)
from gateway.spool.log import emptying
from gateway.spool.log.files import has_records
from tests.gateway.spool.log.logs import flush, no_room, states
from tests.gateway.spool.spools import (
    claim_one,
    claimed,
    commit,
    folder_of,
    make_message,
    next_one,
    until,
)


@pytest.fixture
async def spool(spool: Spool) -> Spool:
    """Return a spool that has written its clocks down: nothing is moved for that any more."""
    assert [] == await spool.claim("store", 9)
    return spool


async def test_what_waits_is_moved_after_a_while(spool: Spool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is delivered from the database then; what was handed out meanwhile is not handed out once more."""
    monkeypatch.setattr(emptying, "OLDEST_SECONDS", 0.01)
    await commit(spool, message_id="first")
    entry = await next_one(spool)  # while it is moved it is in neither
    await commit(spool, message_id="second")
    await until(lambda: [(1, 0), (2, 0)] == states(tmp_path))
    assert ["second"] == await claimed(spool)
    assert await spool.settle(entry, Delivered())
    assert [(1, 2), (2, 0)] == states(tmp_path)


async def test_a_full_log(spool: Spool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many messages wait, the log holds few of them."""
    monkeypatch.setattr(emptying, "MOST_MESSAGES", 3)
    for number in range(10):
        await commit(spool, message_id=str(number))
    assert len(states(tmp_path)) >= 7
    assert [str(number) for number in range(10)] == sorted(await claimed(spool))


async def test_many_come_at_once(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many come together, all that is too much is moved before more comes in."""
    monkeypatch.setattr(emptying, "MOST_MESSAGES", 8)
    monkeypatch.setattr(emptying, "SLICE", 2)
    most = 0
    for group in range(4):
        await asyncio.gather(*(commit(spool, message_id=f"{group}-{number}") for number in range(20)))
        (part,) = spool._parts.values()  # type: ignore[attr-defined]
        most = max(most, part.commits._store.writer.unmoved)
    assert most < 8 + 20


async def test_the_database_takes_nothing(tmp_path: Path, spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was acknowledged is delivered all the same, nothing more is, and all of it is moved afterwards."""
    monkeypatch.setattr(emptying, "AGAIN_SECONDS", 0.01)
    await commit(spool, message_id="kept")
    with monkeypatch.context() as patch:
        patch.setattr(emptying, "move", no_room)
        with pytest.raises(SpoolError):
            await flush(spool)
        outcome = await spool.commit(make_message(), Plan(("store",)))
        assert Unavailable("the spool's disk is full") == outcome
        await spool.settle(await claim_one(spool), Delivered())
    await commit(spool, message_id="more")
    assert ["kept", "more"] == sorted(each.message_id for each in (await spool.find(Selection())).records)
    assert 2 == len(states(tmp_path))


async def test_what_is_delivered_at_once(spool: Spool, tmp_path: Path) -> None:
    """Its payload never comes to the database, its record does, and the log holds nothing of it any more."""
    await commit(spool, b"PID|1||4711")
    await spool.settle(await claim_one(spool), Delivered())
    await until(lambda: [(1, 2)] == states(tmp_path) and not has_records(folder_of(tmp_path)))
    for path in folder_of(tmp_path).rglob("*"):
        assert path.is_dir() or b"PID|1||4711" not in path.read_bytes(), path


async def test_a_probe_while_the_database_takes_nothing(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a destination works again is tried with what is in the log."""
    await commit(spool)
    monkeypatch.setattr(emptying, "move", no_room)
    assert ["m1"] == [each.message.message_id for each in await spool.claim("store", 1, probe=True)]
    assert [] == await spool.claim("store", 1, probe=True)

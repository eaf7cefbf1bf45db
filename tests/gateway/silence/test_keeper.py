"""What was learnt goes to the disk and comes back; without the disk the gateway goes on."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.silence import store as module
from gateway.silence.keeper import Keeper
from gateway.silence.store import Store
from tests.gateway.silence.simulator import START
from tests.gateway.silence.test_roster import roster
from tests.gateway.silence.test_store import KEY, LISTENERS, damage, saved


async def test_there_and_back(tmp_path: Path) -> None:
    """What one process has saved the next one has."""
    first, second = roster(), roster()
    first.heard(*KEY, START, 1)
    first.tick(START + 1)
    keeper = Keeper(Store(tmp_path, LISTENERS), first)
    await keeper.load()
    await keeper.save()
    await Keeper(Store(tmp_path, LISTENERS), second).load()
    assert second.estimates.keys() == {KEY}


async def test_damage(tmp_path: Path) -> None:
    """A damaged file is told of, with its new name, and the next save works."""
    damage(saved(tmp_path))
    keeper = Keeper(Store(tmp_path, LISTENERS), roster())
    with capture_logs() as logs:
        await keeper.load()
        await keeper.save()
    assert [(each["event"], Path(each["path"]).name) for each in logs] == [
        ("silence_set_aside", "silence.sqlite3.damaged-1")
    ]
    assert Store(tmp_path, LISTENERS).read() == {}


async def test_what_could_not_be_read_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the file cannot be read it is not written either; later both are taken together."""
    monkeypatch.setattr(module, "BUSY_SECONDS", 0.01)
    store, peers = saved(tmp_path), roster()
    keeper = Keeper(store, peers)
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other, capture_logs() as logs:
        other.execute("BEGIN EXCLUSIVE")
        await keeper.load()
        peers.heard("CT1", "images", START, 1)
        peers.tick(START + 1)
        await keeper.save()
        await keeper.save()
    assert [each["event"] for each in logs] == ["silence_not_kept"]  # once, not each hour
    await keeper.save()
    assert store.read().keys() == {KEY, ("CT1", "images")}


async def test_the_disk_fails_twice(tmp_path: Path) -> None:
    """A fault is told once until the next success, and then again."""
    data_dir = tmp_path / "data"
    keeper = Keeper(Store(data_dir, LISTENERS), roster())
    await keeper.load()
    with capture_logs() as logs:
        for _ in range(2):
            data_dir.touch()
            await keeper.save()
            await keeper.save()
            data_dir.unlink()
            await keeper.save()
            (data_dir / "silence.sqlite3").unlink()
            data_dir.rmdir()
    assert [each["event"] for each in logs] == ["silence_not_kept"] * 2
    assert all(each["mend"] and each["reason"] for each in logs)

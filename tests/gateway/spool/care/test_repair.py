"""Repairing spools that were set aside."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.contract.errors import ConfigError
from gateway.spool import DAMAGED, Delivered, Plan, Selection, SpoolSettings, State, open_spool
from gateway.spool.care.repair import repair_all
from gateway.spool.folders import (
    REPAIRED,
    SET_ASIDE,
    existing_folders,
    folders_set_aside,
    take_folder,
    worker_of,
    write_mark,
)
from gateway.spool.payloads.encrypted import Encrypted
from gateway.spool.payloads.seal import Plain
from tests.gateway.spool.spools import KEY, LARGE, PATIENCE, SETTINGS, claim_one, commit, folder_of, next_one, payload

PLAN = Plan(("store",), "k", "i", 3600.0)


async def leave(data_dir: Path, settings: SpoolSettings = SETTINGS) -> Path:
    """Leave a delivered message and two that wait, one of them large, and set the spool aside."""
    async with open_spool(data_dir, settings) as spool:
        await commit(spool)
        await spool.settle(await claim_one(spool), Delivered())
        await commit(spool, b"small", "small", PLAN)
        await commit(spool, LARGE, "large", Plan(("store",), "k"))
    folder = folder_of(data_dir)
    write_mark(folder / SET_ASIDE, "damaged")
    return folder


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
async def test_all_that_is_whole_is_saved(tmp_path: Path, encrypted: bool) -> None:
    """Messages keep their order, payloads, keys and what recognises them; the old files stay and are not opened."""
    key = tmp_path / "key"
    key.write_bytes(KEY)
    settings = SETTINGS.model_copy(update={"key_file": key}) if encrypted else SETTINGS
    old = await leave(tmp_path, settings)
    (repaired,) = repair_all(tmp_path, Encrypted(KEY) if encrypted else Plain(), ["store"])
    assert (2, 1, [], []) == (
        repaired.saved.messages,
        repaired.saved.records,
        repaired.saved.parked,
        repaired.saved.lost,
    )
    assert [repaired.new] == [path.name for path in existing_folders(tmp_path)]
    assert (old / REPAIRED).exists()
    assert 1 == worker_of(old) == worker_of(old.parent / repaired.new)
    async with open_spool(tmp_path, settings) as spool:
        assert (await commit(spool, b"small", "again", PLAN)).duplicate
        for name, data in (("small", b"small"), ("large", LARGE)):
            entry = await claim_one(spool)
            assert (name, data) == (entry.message.message_id, await payload(entry))
            await spool.settle(entry, Delivered())


async def test_a_damaged_payload_is_parked(tmp_path: Path) -> None:
    """A message whose payload is damaged is kept as a record with the reason; those behind it go on."""
    old = await leave(tmp_path)
    (file,) = (old / "bodies").iterdir()
    file.write_bytes(b"x" * len(LARGE))
    (repaired,) = repair_all(tmp_path, Plain(), ["store"])
    assert [3] == repaired.saved.parked
    async with open_spool(tmp_path, SETTINGS) as spool:
        (record,) = (await spool.find(Selection(state=State.PARKED))).records
        assert ("large", DAMAGED) == (record.message_id, record.reason)
        assert 1 == await spool.discard(Selection(state=State.PARKED), "gone")
        assert "small" == (await claim_one(spool)).message.message_id


async def test_a_gateway_that_runs_adopts_what_was_saved(tmp_path: Path) -> None:
    """No restart is needed."""
    await leave(tmp_path)
    async with open_spool(tmp_path, SETTINGS) as spool:
        list(repair_all(tmp_path, Plain(), ["store"]))
        async with asyncio.timeout(PATIENCE):
            assert "small" == (await next_one(spool)).message.message_id


async def test_a_crash_before_the_last_step(tmp_path: Path) -> None:
    """What was saved is not saved twice."""
    old = await leave(tmp_path)
    (repaired,) = repair_all(tmp_path, Plain(), ["store"])
    (old / REPAIRED).unlink()
    write_mark(old / SET_ASIDE, f"damaged\n{repaired.new}\n")
    assert [] == list(repair_all(tmp_path, Plain(), ["store"]))
    assert ([], 1) == (folders_set_aside(tmp_path), len(existing_folders(tmp_path)))


async def test_by_name(tmp_path: Path) -> None:
    """A spool that was not set aside yet can be named, unless somebody has it open."""
    async with open_spool(tmp_path, SETTINGS) as spool:
        await commit(spool, LARGE)
        name = folder_of(tmp_path).name
        with pytest.raises(ConfigError, match="has this spool open"):
            list(repair_all(tmp_path, Plain(), ["store"], [name]))
    (repaired,) = repair_all(tmp_path, Plain(), ["store"], [name])
    assert 1 == repaired.saved.messages
    assert 1 == len(existing_folders(tmp_path))
    for wrong in (name, "nonsense", "../spool"):
        with pytest.raises(ConfigError, match="no such spool"):
            list(repair_all(tmp_path, Plain(), ["store"], [wrong]))


async def test_without_the_key(tmp_path: Path) -> None:
    """An encrypted spool is not repaired without its key: all of it would seem damaged."""
    key = tmp_path / "key"
    key.write_bytes(KEY)
    await leave(tmp_path, SETTINGS.model_copy(update={"key_file": key}))
    with pytest.raises(ConfigError, match="key_file"):
        list(repair_all(tmp_path, Plain(), ["store"]))
    assert 1 == len(folders_set_aside(tmp_path))


async def test_nothing_is_left_in_between(tmp_path: Path) -> None:
    """The new spool holds what a spool holds, and the folder in which it was made is gone."""
    await leave(tmp_path)
    (repaired,) = repair_all(tmp_path, Plain(), ["store"])
    new = tmp_path / "spool" / repaired.new
    assert {"spool.db", "bodies", "worker"} == {path.name for path in new.iterdir()}
    assert not (tmp_path / "spool-repair").exists()
    folder = take_folder(new)
    assert folder is not None
    folder.release()


async def test_the_payload_files_come_along(tmp_path: Path) -> None:
    """A payload file is linked, so that neither spool takes the other's away."""
    old = await leave(tmp_path)
    list(repair_all(tmp_path, Plain(), ["store"]))
    async with open_spool(tmp_path, SETTINGS) as spool:
        await spool.discard(Selection(), "gone")
    assert 1 == len(list((old / "bodies").iterdir()))


async def test_what_was_slipped_in_is_not_saved_as_whole(tmp_path: Path) -> None:
    """With a key the repair vouches for nothing: what was not committed under it stays damaged."""
    key = tmp_path / "key"
    key.write_bytes(KEY)
    settings = SETTINGS.model_copy(update={"key_file": key})
    old = await leave(tmp_path, settings)
    with closing(sqlite3.connect(old / "spool.db", isolation_level=None)) as other:
        other.execute("UPDATE messages SET listener = 'x' WHERE seq = 2")
    list(repair_all(tmp_path, Encrypted(KEY), ["store"]))
    async with open_spool(tmp_path, settings) as spool:
        entry = await claim_one(spool)
        assert not await spool.intact(entry)

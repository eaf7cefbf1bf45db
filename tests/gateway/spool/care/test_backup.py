"""Copying spools while they are in use, and restoring them."""

import asyncio
import errno
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.contract.errors import ConfigError
from gateway.spool import Delivered, Plan, Selection, State, open_spool
from gateway.spool.care import backup
from gateway.spool.care.backup import back_up
from gateway.spool.care.verify import verify
from gateway.spool.database.schema import CODES
from gateway.spool.folders import WorkerIndex, existing_folders, worker_of
from gateway.spool.log import emptying
from gateway.spool.payloads.encrypted import Encrypted
from gateway.spool.payloads.seal import Plain
from tests.gateway.spool.log.logs import keep_segment, no_room
from tests.gateway.spool.spools import KEY, LARGE, SETTINGS, claim_one, commit, folder_of, payload


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
async def test_backup_and_restore(tmp_path: Path, encrypted: bool) -> None:
    """A copy of a spool in use is whole; put in the place of the spool it delivers what waited."""
    key = tmp_path / "key"
    key.write_bytes(KEY)
    settings = SETTINGS.model_copy(update={"key_file": key}) if encrypted else SETTINGS
    data_dir, target = tmp_path / "data", tmp_path / "backup"
    async with open_spool(data_dir, settings) as spool:
        for name, data in (("small", b"small"), ("large", LARGE)):
            await commit(spool, data, name, Plan(("store",), "k"))
        (copied,) = back_up(data_dir, target)
        assert (2, 1, 0, []) == (copied.messages, copied.files, copied.gone, copied.missing)
    assert [] == verify(folder_of(target), Encrypted(KEY) if encrypted else Plain()).problems
    shutil.rmtree(data_dir / "spool")
    shutil.copytree(target / "spool", data_dir / "spool")
    async with open_spool(data_dir, settings) as spool:
        for name, data in (("small", b"small"), ("large", LARGE)):
            entry = await claim_one(spool)
            assert (name, data) == (entry.message.message_id, await payload(entry))
            await spool.settle(entry, Delivered())


async def test_the_copy_is_that_of_the_same_worker(tmp_path: Path) -> None:
    """A copy that is restored is taken by the worker that gets the peers whose messages wait there."""
    async with open_spool(tmp_path / "data", SETTINGS, WorkerIndex(2, 2)) as spool:
        await commit(spool)
        list(back_up(tmp_path / "data", tmp_path / "backup"))
    assert 2 == worker_of(folder_of(tmp_path / "backup"))


@pytest.mark.parametrize("state", [State.DELIVERED, State.DISCARDED])
async def test_what_ends_while_it_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: State) -> None:
    """A payload file that goes before its turn comes belongs to a message that ended: so says the copy."""
    target, real = tmp_path / "backup", backup._copy_file
    async with open_spool(tmp_path / "data", SETTINGS) as spool:
        for name in ("first", "second"):
            await commit(spool, LARGE, name, Plan(("store",), "k"))

        def end_before(source: Path, new: Path) -> None:
            monkeypatch.setattr(backup, "_copy_file", real)
            source.unlink()
            with closing(sqlite3.connect(folder_of(tmp_path / "data") / "spool.db", isolation_level=None)) as other:
                other.execute("DELETE FROM payloads WHERE message = 1")
                other.execute("UPDATE deliveries SET state = ? WHERE message = 1", (CODES[state],))
            real(source, new)

        monkeypatch.setattr(backup, "_copy_file", end_before)
        (copied,) = back_up(tmp_path / "data", target)
        assert (1, 1, []) == (copied.gone, copied.files, copied.missing)
    assert [] == verify(folder_of(target), Plain()).problems
    async with open_spool(target, SETTINGS) as restored:
        states = {each.message_id: each.state for each in (await restored.find(Selection())).records}
        assert {"first": state, "second": State.WAITING} == states
        assert "second" == (await claim_one(restored)).message.message_id


async def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """A file that is gone although its message waits is damage, and is told."""
    async with open_spool(tmp_path / "data", SETTINGS) as spool:
        await commit(spool, LARGE)
        for path in (folder_of(tmp_path / "data") / "bodies").iterdir():
            path.unlink()
        (copied,) = back_up(tmp_path / "data", tmp_path / "backup")
    assert [1] == copied.missing


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the owner of a spool not move its log, and nobody wait for that."""
    monkeypatch.setattr(emptying, "move", no_room)
    monkeypatch.setattr("gateway.spool.log.asking.ask_and_wait.__defaults__", (0.01,))


@pytest.mark.usefixtures("stuck")
@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
async def test_what_is_in_the_log_only(tmp_path: Path, encrypted: bool) -> None:
    """What was acknowledged and cannot be moved to the database is in the copy all the same, and that is told."""
    key = tmp_path / "key"
    key.write_bytes(KEY)
    settings = SETTINGS.model_copy(update={"key_file": key}) if encrypted else SETTINGS
    async with open_spool(tmp_path / "data", settings) as spool:
        for name, data in (("delivered", b"1"), ("small", b"small"), ("large", LARGE)):
            await commit(spool, data, name, Plan(("store",), "k"))
        await spool.settle(await claim_one(spool), Delivered())
        (copied,) = back_up(tmp_path / "data", tmp_path / "backup")
        assert (3, 2, 1, []) == (copied.messages, copied.logged, copied.files, copied.problems)
    assert [] == verify(folder_of(tmp_path / "backup"), Encrypted(KEY) if encrypted else Plain()).problems
    async with open_spool(tmp_path / "backup", settings) as restored:
        for name, data in (("small", b"small"), ("large", LARGE)):
            entry = await claim_one(restored)
            assert (name, data) == (entry.message.message_id, await payload(entry))
            assert await restored.intact(entry)
            await restored.settle(entry, Delivered())


@pytest.mark.usefixtures("stuck")
@pytest.mark.parametrize("is_delivered", [False, True], ids=["missing", "delivered"])
async def test_a_file_of_the_log_that_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_delivered: bool) -> None:
    """If its message was delivered meanwhile, the copy says so; if that still waits, the spool is damaged."""
    real, loop = backup._copy_file, asyncio.get_running_loop()
    async with open_spool(tmp_path / "data", SETTINGS) as spool:
        await commit(spool, LARGE)
        entry = await claim_one(spool)

        def end_before(source: Path, new: Path) -> None:
            if is_delivered:
                asyncio.run_coroutine_threadsafe(spool.settle(entry, Delivered()), loop).result(60)
            source.unlink(missing_ok=True)
            real(source, new)

        monkeypatch.setattr(backup, "_copy_file", end_before)
        (copied,) = await asyncio.to_thread(lambda: list(back_up(tmp_path / "data", tmp_path / "backup")))
        assert (copied.missing, copied.gone) == (([], 1) if is_delivered else ([1], 0))


async def test_a_damaged_log_is_told(tmp_path: Path) -> None:
    """A segment that is kept is not in the copy."""
    async with open_spool(tmp_path / "data", SETTINGS) as spool:
        await commit(spool)
        keep_segment(folder_of(tmp_path / "data"))
        (copied,) = back_up(tmp_path / "data", tmp_path / "backup")
    assert ["the intake log: damaged-0000000001 is kept, because it is not what was written"] == copied.problems


async def test_a_log_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the error of the spool, not of the folder for the copy."""
    async with open_spool(tmp_path / "data", SETTINGS):
        pass
    monkeypatch.setattr(backup, "read_log", denied)
    with pytest.raises(ConfigError, match=r"the intake log cannot be read: Permission denied; run this as the user"):
        list(back_up(tmp_path / "data", tmp_path / "backup"))


def denied(_folder: Path) -> None:
    """Fail like a file that may not be read."""
    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


async def test_the_target_is_new_and_private(tmp_path: Path) -> None:
    """A folder that holds something is left alone; what is made is for the owner alone."""
    async with open_spool(tmp_path / "data", SETTINGS) as spool:
        await commit(spool, LARGE)
        list(back_up(tmp_path / "data", tmp_path / "backup"))
        with pytest.raises(ConfigError, match="not empty"):
            list(back_up(tmp_path / "data", tmp_path / "backup"))
    assert 1 == len(existing_folders(tmp_path / "backup"))
    modes = {path.stat().st_mode & 0o077 for path in (tmp_path / "backup").rglob("*")}
    assert {0} == modes

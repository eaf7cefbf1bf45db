"""What came to another process is looked for before a message counts as a duplicate."""

import errno
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NoReturn

import pytest

from gateway.spool import Delivered, Plan, Spool, SpoolSettings, beside, open_spool
from gateway.spool.folders import Seat, existing_folders
from gateway.spool.schema import read_beside
from tests.gateway.spool.spools import KEY, LARGE, SETTINGS, FakeClock, claim_one, commit

PLAN = Plan(("store",), None, "sender|C1", 3600.0)
BY_CONTENT = Plan(("store",), None, "sender", 3600.0, by_content=True)


async def deliver(spool: Spool, data: bytes, plan: Plan = PLAN) -> None:
    """Commit a message that is new, and deliver it."""
    assert not (await commit(spool, data, plan=plan)).duplicate
    await spool.settle(await claim_one(spool), Delivered())


@pytest.mark.parametrize("delivered", [True, False], ids=["delivered", "waits"])
@pytest.mark.parametrize("encrypted", [True, False], ids=["encrypted", "plain"])
async def test_the_last_content_came_to_another_process(
    tmp_path: Path, clock: FakeClock, encrypted: bool, delivered: bool
) -> None:
    """Of A, B and A again the last is new, also where B came to another worker, with another clock."""
    (tmp_path / "key").write_text(KEY.hex())
    settings = SpoolSettings(min_free_bytes=0, inline_bytes=64, key_file=tmp_path / "key" if encrypted else None)
    ahead = FakeClock(clock.now + 3600)
    async with open_spool(tmp_path, settings, Seat(1, 2), ahead) as one:
        ahead.now -= 3600
        async with open_spool(tmp_path, settings, Seat(2, 2), clock) as other:
            for data, spool in ((LARGE, one), (b"B", other)):
                assert not (await commit(spool, data, plan=PLAN)).duplicate
                if delivered:
                    await spool.settle(await claim_one(spool), Delivered())
                ahead.now += 5
                clock.now += 5
            assert not (await commit(one, LARGE, plan=PLAN)).duplicate
            assert (await commit(one, LARGE, plan=PLAN)).duplicate


async def test_an_older_one_at_another_process(tmp_path: Path, clock: FakeClock) -> None:
    """What is the last of its identity among all processes is a duplicate when it is sent again."""
    async with (
        open_spool(tmp_path, SETTINGS, Seat(1, 2), clock) as one,
        open_spool(tmp_path, SETTINGS, Seat(2, 2), clock) as other,
    ):
        for data, spool in ((b"B", other), (b"A", one)):
            await deliver(spool, data)
            clock.now += 5
        assert (await commit(one, b"A", plan=PLAN)).duplicate


async def test_the_same_content_at_another_process(tmp_path: Path, clock: FakeClock) -> None:
    """A message that another process has had since is still a duplicate, and so is one known by its content."""
    async with (
        open_spool(tmp_path, SETTINGS, Seat(1, 2), clock) as one,
        open_spool(tmp_path, SETTINGS, Seat(2, 2), clock) as other,
    ):
        for plan in (PLAN, BY_CONTENT):
            for spool in (one, other):
                await deliver(spool, b"A", plan)
                clock.now += 5
            assert (await commit(one, b"A", plan=plan)).duplicate


async def test_a_spool_that_cannot_be_read(tmp_path: Path, clock: FakeClock) -> None:
    """Where another process's spool cannot be read the message is delivered again: it may be new."""
    async with open_spool(tmp_path, SETTINGS, Seat(1, 2), clock) as one:
        ours = existing_folders(tmp_path)
        async with open_spool(tmp_path, SETTINGS, Seat(2, 2), clock):
            await deliver(one, b"A")
            assert (await commit(one, b"A", plan=PLAN)).duplicate
            (folder,) = set(existing_folders(tmp_path)) - set(ours)
            with closing(sqlite3.connect(folder / "spool.db")) as connection:
                connection.execute("UPDATE spool SET secret = x'00'")
                connection.commit()
            await deliver(one, b"A")


async def test_a_spool_that_can_be_read_a_moment_later(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be read just while its owner opens it is read again: nothing is delivered twice for that."""
    tries: list[Path] = []

    def read_at_last(path: Path) -> sqlite3.Connection:
        tries.append(path)
        if len(tries) < 3:
            raise sqlite3.OperationalError("database is locked")
        return read_beside(path)

    async with (
        open_spool(tmp_path, SETTINGS, Seat(1, 2), clock) as one,
        open_spool(tmp_path, SETTINGS, Seat(2, 2), clock),
    ):
        await deliver(one, b"A")
        monkeypatch.setattr(beside, "read_beside", read_at_last)
        assert (await commit(one, b"A", plan=PLAN)).duplicate
    assert 3 == len(tries)


async def test_a_spool_that_is_removed_meanwhile(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A spool that is gone when it is to be read was empty: a message that was sent before stays a duplicate."""

    def remove(path: Path) -> sqlite3.Connection:
        shutil.rmtree(path.parent)
        raise sqlite3.OperationalError("unable to open database file")

    async with open_spool(tmp_path, SETTINGS, Seat(1, 2), clock) as one:
        await deliver(one, b"A")
        (tmp_path / "spool" / "empty").mkdir()
        (tmp_path / "spool" / "empty" / "spool.db").touch()
        monkeypatch.setattr(beside, "read_beside", remove)
        assert (await commit(one, b"A", plan=PLAN)).duplicate


async def test_a_spool_that_comes_later(tmp_path: Path, clock: FakeClock) -> None:
    """Another process's spool is looked into however soon after the last look it was made."""
    async with open_spool(tmp_path, SETTINGS, Seat(1, 2), clock) as one:
        await deliver(one, b"A")
        assert (await commit(one, b"A", plan=PLAN)).duplicate
        async with open_spool(tmp_path, SETTINGS, Seat(2, 2), clock) as other:
            clock.now += 5
            await deliver(other, b"B")
            clock.now += 5
            await deliver(one, b"A")


async def test_a_folder_that_cannot_be_listed(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no more files can be opened to look for other spools the message is delivered again, and no error shows."""

    def fail(_: Path) -> NoReturn:
        raise OSError(errno.EMFILE, "Too many open files")

    async with open_spool(tmp_path, SETTINGS, clock=clock) as spool:
        await deliver(spool, b"A")
        monkeypatch.setattr(os, "scandir", fail)
        monkeypatch.setattr(beside, "existing_folders", fail)
        await deliver(spool, b"A")

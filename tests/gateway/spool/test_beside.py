"""What came to another process is known here, too: as the same message, or as a newer one of its identity."""

import errno
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest
from structlog.testing import capture_logs

from gateway.spool import Delivered, Parked, Plan, Spool, SpoolSettings, neighbours, open_spool
from gateway.spool.database.schema import read_beside
from gateway.spool.folders import WorkerIndex, existing_folders, worker_of
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
    async with open_spool(tmp_path, settings, WorkerIndex(1, 2), ahead) as one:
        ahead.now -= 3600
        async with open_spool(tmp_path, settings, WorkerIndex(2, 2), clock) as other:
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
        open_spool(tmp_path, SETTINGS, WorkerIndex(1, 2), clock) as one,
        open_spool(tmp_path, SETTINGS, WorkerIndex(2, 2), clock) as other,
    ):
        for data, spool in ((b"B", other), (b"A", one)):
            await deliver(spool, data)
            clock.now += 5
        assert (await commit(one, b"A", plan=PLAN)).duplicate


@pytest.mark.parametrize("delivered", [True, False], ids=["delivered", "waits"])
@pytest.mark.parametrize("plan", [PLAN, BY_CONTENT], ids=["by its name", "by its content"])
async def test_what_only_another_process_has(tmp_path: Path, clock: FakeClock, plan: Plan, delivered: bool) -> None:
    """A message that is sent again to another process goes to those destinations only that do not have it."""
    both = replace(plan, destinations=("store", "added"))
    async with (
        open_spool(tmp_path, SETTINGS, WorkerIndex(1, 2), clock) as one,
        open_spool(tmp_path, SETTINGS, WorkerIndex(2, 2), clock) as other,
    ):
        assert not (await commit(other, b"A", plan=plan)).duplicate
        if delivered:
            await other.settle(await claim_one(other), Delivered())
        clock.now += 5
        for _ in range(2):
            assert (await commit(one, b"A", plan=plan)).duplicate
        assert not (await commit(one, b"A", plan=both)).duplicate
        assert [] == await one.claim("store", 9)
        await one.settle(await claim_one(one, "added"), Delivered())
        assert (await commit(other, b"A", plan=both)).duplicate


async def test_what_another_process_has_parked_or_forgotten(tmp_path: Path, clock: FakeClock) -> None:
    """A message is new where another process has given it up, or has had it for longer than the window."""
    async with (
        open_spool(tmp_path, SETTINGS, WorkerIndex(1, 2), clock) as one,
        open_spool(tmp_path, SETTINGS, WorkerIndex(2, 2), clock) as other,
    ):
        await commit(other, b"A", plan=PLAN)
        await other.settle(await claim_one(other), Parked("refused"))
        clock.now += 5
        await deliver(one, b"A")
        clock.now += PLAN.duplicate_window + 1
        await deliver(other, b"A")


@pytest.mark.parametrize("seconds", [0.0, 0.5, 0.9])
async def test_contents_that_came_at_nearly_the_same_time(tmp_path: Path, clock: FakeClock, seconds: float) -> None:
    """Which of two came last cannot be told so closely by the clocks of two processes: the first sent again is new."""
    async with (
        open_spool(tmp_path, SETTINGS, WorkerIndex(1, 2), clock) as one,
        open_spool(tmp_path, SETTINGS, WorkerIndex(2, 2), clock) as other,
    ):
        await deliver(one, b"A")
        clock.now += seconds
        await deliver(other, b"B")
        clock.now += 5
        await deliver(other, b"A")


async def test_a_spool_that_cannot_be_read(tmp_path: Path, clock: FakeClock) -> None:
    """Where another process's spool cannot be read the message is delivered again: it may be new."""
    async with open_spool(tmp_path, SETTINGS, WorkerIndex(1, 2), clock) as one:
        ours = existing_folders(tmp_path)
        async with open_spool(tmp_path, SETTINGS, WorkerIndex(2, 2), clock):
            (folder,) = set(existing_folders(tmp_path)) - set(ours)
            with closing(sqlite3.connect(folder / "spool.db")) as connection:
                connection.execute("UPDATE spool SET secret = x'00'")
                connection.commit()
            with capture_logs() as logs:
                await deliver(one, b"A")
                await deliver(one, b"A")
            assert ["spool_not_read"] == [each["event"] for each in logs]


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
        open_spool(tmp_path, SETTINGS, WorkerIndex(1, 2), clock) as one,
        open_spool(tmp_path, SETTINGS, WorkerIndex(2, 2), clock) as other,
    ):
        await deliver(other, b"A")
        monkeypatch.setattr(neighbours, "read_beside", read_at_last)
        assert (await commit(one, b"A", plan=PLAN)).duplicate
    assert 3 == len(tries)


async def test_a_spool_that_is_removed_meanwhile(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A spool that is gone when it is to be read was empty: a message that was sent before stays a duplicate."""

    def remove(path: Path) -> sqlite3.Connection:
        shutil.rmtree(path.parent)
        raise sqlite3.OperationalError("unable to open database file")

    async with open_spool(tmp_path, SETTINGS, WorkerIndex(1, 2), clock) as one:
        await deliver(one, b"A")
        (tmp_path / "spool" / "empty").mkdir()
        (tmp_path / "spool" / "empty" / "spool.db").touch()
        monkeypatch.setattr(neighbours, "read_beside", remove)
        assert (await commit(one, b"A", plan=PLAN)).duplicate


async def test_a_spool_that_comes_later(tmp_path: Path, clock: FakeClock) -> None:
    """Another process's spool is looked into however soon after the last look it was made."""
    async with open_spool(tmp_path, SETTINGS, WorkerIndex(1, 2), clock) as one:
        await deliver(one, b"A")
        assert (await commit(one, b"A", plan=PLAN)).duplicate
        async with open_spool(tmp_path, SETTINGS, WorkerIndex(2, 2), clock) as other:
            clock.now += 5
            await deliver(other, b"B")
            clock.now += 5
            await deliver(one, b"A")


async def test_a_spool_that_comes_at_once(tmp_path: Path, clock: FakeClock) -> None:
    """Another process's spool is looked into from the moment on when its folder is there."""
    async with open_spool(tmp_path, SETTINGS, WorkerIndex(1, 2), clock) as one:
        await deliver(one, b"A")
    clock.now += 5
    async with open_spool(tmp_path, SETTINGS, WorkerIndex(2, 2), clock) as other:
        await deliver(other, b"B")
    clock.now += 5
    [newer] = [path for path in existing_folders(tmp_path) if worker_of(path) == 2]
    newer.rename(tmp_path / "elsewhere")
    async with open_spool(tmp_path, SETTINGS, WorkerIndex(1, 2), clock) as one:
        assert (await commit(one, b"A", plan=PLAN)).duplicate
        (tmp_path / "elsewhere").rename(newer)
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
        monkeypatch.setattr(neighbours, "existing_folders", fail)
        await deliver(spool, b"A")

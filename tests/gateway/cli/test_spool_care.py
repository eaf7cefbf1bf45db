"""What ``hilum spool verify``, ``repair`` and ``backup`` print and do beside a process that holds a spool open."""

import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from gateway.spool.folders import SET_ASIDE, existing_folders, write_mark
from tests.gateway.cli.operators import Operator
from tests.gateway.spool.log.logs import keep_segment
from tests.gateway.spool.spools import FakeClock, folder_of
from tests.gateway.spooled import MARK, Spooled, filled_spool


@pytest.fixture
def operator(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> Operator:
    """Return an operator of the gateway whose data directory is ``tmp_path``."""
    return Operator(tmp_path, capsysbinary)


async def test_verify(spooled: Spooled, operator: Operator, tmp_path: Path) -> None:
    """A whole spool ends with 0, one with a damaged payload with 1 and the message's number."""
    name = folder_of(tmp_path).name
    status, out, _ = await operator("verify")
    assert (0, f"{name}: 4 messages, 3 payloads, all whole\n") == (status, out.decode())
    with closing(sqlite3.connect(folder_of(tmp_path) / "spool.db", isolation_level=None)) as other:
        other.execute("UPDATE payloads SET data = x'00' WHERE message = 2")
    status, out, _ = await operator("verify")
    assert (1, True) == (status, f"{name}: message 2: its payload is damaged\n" in out.decode())


async def test_backup(spooled: Spooled, operator: Operator, tmp_path: Path) -> None:
    """What was copied is told; what stands there already is left alone."""
    target = tmp_path / "backup"
    status, out, _ = await operator("backup", target)
    name = folder_of(tmp_path).name
    assert (0, f"{name}: 4 messages, 1 payload files, 0 delivered meanwhile\n") == (status, out.decode())
    assert [name] == [path.name for path in existing_folders(target)]
    status, _, err = await operator("backup", target)
    assert (2, True) == (status, "is not empty" in err)


async def test_a_damaged_log(spooled: Spooled, operator: Operator, tmp_path: Path) -> None:
    """A part of the intake log that is damaged is told by a backup and by a repair, and both end with 1."""
    old = folder_of(tmp_path)
    keep_segment(old)
    problem = "the intake log: damaged-0000000001 is kept, because it is not what was written"
    status, out, _ = await operator("backup", tmp_path / "backup")
    assert (1, True) == (status, f"{old.name}: {problem}; the backup has only what is whole\n" in out.decode())
    shutil.copytree(old, tmp_path / "spool" / "copy")
    write_mark(tmp_path / "spool" / "copy" / SET_ASIDE, "damaged")
    status, out, _ = await operator("repair")
    assert (1, True) == (status, f"copy: {problem}\n" in out.decode())


async def test_repair_of_nothing(spooled: Spooled, operator: Operator) -> None:
    """Where nothing was set aside, that is said."""
    assert (0, b"there is nothing to repair: no spool was set aside\n", "") == await operator("repair")


async def test_repair(operator: Operator, tmp_path: Path) -> None:
    """What could be saved and what could not is told without a word of a payload; then nothing is left to repair."""
    async with filled_spool(tmp_path, FakeClock(time.time())):
        pass
    old = folder_of(tmp_path)
    write_mark(old / SET_ASIDE, "damaged")
    with closing(sqlite3.connect(old / "spool.db", isolation_level=None)) as other:
        other.execute("UPDATE payloads SET data = x'00' WHERE message = 2")
        other.execute("UPDATE messages SET header = x'00' WHERE seq = 4")
    status, _, err = await operator("status")
    assert (0, True) == (status, f"damaged spools, not in these totals: {old.name}" in err)
    assert 1 == (await operator("verify"))[0]
    status, out, _ = await operator("repair")
    new = folder_of_new(tmp_path, old)
    lines = out.decode().splitlines()
    assert (1, f"{old.name}: saved in {new}: 1 waiting or parked messages, 1 records") == (status, lines[0])
    assert f"{old.name}: message 2: its payload is damaged; its record is parked in {new}" in lines
    assert f"{old.name}: message 4: could not be saved" in lines
    assert MARK not in out
    assert (0, "") == (await operator("repair"))[::2]


def folder_of_new(data_dir: Path, old: Path) -> str:
    """Return the name of the spool that was made."""
    (new,) = (path.name for path in existing_folders(data_dir) if path != old)
    return new


async def test_accept(operator: Operator, tmp_path: Path) -> None:
    """Without a key that is an error; with one it is told what was vouched for, and then that there is nothing."""
    async with filled_spool(tmp_path, FakeClock(time.time())):
        pass
    status, _, err = await operator("accept")
    assert (2, True) == (status, "key_file: is not set" in err)
    operator.give_key()
    name = folder_of(tmp_path).name
    told = f"{name}: has the key now; 3 deliveries that wait or are parked were accepted\n"
    assert (0, told.encode(), "") == await operator("accept")
    assert (0, b"there is nothing to accept: every spool has the key\n", "") == await operator("accept")
    assert 0 == (await operator("verify"))[0]

"""Tests of what only one process of a gateway may do at a time."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.contract import once
from gateway.contract.errors import ConfigError
from gateway.contract.once import OnePerGateway

pytestmark = pytest.mark.asyncio

HOLDER = """
import sys
from contextlib import suppress
from pathlib import Path
from gateway.contract.once import OnePerGateway

lock = OnePerGateway(Path(sys.argv[1]), "destination lab")
with suppress(StopIteration):  # it waits for nothing
    lock.__aenter__().send(None)
print(lock.is_held, flush=True)
sys.stdin.read()
"""


async def test_first_takes_it(tmp_path: Path) -> None:
    """The first process has the lock at once."""
    async with OnePerGateway(tmp_path, "destination lab") as lock:
        assert lock.is_held


async def test_second_goes_without(tmp_path: Path) -> None:
    """A second one does not get it while the first has it."""
    async with OnePerGateway(tmp_path, "destination lab"), OnePerGateway(tmp_path, "destination lab") as second:
        assert not second.take()


async def test_another_thing(tmp_path: Path) -> None:
    """Another thing has a lock of its own, also where its name differs in the case only."""
    async with OnePerGateway(tmp_path, "destination lab"), OnePerGateway(tmp_path, "destination LAB") as other:
        assert other.is_held


async def test_successor(tmp_path: Path) -> None:
    """When the first leaves, the second can take it."""
    first = OnePerGateway(tmp_path, "destination lab")
    await first.__aenter__()
    async with OnePerGateway(tmp_path, "destination lab") as second:
        await first.__aexit__(None, None, None)
        assert (False, True) == (first.take(), second.take())


async def test_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process may wait until it has the lock."""
    monkeypatch.setattr(once, "AGAIN_SECONDS", 0.01)
    first = OnePerGateway(tmp_path, "destination lab")
    await first.__aenter__()
    async with OnePerGateway(tmp_path, "destination lab") as second, asyncio.timeout(30):
        waiting = asyncio.create_task(second.taken())
        await asyncio.sleep(0.03)
        assert not waiting.done()
        await first.__aexit__(None, None, None)
        await waiting
        assert second.is_held


async def test_killed_holder(tmp_path: Path) -> None:
    """The lock of a process that was killed is free at once."""
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:  # noqa: ASYNC220  the test waits for its line
        assert holder.stdout is not None
        assert b"True\n" == holder.stdout.readline()
        async with OnePerGateway(tmp_path, "destination lab") as lock:
            assert not lock.is_held
            holder.send_signal(signal.SIGKILL)
            holder.wait()
            assert lock.take()


async def test_folder_that_cannot_be_used(tmp_path: Path) -> None:
    """A data directory that cannot be used is a mistake of the configuration, and the text says what needs it."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"^data_dir: .*; destination lab needs it for a lock; name a folder"):
        await OnePerGateway(tmp_path / "file", "destination lab").__aenter__()

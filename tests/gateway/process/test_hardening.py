"""The hardening of the daemon's processes."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import serving
from tests.running import relay

TEXT = relay("kind: mllp, port: 0", 'kind: http, url: "http://127.0.0.1:1/"')
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, which only Linux has")


def is_hardened(pid: int) -> bool:
    """Tell whether a process can leave no core dump and makes files for its owner alone."""
    limits, status = Path(f"/proc/{pid}/limits").read_text(), Path(f"/proc/{pid}/status").read_text()
    (core,) = (line.split()[-3:] for line in limits.splitlines() if line.startswith("Max core file size"))
    return ["0", "0", "bytes"] == core and "Umask:\t0077" in status


@LINUX
async def test_daemon(tmp_path: Path) -> None:
    """The daemon has no core dumps and a umask that keeps other users out."""
    async with serving(tmp_path, TEXT) as (process, _):
        assert is_hardened(process.process.pid)


@pytest.mark.slow
@LINUX
async def test_workers(tmp_path: Path) -> None:
    """Every worker is hardened like the daemon."""
    async with serving(tmp_path, f"{TEXT}workers: 2\n") as (process, _):
        async with asyncio.timeout(60):
            while len(pids := [each["pid"] for each in process.events if each["event"] == "worker_started"]) < 2:
                await asyncio.sleep(0.05)
        assert [True, True, True] == [is_hardened(pid) for pid in (process.process.pid, *pids)]
        process.process.terminate()
        await process.ended()


@LINUX
def test_not_dumpable() -> None:
    """No other process may read its memory, and the kernel dumps it to no program either (PR_GET_DUMPABLE is 0)."""
    program = (
        "import ctypes, resource\nfrom gateway.process.hardening import harden_process\nharden_process()\n"
        "print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), resource.getrlimit(resource.RLIMIT_CORE))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "0 (0, 0)\n" == said.stdout


async def test_spool_is_the_owners(tmp_path: Path) -> None:
    """Every file and folder that commit mode makes is its owner's alone, whatever the umask was."""
    data_dir = tmp_path / "data"
    text = f"{TEXT.replace('port: 0}', 'port: 0, acknowledge: commit}', 1)}data_dir: {data_dir}\n"
    before = os.umask(0)
    try:
        async with serving(tmp_path, text) as (process, _):
            found = await asyncio.to_thread(lambda: [data_dir, *data_dir.rglob("*")])
            assert [] == [str(path) for path in found if path.stat().st_mode & 0o077]
            assert any(path.suffix for path in found)
            process.process.terminate()
            await process.ended()
    finally:
        os.umask(before)

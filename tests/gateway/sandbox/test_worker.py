"""One thread does all the work."""

import asyncio
import threading
from pathlib import Path

import pytest

from gateway.sandbox.worker import AT_A_TIME, Worker


async def test_one_thread() -> None:
    """All work is done in the one thread, which is gone after closing."""
    worker = Worker("test-worker")
    threads = {await worker.run(threading.current_thread) for _ in range(3)}
    worker.close()
    assert [False] == [thread.is_alive() for thread in threads]


async def test_each() -> None:
    """What comes later is done between the pieces of longer work, and the results are in order."""
    worker, done = Worker("test"), []

    def note(number: int) -> int:
        done.append(number)
        return number

    items = list(range(3 * AT_A_TIME))
    long = asyncio.ensure_future(worker.run_each(note, items))
    await asyncio.sleep(0)
    await worker.run(lambda: note(-1))
    assert await long == items
    assert -1 in done[: 2 * AT_A_TIME + 1]
    assert await worker.run_each(note, []) == []
    worker.close()


async def test_sync(tmp_path: Path) -> None:
    """Files are synced beside other work; one that is not there is an error."""
    worker = Worker("test")
    files = [tmp_path / f"{number}" for number in range(40)]
    for path in files:
        path.write_bytes(b"x")
    stop = threading.Event()
    busy = asyncio.ensure_future(worker.run(stop.wait))
    await worker.sync(files)
    assert not busy.done()
    stop.set()
    await busy
    with pytest.raises(FileNotFoundError):
        await worker.sync([tmp_path / "absent"])
    worker.close()

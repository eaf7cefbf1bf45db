"""Processes that crash or hang cost one dead letter each, and the rest goes on."""

import os
import signal
import threading
from pathlib import Path

import pytest

pytest.importorskip("duckdb", reason="the extra tables is not installed")
pytest.importorskip("PIL", reason="the extra ocr is not installed")

from adapters.objects.folder import Folder
from adapters.pipeline.contract import Reference
from adapters.pipeline.drivers.local import ENDED, HUNG, LocalDriver
from adapters.pipeline.planning import plan_of, tasks
from adapters.pipeline.running import Summary, begun, look, run
from adapters.pipeline.work import Done, Task, Work
from adapters.tables.contract import Tables
from adapters.tables.engine import Engine
from gateway.contract.objects import Bucket
from tests.adapters.pipeline import small


class Hostile(Folder):
    """A bucket with objects by which the process that reads them dies, or never comes back."""

    async def read(self, key: str, first: int = 0, count: int | None = None) -> bytes:
        """Return the octets, or nothing any more."""
        if "crash" in key:
            os.kill(os.getpid(), signal.SIGKILL)
        if "hang" in key:
            threading.Event().wait()
        return await super().read(key, first, count)


class HostileOpener(small.Opener):
    """Opens such buckets."""

    def __call__(self, name: str) -> Bucket:
        """Return a bucket."""
        return Hostile(self.root / name)


def hostile(root: Path, **changes: object) -> Work:
    """Return the work over such buckets."""
    found = small.work(root, **changes)
    return Work(found.settings, found.step, found.domains, found.folder, HostileOpener(root))


async def test_crash_and_hang(tmp_path: Path) -> None:
    """Each is given up after its attempts, with its reason, and all other objects have their rows."""
    small.hospitals(tmp_path, images=1)
    small.put(tmp_path, "north/dicom/crash.dcm", small.instance(1, 7))
    small.put(tmp_path, "south/hang.dcm", small.instance(3, 7))
    work = hostile(tmp_path, object_seconds=5, processes=2)
    told: list[Done] = []
    summary = await run(work, LocalDriver, "1", lambda done, _: told.append(done))
    assert summary.is_good
    assert len(told) == summary.done == 8
    engine = Engine({"main": Tables(work.settings.tables)})
    try:
        dead = engine.query("SELECT object, stage, reason FROM dead_letters ORDER BY ALL").rows
        assert dead == [
            ("dicom/crash.dcm", "headers", ENDED),
            ("dicom/crash.dcm", "public", ENDED),
            ("hang.dcm", "headers", HUNG),
            ("hang.dcm", "public", HUNG),
        ]
        assert engine.query("SELECT count(*) FROM prod").rows == [(4,)]
    finally:
        engine.close()
    assert (await run(work, LocalDriver, "1")).done == 0, "what is given up is not tried at each run"


async def test_the_same_rows_with_more_processes(tmp_path: Path) -> None:
    """However many processes there are, the results are the same."""
    small.hospitals(tmp_path / "one", images=1)
    (tmp_path / "two").mkdir()
    found = []
    for count in (1, 2):
        work = small.work(tmp_path / "one", processes=count, tables=tmp_path / f"tables{count}")
        await run(work, LocalDriver, "1")
        found.append({each.name: each.read_bytes() for each in work.folder.rglob("*.made.json")})
    assert found[0] == found[1]
    assert len(found[0]) == 10


async def test_workers_are_gone_at_the_end(tmp_path: Path) -> None:
    """A driver that is left in the middle ends its processes."""
    small.hospitals(tmp_path, images=1)
    work = small.work(tmp_path)
    async with begun(work) as ledger:
        await look(work, ledger, Summary())
        missing = list(tasks(plan_of(work, ledger, "1")))
    driver = LocalDriver(work)
    async with driver:
        async for _ in driver.run(missing):
            break
    assert all(worker._process is None for worker in driver._workers)


def test_a_task_is_small() -> None:
    """What goes to a process is a reference, not an object."""
    import pickle  # noqa: PLC0415

    task = Task("image", Reference("north", "k" * 1024, "v", 2**40), {"headers": "a" * 64})
    assert len(pickle.dumps(task)) < 4096

"""The driver for one machine makes the same results with any number of processes, and leaves none behind."""

from pathlib import Path

import pytest

pytest.importorskip("duckdb", reason="the extra tables is not installed")
pytest.importorskip("PIL", reason="the extra ocr is not installed")

from adapters.pipeline.contract import Reference
from adapters.pipeline.drivers.local import LocalDriver
from adapters.pipeline.planning import plan_of, tasks
from adapters.pipeline.running import Summary, begun, look, run
from adapters.pipeline.work import Task
from tests.adapters.pipeline import small


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
    assert not any(worker.is_running for worker in driver._workers)


def test_a_task_is_small() -> None:
    """What goes to a process is a reference, not an object."""
    import pickle  # noqa: PLC0415

    task = Task("image", Reference("north", "k" * 1024, "v", 2**40), {"headers": "a" * 64})
    assert len(pickle.dumps(task)) < 4096

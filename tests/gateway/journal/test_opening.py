"""Opening the journal of a process."""

import threading
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.contract.journal import Row
from gateway.journal import opening
from gateway.journal.folder import folder_of
from gateway.journal.opening import JournalPlan, open_journal
from gateway.journal.query import Query
from gateway.journal.search import search
from gateway.journal.settings import JournalSettings
from tests.gateway.journal.test_rows import told


async def run(plan: JournalPlan) -> tuple[list[str], list[Row]]:
    """Record a row; return the events that were logged, and what a reader got."""
    batches = list[Row]()
    with capture_logs() as logs:
        async with open_journal(plan, {}) as journal:
            journal.subscribe(batches.extend)
            journal.record(told(outcome="stored"))
    return [each["event"] for each in logs], batches


async def test_kept(tmp_path: Path) -> None:
    """Rows are in the folder, and the next process adds to them."""
    plan = JournalPlan(JournalSettings(), tmp_path / "new" / "data")
    assert ([], 1) == ((found := await run(plan))[0], len(found[1]))
    await run(plan)
    assert 2 == len(search(folder_of(plan.data_dir), Query()).found)
    assert 0o700 == folder_of(plan.data_dir).stat().st_mode & 0o777


async def test_switched_off(tmp_path: Path) -> None:
    """With `enabled: false` nothing is made on the disk; readers get all rows."""
    events, rows = await run(JournalPlan(JournalSettings(enabled=False), tmp_path))
    assert ([], 1, []) == (events, len(rows), list(tmp_path.iterdir()))


@pytest.mark.parametrize("keyed", [(), ("adt",)])
async def test_not_writable(tmp_path: Path, keyed: tuple[str, ...]) -> None:
    """A folder that cannot be made is told with its reason; readers get all rows, keyed identifiers as digests."""
    (tmp_path / "journal").touch()
    events, rows = await run(JournalPlan(JournalSettings(), tmp_path, keyed))
    assert (["journal_not_kept"], 1) == (events, len(rows))
    assert bool(keyed) == rows[0].key.startswith("keyed:")


async def test_folder_that_nobody_named(tmp_path: Path) -> None:
    """The default data directory is not made for the journal alone."""
    events, rows = await run(JournalPlan(JournalSettings(), tmp_path / "none", may_make=False))
    assert (["journal_not_kept"], 1, []) == (events, len(rows), list(tmp_path.iterdir()))
    (tmp_path / "none").mkdir()
    assert [] == (await run(JournalPlan(JournalSettings(), tmp_path / "none", may_make=False)))[0]


async def test_no_slot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When too many processes write, one more works without a journal."""
    monkeypatch.setattr(opening, "take_slot", lambda *_: None)
    assert ["journal_not_kept"] == (await run(JournalPlan(JournalSettings(), tmp_path)))[0]


async def test_damaged_key(tmp_path: Path) -> None:
    """With a damaged key the journal is not written, and its slot is free for others."""
    (tmp_path / "journal").mkdir()
    (tmp_path / "journal" / "identifiers.key").write_bytes(b"short")
    plan = JournalPlan(JournalSettings(), tmp_path)
    assert ["journal_not_kept"] == (await run(plan))[0]
    (tmp_path / "journal" / "identifiers.key").unlink()
    assert [] == (await run(plan))[0]
    assert ["slot-000.lock"] == [each.name for each in (tmp_path / "journal").glob("slot*")]


async def test_no_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system starts no thread the gateway works; its rows are lost, and its slot is free afterwards."""

    def fail(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    plan = JournalPlan(JournalSettings(), tmp_path)
    monkeypatch.setattr(threading.Thread, "start", fail)
    assert (["journal_not_kept"], []) == await run(plan)
    monkeypatch.undo()
    assert 1 == len((await run(plan))[1])
    assert ["slot-000.lock"] == [each.name for each in (tmp_path / "journal").glob("slot*")]

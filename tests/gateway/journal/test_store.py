"""The segments of one process, and what happens when the disk fails."""

import shutil
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.contract.journal import Row
from gateway.journal import segment as segments
from gateway.journal.folder import ASIDE, path_of, segments_in
from gateway.journal.query import Query
from gateway.journal.reading import SegmentReader
from gateway.journal.search import search
from gateway.journal.store import DAY_SECONDS, OLD_ROWS, OLD_SECONDS, SegmentStore
from tests.gateway.journal.rows_for_tests import NOW, Clock, keys, row, store


def all_keys(folder: Path) -> list[str]:
    """Return the keys of all rows, the oldest first."""
    return keys(each.row for each in reversed(search(folder, Query(limit=500), 60).found))


def test_full_segment(tmp_path: Path) -> None:
    """A full segment is finished, the next begins behind it."""
    kept = store(tmp_path, most_rows=3)
    for number in range(5):
        kept.write([row(number)])
    kept.close()
    newest, full = segments_in(tmp_path)
    assert (full.ends, True, False) == (newest.begins, newest.is_newest, full.is_newest)
    assert [f"C{number}" for number in range(5)] == all_keys(tmp_path)
    assert 1 == len(sqlite3.connect(full.path).execute("SELECT 1 FROM sqlite_master WHERE name='by_peer'").fetchall())


@pytest.mark.parametrize(
    ("rows", "seconds", "segments"),
    [(1, OLD_SECONDS, 1), (OLD_ROWS, OLD_SECONDS - 1, 1), (OLD_ROWS, OLD_SECONDS + 1, 2), (1, DAY_SECONDS + 1, 2)],
)
def test_old_segment(tmp_path: Path, rows: int, seconds: float, segments: int) -> None:
    """A segment is finished after an hour if it is worth it, and after a day in any case, also if nothing comes."""
    clock = Clock()
    kept = store(tmp_path, clock, most_rows=10**6)
    kept.write([row(number, NOW + number * 1e-3) for number in range(rows)])
    clock.now += seconds
    kept.write([])
    kept.write([row(9, clock.now)])
    assert segments == len(segments_in(tmp_path))
    kept.close()


def test_next_process_goes_on(tmp_path: Path) -> None:
    """A process that was killed leaves its segment to the next one with its slot; a finished one is left alone."""
    for expected in (1, 1, 2):
        kept = store(tmp_path, most_rows=4)
        kept.write([row(number) for number in range(2)])
        kept.close()
        assert expected == len(segments_in(tmp_path))
    assert 6 == len(all_keys(tmp_path))


def test_other_process_has_the_slot(tmp_path: Path) -> None:
    """Two gateways with one data directory write side by side, and neither takes the other's file for damaged."""
    one, other = store(tmp_path, slot=0), store(tmp_path, slot=0)
    for number in range(4):
        (one if number % 2 else other).write([row(number)])
    assert {0, 1} == {each.slot for each in segments_in(tmp_path)}
    assert ["C0", "C1", "C2", "C3"] == all_keys(tmp_path)
    one.close()
    other.close()


@pytest.mark.parametrize("content", [b"no database" * 1000, b""])
def test_damaged_at_the_start(tmp_path: Path, content: bytes) -> None:
    """A segment that cannot be read is set aside, and the journal goes on in a new one."""
    path = path_of(tmp_path, int(NOW * 1e6) - 5, 0)
    path.write_bytes(content)
    kept = store(tmp_path)
    with capture_logs() as logs:
        assert 0 == kept.write([row(1)])
    kept.close()
    assert ["journal_set_aside"] == [each["event"] for each in logs]
    assert path.with_name(path.name + ASIDE).read_bytes() == content
    assert ["C1"] == all_keys(tmp_path)


def test_damaged_while_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If SQLite finds damage while it writes, the rows go into a new segment: none is lost."""
    kept = store(tmp_path)
    kept.write([row(1)])
    error = sqlite3.DatabaseError("database disk image is malformed")
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    _fail_once(monkeypatch, error)
    with capture_logs() as logs:
        assert 0 == kept.write([row(2)])
    kept.close()
    assert ["journal_set_aside"] == [each["event"] for each in logs]
    assert ["C2"] == all_keys(tmp_path)


def _fail_once(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    write = segments.Segment.write

    def fail(self: segments.Segment, rows: Sequence[Row]) -> None:
        monkeypatch.setattr(segments.Segment, "write", write)
        raise error

    monkeypatch.setattr(segments.Segment, "write", fail)


def test_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the disk is full rows are lost and counted, which is told once, and once when it is over."""
    kept = store(tmp_path)
    kept.write([row(1)])
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    with capture_logs() as logs:
        for number in (2, 3):
            _fail_once(monkeypatch, error)
            assert 1 == kept.write([row(number)])
        assert [0, 0] == [kept.write([row(4)]), kept.write([row(5)])]
    kept.close()
    assert [("journal_failed", 1), ("journal_recovered", None)] == [(each["event"], each.get("count")) for each in logs]
    assert ["C1", "C4", "C5"] == all_keys(tmp_path)
    assert 1 == len(segments_in(tmp_path))


def test_folder_that_vanishes(tmp_path: Path) -> None:
    """Somebody removes the folder: rows are lost, nothing is raised."""
    folder = tmp_path / "journal"
    kept: SegmentStore = store(folder)
    shutil.rmtree(folder)
    with capture_logs() as logs:
        assert 2 == kept.write([row(1), row(2)])
    assert ["journal_failed"] == [each["event"] for each in logs]
    kept.close()


def test_open_segment_that_vanishes(tmp_path: Path) -> None:
    """Somebody removes the open segment: the next rows go into a new one."""
    kept = store(tmp_path)
    kept.write([row(1)])
    for each in tmp_path.glob("*.sqlite*"):
        each.unlink()
    assert 0 == kept.write([row(2)])
    kept.close()
    assert ["C2"] == all_keys(tmp_path)


def test_segment_that_cannot_be_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without room for its indices a segment stays as it is, and can be searched."""
    kept = store(tmp_path, most_rows=2)
    monkeypatch.setattr(segments, "INDICES", ("no SQL",))
    with capture_logs() as logs:
        assert 0 == kept.write([row(1), row(2)])
    monkeypatch.undo()
    kept.write([row(3)])
    kept.close()
    assert ["journal_not_indexed"] == [each["event"] for each in logs]
    assert ["C1", "C2", "C3"] == all_keys(tmp_path)


def test_reader_beside_the_writer(tmp_path: Path) -> None:
    """Somebody who reads all the time keeps nothing from being written, and sees each batch whole."""
    kept = store(tmp_path, most_rows=20)
    readers = list[SegmentReader]()
    for number in range(0, 60, 2):
        assert 0 == kept.write([row(number), row(number + 1)])
        readers += [SegmentReader(each.path) for each in segments_in(tmp_path)[:1]]
        assert [f"C{each}" for each in range(number + 2)] == all_keys(tmp_path)
    for each in readers:
        each.close()
    kept.close()

"""Reading one segment."""

import sqlite3
import time
from pathlib import Path

import pytest

from gateway.journal import reading
from gateway.journal.query import Query
from gateway.journal.reading import SegmentReader
from tests.gateway.journal.rows_for_tests import NOW, row, written

EVER = 1 << 62


def test_a_long_search_ends_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite itself is interrupted when the time is over."""
    monkeypatch.setattr(reading, "STEPS", 10)
    written(tmp_path, [row(number, NOW + number) for number in range(1000)], most_rows=5000)
    reader = SegmentReader(next(tmp_path.glob("*.sqlite")))
    with pytest.raises(reading.TimeIsOver):
        reader.find(Query(uid_prefix="zzz"), (), 0, EVER, time.monotonic() - 1)
    assert 1 == len(reader.find(Query(identifier="C5"), ("C5",), 0, EVER, None))
    reader.close()


def test_last(tmp_path: Path) -> None:
    """The place of the newest row is found without reading the others; rows before a place are left out."""
    written(tmp_path, [row(1), row(2)])
    reader = SegmentReader(next(tmp_path.glob("*.sqlite")))
    (newest, older) = reader.find(Query(), (), 0, EVER, None)
    assert newest.seq == reader.last()
    assert [older] == reader.find(Query(), (), 0, newest.seq, None)
    assert [newest] == reader.find(Query(), (), newest.seq, EVER, None)
    reader.close()


def test_message_and_key(tmp_path: Path) -> None:
    """A row whose key is the message ID of another is found with it, each once, in order."""
    written(tmp_path, [row(1, key="m2"), row(2, key="m2"), row(3)])
    reader = SegmentReader(next(tmp_path.glob("*.sqlite")))
    assert ["m2", "m1"] == [each.row.message_id for each in reader.find(Query(identifier="m2"), ("m2",), 0, EVER, None)]
    reader.close()


def test_no_segment(tmp_path: Path) -> None:
    """A file that is no database, no segment, or not there raises the error of SQLite."""
    (tmp_path / "text").write_text("no database" * 100)
    sqlite3.connect(tmp_path / "other").executescript("CREATE TABLE rows (seq INTEGER)")
    for name in ("text", "other", "absent"):
        with pytest.raises(sqlite3.Error):
            SegmentReader(tmp_path / name)

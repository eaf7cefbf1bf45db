"""One segment: what is written is read again, in order, and an interrupted process loses nothing that was written."""

import sqlite3
from pathlib import Path

import pytest

from gateway.contract.journal import Row
from gateway.journal import words
from gateway.journal.query import Query
from gateway.journal.reading import SegmentReader
from gateway.journal.schema import AT_ONCE, OTHER_WORD
from gateway.journal.segment import Finished, NotOurs, Segment
from tests.gateway.journal.rows_for_tests import NOW, row

EVER = 1 << 62


def read(path: Path, limit: int = 500) -> list[Row]:
    """Return all rows, the oldest first."""
    reader = SegmentReader(path)
    found = reader.find(Query(limit=limit), (), 0, EVER, None)
    reader.close()
    return [each.row for each in reversed(found)]


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "s.sqlite"


def test_rows_are_read_as_written(path: Path) -> None:
    """Every field comes back, whether the segment is open, closed or finished."""
    rows = [row(1), row(2, listener="", answer="", destination="a,b", attempts=3, address="store.example")]
    segment = Segment.create(path, 0)
    segment.write(rows)
    assert rows == read(path)
    segment.close()
    assert rows == read(path)
    Segment.resume(path, 0).finish()
    assert rows == read(path)
    assert [path] == list(path.parent.iterdir())
    assert 0o600 == path.stat().st_mode & 0o777


def test_more_than_one_statement(path: Path) -> None:
    """A batch of several statements is one transaction."""
    rows = [row(number) for number in range(2 * AT_ONCE + 1)]
    segment = Segment.create(path, 0)
    segment.write(rows)
    assert (len(rows), rows) == (segment.count, read(path, len(rows)))
    segment.close()


def test_clock_that_is_set_back(path: Path) -> None:
    """Rows keep their order and their times, even if a clock is set back or stands still."""
    rows = [row(1, NOW), row(2, NOW), row(3, NOW - 3600), row(4, NOW + 1)]
    segment = Segment.create(path, 0)
    segment.write(rows)
    assert rows == read(path)
    segment.close()


def test_resumed(path: Path) -> None:
    """The next process adds to the segment of one that was killed, behind its rows."""
    segment = Segment.create(path, 0)
    segment.write([row(1, NOW + 5)])
    again = Segment.resume(path, 0)  # the first one is not closed
    assert (1, int((NOW + 5) * 1e6)) == (again.count, again.last)
    again.write([row(2, NOW)])
    assert [row(1, NOW + 5), row(2, NOW)] == read(path)
    again.close()
    segment.close()


def test_not_resumed(path: Path, tmp_path: Path) -> None:
    """A finished segment, and what is none, are not gone on with."""
    segment = Segment.create(path, 0)
    segment.write([row(1)])
    segment.finish()
    with pytest.raises(Finished) as caught:
        Segment.resume(path, 0)
    assert int((NOW + 1) * 1e6) == caught.value.last
    foreign = tmp_path / "foreign.sqlite"
    sqlite3.connect(foreign).executescript("CREATE TABLE rows (seq)")
    with pytest.raises(NotOurs):
        Segment.resume(foreign, 0)


def test_failed_write(path: Path) -> None:
    """Of a batch that cannot be written nothing is there, and the next batch is written with the right words."""
    segment = Segment.create(path, 0)
    bad = row(2, peer="new")._replace(octets=[])  # type: ignore[arg-type]
    with pytest.raises(sqlite3.Error):
        segment.write([row(1, peer="newer"), bad])
    assert ([], 0) == (read(path), segment.count)
    segment.write([row(3, peer="newest"), row(4, peer="new")])
    assert ["newest", "new"] == [each.peer for each in read(path)]
    segment.close()


def test_many_words(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sender that invents names fills no table: beyond the limit they are `other`."""
    monkeypatch.setattr(words.Words.__init__, "__defaults__", (8,))
    segment = Segment.create(path, 0)
    segment.write([row(number, peer=f"P{number}", answer="", reason="", destination="") for number in range(5)])
    segment.close()
    assert ["P0", "P1", "P2", OTHER_WORD, OTHER_WORD] == [each.peer for each in read(path)]


def test_finished_while_somebody_reads(path: Path) -> None:
    """A reader does not keep a segment from getting its indices."""
    segment = Segment.create(path, 0)
    segment.write([row(1)])
    reader = SegmentReader(path)
    segment.finish()
    assert ["C1"] == [each.row.key for each in reader.find(Query(), (), 0, EVER, None)]
    reader.close()
    second = SegmentReader(path)
    assert ["C1"] == [each.row.key for each in second.find(Query(identifier="C1"), ("C1",), 0, EVER, None)]
    second.close()

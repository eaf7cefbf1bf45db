"""Appending to the log: the order of writes and syncs, and what follows when one of them fails."""

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.spool.log import appending
from gateway.spool.log.appending import Appender
from gateway.spool.log.files import path_of, segments_of
from gateway.spool.log.records import CommittedRecord, Record, write_committed
from gateway.spool.log.segments import read_segments
from tests.gateway.spool.log.logs import SPOOL, FakeDisk, committed

FIRST = "0000000001"


@pytest.fixture
def disk() -> FakeDisk:
    """Return a file system that does as it is told."""
    return FakeDisk()


@pytest.fixture
def log(tmp_path: Path, disk: FakeDisk) -> Appender:
    """Return a log without a segment."""
    return Appender(tmp_path, SPOOL, 1, disk)


def writing(record: CommittedRecord) -> Callable[[int], bytes]:
    """Return what writes a record."""
    return lambda seed: write_committed(record, seed)


def append(log: Appender, *seqs: int, durable: bool = True, size: int = 10) -> list[int]:
    """Append messages."""
    return log.append([writing(committed(seq, b"x" * size)) for seq in seqs], durable=durable)


def read(folder: Path) -> list[Record]:
    """Return what is on the disk, which must be whole."""
    found = read_segments(SPOOL, {number: path.read_bytes() for number, path in segments_of(folder).items()})
    assert [] == found.flaws
    return found.records


def seqs(folder: Path) -> list[int]:
    """Return the numbers of the messages that are on the disk."""
    return [record.seq for record in read(folder)]


def test_the_order_of_syncs(log: Appender, disk: FakeDisk, tmp_path: Path) -> None:
    """Data, then the folder, then the answer; later only the data."""
    append(log, 1, 2)
    assert [f"create {FIRST}", *[f"write {FIRST}"] * 2, f"sync {FIRST}", "sync_folder log"] == disk.calls
    disk.calls = []
    append(log, 3)
    assert [f"write {FIRST}", f"sync {FIRST}"] == disk.calls
    assert [1, 2, 3] == seqs(tmp_path)


def test_without_a_sync_of_its_own(log: Appender, disk: FakeDisk) -> None:
    """What need not be durable is written and not synced; the next sync is for it, too."""
    append(log, 1)
    disk.calls = []
    append(log, 2, durable=False)
    append(log, 3)
    assert [f"write {FIRST}", f"write {FIRST}", f"sync {FIRST}"] == disk.calls


def test_a_group_is_one_write(log: Appender, disk: FakeDisk) -> None:
    """However many records wait, they are written at once."""
    append(log, 1)
    disk.calls = []
    append(log, *range(2, 100))
    assert [f"write {FIRST}", f"sync {FIRST}"] == disk.calls


def test_several_segments(log: Appender, disk: FakeDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full segment is durable before the next one is begun; a record that is larger than one has its own."""
    monkeypatch.setattr(appending, "SEGMENT_OCTETS", 1000)
    assert [1, 1, 2, 3] == append(log, 1, 2, 3, size=300) + append(log, 4, size=5000)
    second = disk.calls.index("create 0000000002")
    assert [f"sync {FIRST}", "sync_folder log"] == disk.calls[second - 2 : second]
    assert [1, 2, 3, 4] == seqs(tmp_path)


def test_a_segment_is_used_again(log: Appender, disk: FakeDisk, tmp_path: Path) -> None:
    """It is overwritten with zeros, which are durable, before it gets another name; no payload stays in it."""
    append(log, 1)
    log.rotate()
    append(log, 2)
    disk.calls = []
    log.free_before(2)
    assert [f"write {FIRST}", f"sync {FIRST}"] == disk.calls
    assert b"xxx" not in path_of(tmp_path, 1).read_bytes()
    log.rotate()
    append(log, 3)
    assert f"rename {FIRST} 0000000003" in disk.calls
    assert "sync_folder log" == disk.calls[-1]
    assert [2, 3] == seqs(tmp_path)


def test_all_is_free(log: Appender, tmp_path: Path) -> None:
    """The segment that is written is emptied, and goes on."""
    append(log, 1)
    assert log.holds_something
    log.free_all()
    assert (False, []) == (log.holds_something, seqs(tmp_path))
    append(log, 2)
    assert [2] == seqs(tmp_path)


def test_the_first_one_goes_first(log: Appender, tmp_path: Path) -> None:
    """Segments are freed in order, so that none is missing between others whenever the process ends."""
    for seq in range(1, 6):
        append(log, seq)
        log.rotate()
    log.free_before(4)
    assert [4, 5] == seqs(tmp_path)
    log.free_before(2)
    assert [4, 5] == seqs(tmp_path)


@pytest.mark.parametrize("call", ["sync", "write", "sync_folder", "create"])
def test_after_a_failure_nothing_more_is_taken(log: Appender, disk: FakeDisk, tmp_path: Path, call: str) -> None:
    """A sync that failed may succeed the next time over what was dropped: the log is not believed any more."""
    if call in {"sync", "write"}:
        append(log, 1)
    disk.failing = {call: errno.EIO}
    with pytest.raises(OSError, match="as planned"):
        append(log, 2)
    disk.failing = {}
    with pytest.raises(OSError, match="failed before"):
        append(log, 3)
    log.free_all()
    append(log, 4)
    assert [4] == seqs(tmp_path)
    assert 1 not in segments_of(tmp_path)


def test_a_full_disk_says_so(log: Appender, disk: FakeDisk) -> None:
    """The number of the error is that of the system."""
    disk.failing = {"create": errno.ENOSPC}
    with pytest.raises(OSError, match="as planned") as failure:
        append(log, 1)
    assert errno.ENOSPC == failure.value.errno


def test_what_cannot_be_cleared_is_removed(log: Appender, disk: FakeDisk, tmp_path: Path) -> None:
    """A segment that cannot be overwritten is not used again."""
    append(log, 1)
    disk.failing = {"sync": errno.EIO}
    log.free_all()
    disk.failing = {}
    append(log, 2)
    assert ([2], [2]) == (list(segments_of(tmp_path)), seqs(tmp_path))


def test_the_end(log: Appender, tmp_path: Path) -> None:
    """Closed, it leaves what it holds; removed, nothing."""
    append(log, 1)
    log.close()
    assert [1] == seqs(tmp_path)
    other = Appender(tmp_path, SPOOL, 2)
    append(other, 2)
    other.remove_all()
    assert [1] == list(segments_of(tmp_path))

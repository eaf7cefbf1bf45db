"""Appending to the log: the order of writes and syncs, and what follows when one of them fails."""

import errno
import random
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.spool.log import appending
from gateway.spool.log.appending import Appender
from gateway.spool.log.files import path_of, segments_of
from gateway.spool.log.records import HEAD, MAGIC, CommittedRecord, Record, write_committed
from gateway.spool.log.segments import Flaw, read_segments
from tests.gateway.spool.log.logs import SPOOL, FakeDisk, committed
from tests.gateway.spool.log.power import PowerDisk, Stopped

FIRST = "0000000001"


@pytest.fixture
def disk() -> FakeDisk:
    """Return a file system that does as it is told."""
    return FakeDisk()


@pytest.fixture
def log(tmp_path: Path, disk: FakeDisk) -> Appender:
    """Return a log without a segment."""
    return Appender(tmp_path, SPOOL, 1, disk)


def writing(record: CommittedRecord) -> Callable[[int, int], bytes]:
    """Return what writes a record."""
    return lambda seed, synced: write_committed(record, seed, synced)


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
    """The folder, then the data, then the answer; later only the data."""
    append(log, 1, 2)
    assert [f"create {FIRST}", "sync_folder log", f"write {FIRST}", f"sync {FIRST}"] == disk.calls
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
    assert f"sync {FIRST}" == disk.calls[second - 1]
    assert [1, 2, 3, 4] == seqs(tmp_path)


def test_a_sync_is_for_all_before_it(log: Appender, disk: FakeDisk) -> None:
    """What was written without a sync is durable before another segment is begun."""
    append(log, 1)
    append(log, 2, durable=False)
    disk.calls = []
    log.rotate()
    append(log, 3)
    assert [f"sync {FIRST}", "create 0000000002"] == disk.calls[:2]


def test_a_segment_is_used_again(log: Appender, disk: FakeDisk, tmp_path: Path) -> None:
    """That it is free is durable, then its zeros, then it gets another name; no payload stays in it."""
    append(log, 1)
    log.rotate()
    append(log, 2)
    disk.calls = []
    log.free_before(2)
    assert [f"write {FIRST}", f"sync {FIRST}"] * 2 == disk.calls
    assert b"xxx" not in path_of(tmp_path, 1).read_bytes()
    log.rotate()
    append(log, 3)
    renamed = disk.calls.index(f"rename {FIRST} 0000000003")
    assert "sync_folder log" == disk.calls[renamed + 1]
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


def test_what_failed_is_told(log: Appender, disk: FakeDisk) -> None:
    """A sync that fails where nobody is told of it, of records or of zeros, can be asked for, once."""
    append(log, 1)
    append(log, 2, durable=False)
    disk.failing = {"sync": errno.EIO}
    log.rotate()
    assert (errno.EIO, True, None) == (number_of(log.take_error()), log.failed, log.take_error())
    disk.failing = {}
    log.free_all()
    append(log, 3)
    disk.failing = {"sync": errno.ENOSPC}
    log.free_all()
    assert (errno.ENOSPC, False) == (number_of(log.take_error()), log.failed)


def number_of(error: OSError | None) -> int | None:
    """Return the system's number of an error."""
    return None if error is None else error.errno


@pytest.mark.parametrize("call", ["remove", "sync_folder"])
def test_a_removal_that_fails_is_told(log: Appender, disk: FakeDisk, call: str) -> None:
    """A segment that may come back can be asked for."""
    append(log, 1)
    disk.failing = {call: errno.EIO}
    log.remove_all()
    assert errno.EIO == number_of(log.take_error())


def test_a_removal_is_durable(log: Appender, disk: FakeDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A segment that came back after a power failure would bring messages that were given up and forgotten since."""
    monkeypatch.setattr(appending, "MOST_SPARE", 0)
    for seq in range(3):
        append(log, seq)
        log.rotate()
    disk.calls = []
    log.free_all()
    assert [call for number in range(1, 4) for call in (f"remove {number:010}", "sync_folder log")] == disk.calls
    append(log, 4)
    disk.calls = []
    log.remove_all()
    assert ["remove 0000000004", "sync_folder log"] == disk.calls


def test_what_cannot_be_synced_is_not_used_again(log: Appender, disk: FakeDisk, tmp_path: Path) -> None:
    """A segment whose zeros could not be synced is not believed, however the next sync of it ends."""
    append(log, 1)
    log.rotate()
    append(log, 2)
    disk.failing = {"sync": errno.EIO}
    log.free_before(2)
    disk.failing = {}
    assert [2] == list(segments_of(tmp_path))


def test_records_name_what_was_synced(log: Appender, tmp_path: Path) -> None:
    """Each says how much of its segment was on stable storage before it was written."""
    append(log, 1, 2)
    append(log, 3, durable=False)
    append(log, 4)
    (path,) = segments_of(tmp_path).values()
    octets = path.read_bytes()
    places = [found.start() for found in re.finditer(re.escape(MAGIC), octets)]
    synced = [HEAD.unpack_from(octets, place)[1] >> 8 for place in places]
    assert [0, 0, places[2], places[2]] == synced


def test_the_end(log: Appender, tmp_path: Path) -> None:
    """Closed, it leaves what it holds; removed, nothing."""
    append(log, 1)
    log.close()
    assert [1] == seqs(tmp_path)
    other = Appender(tmp_path, SPOOL, 2)
    append(other, 2)
    other.remove_all()
    assert [1] == list(segments_of(tmp_path))


STEPS = st.one_of(
    st.tuples(st.just("append"), st.integers(1, 4)),
    st.tuples(st.just("large"), st.just(1)),
    st.tuples(st.just("note"), st.integers(1, 2)),
    st.tuples(st.just("rotate"), st.just(0)),
    st.tuples(st.just("free"), st.integers(0, 9)),
    st.tuples(st.just("free all"), st.just(0)),
)


class Owner:
    """Uses a log, and remembers what was acknowledged and is needed."""

    def __init__(self, folder: Path, disk: PowerDisk) -> None:
        self._log = Appender(folder, SPOOL, 1, disk)
        self._seq = 0
        self.is_whole = True
        """Whether all that was written, and not freed, is on stable storage."""
        self.needed: dict[int, int] = {}
        """The numbers of messages, with those of their segments."""

    def step(self, name: str, count: int) -> None:
        """Do one thing; what may be lost is what was not acknowledged."""
        seqs = range(self._seq + 1, self._seq + 1 + count)
        match name:
            case "append" | "large":
                self._seq, self.is_whole = self._seq + count, False
                size = 100 if name == "append" else 2000
                self.needed |= zip(seqs, append(self._log, *seqs, size=size), strict=True)
                self.is_whole = True
            case "note":
                self._seq, self.is_whole = self._seq + count, False
                append(self._log, *seqs, durable=False)
            case "rotate":
                self._log.rotate()
                self.is_whole = True
            case "free":
                before = sorted(self.needed.values())[: count + 1][-1] if self.needed else self._log.number
                self.needed = {seq: number for seq, number in self.needed.items() if number >= before}
                self._log.free_before(before)
            case _:
                self.needed = {}
                self._log.free_all()


@given(st.lists(STEPS, max_size=30), st.integers(0, 120), st.randoms(use_true_random=False))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=400)
def test_whenever_the_machine_stops(
    tmp_path: Path, steps: list[tuple[str, int]], stop: int, random: random.Random
) -> None:
    """What was acknowledged is found; nothing is called damage: neither what was freed nor what was not synced."""
    disk = PowerDisk(stop)
    with patch.object(appending, "SEGMENT_OCTETS", 1500):
        owner = Owner(tmp_path, disk)
        with suppress(Stopped):
            for step in steps:
                owner.step(*step)
    killed, failed = (
        read_segments(SPOOL, segments) for segments in (disk.after_kill(), disk.after_power_failure(random.randrange))
    )
    for found in (killed, failed):
        assert owner.needed.keys() <= {record.seq for record in found.records}
    assert set() == {each.flaw for each in killed.flaws + failed.flaws} - {Flaw.TORN}
    assert not (owner.is_whole and failed.flaws)

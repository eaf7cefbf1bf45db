"""Old segments are removed, and none to which somebody may still add."""

import os
from pathlib import Path

from structlog.testing import capture_logs

from gateway.journal.folder import Lock, SegmentFile, segments_in, size_of, take_slot
from gateway.journal.pruning import DAY_SECONDS, REVIEW_SECONDS, Pruning
from gateway.journal.settings import JournalSettings
from tests.gateway.journal.rows_for_tests import NOW, row, written


def aged(folder: Path, *, slot: int = 0, count: int = 3) -> list[SegmentFile]:
    """Write *count* segments of two rows, a day apart by the time of their files; return them, the oldest first."""
    written(folder, [row(number, NOW + number) for number in range(2 * count)], 2, slot)
    made = [each for each in reversed(segments_in(folder)) if each.slot == slot]
    for number, each in enumerate(made):
        at = NOW - (count - number) * DAY_SECONDS
        os.utime(each.path, (at, at))
    return made


def left(folder: Path) -> list[Path]:
    """Return the segments that are left, the oldest first."""
    return [each.path for each in reversed(segments_in(folder))]


def test_by_age(tmp_path: Path) -> None:
    """What was last written before the days that are kept goes, with the files beside it."""
    first, second, third = aged(tmp_path)
    beside = first.path.with_name(first.path.name + "-wal")
    beside.write_bytes(b"")
    os.utime(beside, (NOW - 9e6, NOW - 9e6))
    with capture_logs() as logs:
        Pruning(tmp_path, JournalSettings(days=2.5)).review(NOW, 0, None)
    assert [second.path, third.path] == left(tmp_path)
    assert not beside.exists()
    assert [("journal_pruned", 1)] == [(each["event"], each["count"]) for each in logs]


def test_by_octets(tmp_path: Path) -> None:
    """The oldest go until the rest is small enough."""
    first, second, third = aged(tmp_path)
    most = size_of(second.path) + size_of(third.path)
    settings = JournalSettings.model_construct(enabled=True, days=36500, max_bytes=most)
    Pruning(tmp_path, settings).review(NOW, 0, None)
    assert [second.path, third.path] == left(tmp_path)
    assert not first.path.exists()


def test_open_segment_stays(tmp_path: Path) -> None:
    """The open segment of this process stays, however old; without one its last segment goes, too."""
    made = aged(tmp_path)
    settings = JournalSettings(days=0.5)
    Pruning(tmp_path, settings).review(NOW, 0, made[-1].path)
    assert [made[-1].path] == left(tmp_path)
    Pruning(tmp_path, settings).review(NOW, 0, None)
    assert [] == left(tmp_path)


def test_segment_of_another_process_stays(tmp_path: Path) -> None:
    """The newest segment of a slot stays while a process has the slot; after its end it goes."""
    made = aged(tmp_path, slot=1)
    other = take_slot(tmp_path, 1)
    assert other is not None
    settings = JournalSettings(days=0.5)
    Pruning(tmp_path, settings).review(NOW, 0, None)
    assert [made[-1].path] == left(tmp_path)
    other.lock.release()
    Pruning(tmp_path, settings).review(NOW, 0, None)
    assert [] == left(tmp_path)


def test_now_and_then(tmp_path: Path) -> None:
    """It is looked once a minute, also after the clock was set back, and not while another process does it."""
    pruning = Pruning(tmp_path, JournalSettings(days=0.5))
    pruning.review(NOW, 0, None)
    aged(tmp_path)
    pruning.review(NOW + REVIEW_SECONDS - 1, 0, None)
    assert 3 == len(left(tmp_path))
    busy = Lock.take(tmp_path, "pruning")
    assert busy is not None
    pruning.review(NOW - 2 * REVIEW_SECONDS, 0, None)
    assert 3 == len(left(tmp_path))
    busy.release()
    pruning.review(NOW + 2 * REVIEW_SECONDS, 0, None)
    assert [] == left(tmp_path)

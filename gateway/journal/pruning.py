"""Removes the oldest segments: by age, and by the octets of all together. A segment goes as a whole, by unlinking it.

Never one to which a process may still add: the newest of a slot whose lock somebody has.
"""

from pathlib import Path

import structlog

from gateway.journal.folder import Lock, SegmentFile, lock_name, remove, segments_in, size_of, written_at
from gateway.journal.settings import JournalSettings

log = structlog.get_logger()

REVIEW_SECONDS = 60.0
DAY_SECONDS = 86400.0


class Pruning:
    """Looks once a minute what is too old or too much."""

    def __init__(self, folder: Path, settings: JournalSettings) -> None:
        self._folder = folder
        self._settings = settings
        self._due = 0.0

    def review(self, now: float, own_slot: int, open_segment: Path | None) -> None:
        """Remove what is due, unless another process is doing so. Raises OSError.

        *own_slot* is that of this process, *open_segment* the one that it writes.
        """
        if self._due - REVIEW_SECONDS <= now < self._due:
            return
        self._due = now + REVIEW_SECONDS
        lock = Lock.take(self._folder, "pruning")
        if lock is None:
            return
        try:
            self._remove(now, own_slot, open_segment)
        finally:
            lock.release()

    def _remove(self, now: float, own_slot: int, open_segment: Path | None) -> None:
        segments = segments_in(self._folder)
        sizes = {each.path: size_of(each.path) for each in segments}
        held, kept_from, removed = sum(sizes.values()), now - self._settings.days * DAY_SECONDS, 0
        for each in reversed(segments):
            if written_at(each.path) >= kept_from and held <= self._settings.max_bytes:
                continue
            if each.path == open_segment or (each.slot != own_slot and self._is_in_use(each)):
                continue
            remove(each.path)
            held -= sizes[each.path]
            removed += 1
        if removed:
            log.info("journal_pruned", path=str(self._folder), count=removed)

    def _is_in_use(self, segment: SegmentFile) -> bool:
        if not segment.is_newest:
            return False
        lock = Lock.take(self._folder, lock_name(segment.slot))
        if lock is None:
            return True
        lock.release()
        return False

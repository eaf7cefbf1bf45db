"""The segments that one process writes, one after another; used by the thread of the journal only.

A failure of the disk loses the rows of that moment and no more: it is logged once, and again when it is over. A segment
that cannot be read any more is set aside, and the next one begins.
"""

import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import structlog

from gateway.contract.journal import Row
from gateway.journal.folder import Slot, path_of, segments_in, set_aside
from gateway.journal.pruning import Pruning
from gateway.journal.segment import Finished, NotOurs, Segment

log = structlog.get_logger()

MOST_ROWS = 250_000
"""Rows of a full segment: the open one has no index, and is read as a whole by whoever looks for something."""
OLD_SECONDS, OLD_ROWS = 3600.0, 10_000
"""A segment of this age is finished if it has so many rows: many small segments would cost each search more."""
DAY_SECONDS = 86400.0
"""A segment of this age is finished in any case, so that it can be removed in time."""
NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
"""After these another segment would fare no better."""
DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class SegmentStore:
    """Writes to the newest segment of its *slot*, and begins a new one when that is full or old."""

    def __init__(
        self,
        folder: Path,
        slot: Slot,
        pruning: Pruning,
        most_rows: int = MOST_ROWS,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder
        self._slot = slot
        self._pruning = pruning
        self._most_rows = most_rows
        self._now = now
        self._segment: Segment | None = None
        self._began = 0.0
        self._last = 0
        self._is_failing = False
        self._is_looked_for = False

    def write(self, rows: Sequence[Row]) -> int:
        """Write *rows*; return how many are lost. Then do what is due: a new segment, and the removal of old ones."""
        lost = 0
        try:
            if rows:
                self._write(rows)
            if self._segment is not None and self._is_done(self._segment):
                self._finish(self._segment)
        except (OSError, sqlite3.Error) as error:
            lost = len(rows)
            self._failed(error, lost)
        else:
            if rows and self._is_failing:
                self._is_failing = False
                log.info("journal_recovered", path=str(self._folder))
        self._prune()
        return lost

    def close(self) -> None:
        """Close the open segment, to which the next process with this slot adds; let others have the slot."""
        if self._segment is not None:
            with suppress(sqlite3.Error):
                self._segment.close()
            self._segment = None
        self._slot.lock.release()

    def _write(self, rows: Sequence[Row]) -> None:
        if self._segment is not None and not self._segment.path.exists():  # SQLite would write on, to no file
            self._leave(self._segment)
        segment = self._segment or self._open(rows[0].at)
        try:
            segment.write(rows)
        except sqlite3.Error as error:
            self._leave(segment)
            if not _is_damage(error):
                raise
            self._set_aside(segment.path, error)
            self._open(rows[0].at).write(rows)

    def _leave(self, segment: Segment) -> None:
        """Close a segment after a failure; the next rows go into it if it can be opened again."""
        self._segment, self._is_looked_for = None, False
        self._last = max(self._last, segment.last)
        with suppress(sqlite3.Error):
            segment.close()

    def _open(self, at: float) -> Segment:
        """Go on with the segment of an earlier process, or begin one with a row of this time."""
        segment = None if self._is_looked_for else self._resumed()
        self._is_looked_for = True
        if segment is None:
            begins = max(self._last + 1, int(at * 1e6))
            segment = Segment.create(path_of(self._folder, begins, self._slot.number), self._slot.number, begins - 1)
            self._began = self._now()
        self._segment = segment
        return segment

    def _resumed(self) -> Segment | None:
        mine = [each for each in segments_in(self._folder) if each.slot == self._slot.number]
        if not mine:
            return None
        newest = mine[0]
        self._last = max(self._last, newest.begins)
        try:
            segment = Segment.resume(newest.path, self._slot.number)
        except Finished as finished:
            self._last = max(self._last, finished.last)
            return None
        except sqlite3.Error as error:
            if _code(error) in NO_ROOM:
                raise
            if _is_damage(error):
                self._set_aside(newest.path, error)
            return None
        self._last = max(self._last, segment.last)
        self._began = newest.begins / 1e6
        return segment

    def _is_done(self, segment: Segment) -> bool:
        age = self._now() - self._began
        return (
            segment.count >= self._most_rows
            or (age >= OLD_SECONDS and segment.count >= OLD_ROWS)
            or (age >= DAY_SECONDS and segment.count > 0)
        )

    def _finish(self, segment: Segment) -> None:
        self._segment, self._last = None, segment.last
        try:
            segment.finish()
        except sqlite3.Error as error:  # it stays without indices: slower to search, and complete
            log.warning("journal_not_indexed", path=str(segment.path), reason=_reason(error))

    def _set_aside(self, path: Path, error: sqlite3.Error) -> None:
        with suppress(OSError):
            set_aside(path)
        log.error("journal_set_aside", path=str(path), reason=_reason(error))

    def _failed(self, error: Exception, lost: int) -> None:
        if not self._is_failing:
            self._is_failing = True
            log.error("journal_failed", path=str(self._folder), reason=_reason(error), count=lost)

    def _prune(self) -> None:
        with suppress(OSError):  # what cannot be removed now can be later
            open_segment = None if self._segment is None else self._segment.path
            self._pruning.review(self._now(), self._slot.number, open_segment)


def _is_damage(error: sqlite3.Error) -> bool:
    """Whether the file is damaged, or no database; a full disk or a lock is none of the two."""
    return isinstance(error, NotOurs) or _code(error) in DAMAGED


def _code(error: sqlite3.Error) -> int:
    """Return SQLite's number of an error; 0 of an error that is not from SQLite itself."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _reason(error: Exception) -> str:
    """Return a sentence; the text of SQLite's errors quotes no value."""
    return str(error.strerror if isinstance(error, OSError) and error.strerror else error)

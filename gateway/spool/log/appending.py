"""Appends records to the segments of an intake log: what was appended as durable may be acknowledged.

A sync that has failed once tells nothing the next time: the system may have dropped what it could not write and
report success. So a log that has failed takes nothing more. Its owner puts what it has acknowledged elsewhere, has the
segments removed, and a new one begun.

A segment is used again once nothing in it is needed: its blocks are there already, and to sync what only overwrites
takes a tenth of the time. Before that it is overwritten with zeros, on stable storage: no payload stays in it, and
nothing old is found behind what is new. Its head says first, on stable storage too, that it is free: a segment of which
a crash has left some records and some zeros would look like a damaged one.
"""

import errno
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gateway.spool.log.files import Disk, RealDisk, make_log_folder, path_of
from gateway.spool.log.records import FREE_MAGIC, SEGMENT_HEAD_SIZE, seed_of, segment_head

SEGMENT_OCTETS = 4 * 2**20
MOST_SPARE = 2
"""Segments kept to be used again."""
Write = Callable[[int, int], bytes]
"""Returns the octets of a record, given what the sums of its segment start from, and what of the segment is synced."""


@dataclass(slots=True)
class _Segment:
    number: int
    descriptor: int
    room: int
    """Octets that fit."""
    seed: int
    size: int = 0
    """Octets written, the head among them; 0 while it has none."""
    synced: int = 0
    """How many of these are on stable storage."""


class Appender:
    """Writes segments one after the other. Used in one thread."""

    def __init__(self, folder: Path, spool: str, next_number: int, disk: Disk | None = None) -> None:
        self.folder, self._spool, self._next = folder, spool, next_number
        self._disk = disk or RealDisk()
        self._current: _Segment | None = None
        self._closed: list[_Segment] = []
        """Earlier segments in which something is needed."""
        self._spare: list[_Segment] = []
        self.failed = False
        self._error: OSError | None = None

    @property
    def number(self) -> int:
        """The number of the segment that is written, or of the next one."""
        return self._next if self._current is None else self._current.number

    @property
    def holds_something(self) -> bool:
        """Whether there is any record."""
        return bool(self._closed) or (self._current is not None and self._current.size > 0)

    def take_error(self) -> OSError | None:
        """Return what the file system has refused since this was asked last, also where nothing was raised for it."""
        error, self._error = self._error, None
        return error

    def append(self, records: Sequence[Write], *, durable: bool) -> list[int]:
        """Write records and return the numbers of their segments; with *durable* all are on stable storage then.

        Raises OSError where that could not be done; which of them are on the disk is not known then.
        """
        if self.failed:
            raise OSError(errno.EIO, "the log has failed before")
        try:
            numbers = self._write(records)
            if durable and self._current is not None:
                self._sync(self._current)
        except BaseException as error:
            self.failed = True
            self._note(error)
            raise
        return numbers

    def rotate(self) -> None:
        """Begin another segment with the next record.

        A sync of the next segment is for all records before it: the file of a message for two destinations goes after
        the second delivery. Without a sync a segment might also be missing between others after a crash.
        """
        if self._current is not None and not self.failed:
            try:
                self._sync(self._current)
            except OSError as error:
                self.failed = True
                self._note(error)
        self._end()

    def free_before(self, number: int) -> None:
        """Nothing in the segments before that number is needed any more."""
        while self._closed and self._closed[0].number < number:  # the first one first: none is missing between others
            self._retire(self._closed.pop(0))

    def free_all(self) -> None:
        """Nothing that was appended is needed any more; a log that failed works again, with other segments."""
        if self.failed:
            self.remove_all()
            self.failed = False
            return
        self.free_before(self._next)
        if self._current is not None and self._current.size and not self._is_cleared(self._current):
            self._remove(self._current)
            self._current = None

    def remove_all(self) -> None:
        """Remove all segments: nothing in them is needed any more."""
        self._end()
        for segment in (*self._closed, *self._spare):
            self._remove(segment)
        self._closed, self._spare = [], []

    def close(self) -> None:
        """Close the files, and leave all that is in them for who opens the spool next."""
        self.rotate()
        for segment in (*self._closed, *self._spare):
            with suppress(OSError):
                self._disk.close(segment.descriptor)
        self._closed, self._spare = [], []

    def _write(self, records: Sequence[Write]) -> list[int]:
        numbers: list[int] = []
        waiting: list[bytes] = []
        segment = self._current
        size = 0 if segment is None else segment.size or SEGMENT_HEAD_SIZE
        for write in records:
            octets = b"" if segment is None else write(segment.seed, segment.synced)
            if segment is None or size + len(octets) > segment.room:
                self._put(segment, waiting)
                waiting = []
                segment = self._go_on(segment, len(octets or write(0, 0)))
                octets, size = write(segment.seed, 0), SEGMENT_HEAD_SIZE
            waiting.append(octets)
            size += len(octets)
            numbers.append(segment.number)
        self._put(segment, waiting)
        return numbers

    def _go_on(self, segment: _Segment | None, size: int) -> _Segment:
        """Finish a segment and begin the next one, where a record of that *size* fits."""
        if segment is not None:
            self._sync(segment)
            self.rotate()
        self._current = self._begin(SEGMENT_HEAD_SIZE + size)
        return self._current

    def _begin(self, least: int) -> _Segment:
        number = self._next
        path, seed = path_of(self.folder, number), seed_of(self._spool, number)
        self._next += 1
        if least <= SEGMENT_OCTETS and self._spare:
            spare = self._spare[-1]
            self._disk.rename(path_of(self.folder, spare.number), path)
            self._spare.pop()
            segment = _Segment(number, spare.descriptor, spare.room, seed)
        else:
            room = max(SEGMENT_OCTETS, least)
            make_log_folder(self.folder)
            segment = _Segment(number, self._disk.create(path, room), room, seed)
        self._current = segment
        self._disk.sync_folder(path.parent)  # before anything is in it: its head names this number
        return segment

    def _put(self, segment: _Segment | None, octets: Sequence[bytes]) -> None:
        if segment is None or not octets:
            return
        head = b"" if segment.size else segment_head(self._spool, segment.number)
        joined = b"".join((head, *octets))
        self._disk.write(segment.descriptor, joined, segment.size)
        segment.size += len(joined)

    def _sync(self, segment: _Segment) -> None:
        if segment.synced < segment.size:
            self._disk.sync(segment.descriptor)
            segment.synced = segment.size

    def _end(self) -> None:
        """Write no more to the segment that is written."""
        if self._current is not None:
            self._closed.append(self._current)
            self._current = None

    def _note(self, error: BaseException) -> None:
        if isinstance(error, OSError):
            self._error = error

    def _retire(self, segment: _Segment) -> None:
        fits = segment.room == SEGMENT_OCTETS and len(self._spare) < MOST_SPARE
        if fits and self._is_cleared(segment):
            self._spare.append(segment)
        else:
            self._remove(segment)

    def _is_cleared(self, segment: _Segment) -> bool:
        """Make a segment free; where that cannot be done it must not be used again."""
        try:
            self._clear(segment)
        except OSError as error:
            self._note(error)
            return False
        return True

    def _clear(self, segment: _Segment) -> None:
        self._disk.write(segment.descriptor, segment_head(self._spool, segment.number, FREE_MAGIC), 0)
        self._disk.sync(segment.descriptor)
        self._disk.write(segment.descriptor, bytes(max(0, segment.size - SEGMENT_HEAD_SIZE)), SEGMENT_HEAD_SIZE)
        self._disk.sync(segment.descriptor)
        segment.size, segment.synced = 0, 0

    def _remove(self, segment: _Segment) -> None:
        """Remove a segment for good: after a power failure it would bring back what was given up meanwhile.

        What cannot be removed now goes when the spool is opened.
        """
        with suppress(OSError):
            self._disk.close(segment.descriptor)
        try:
            self._disk.remove(path_of(self.folder, segment.number))
            self._disk.sync_folder(path_of(self.folder, segment.number).parent)
        except OSError as error:
            self._note(error)

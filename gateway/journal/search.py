"""Finds rows over all segments, the newest first, one page at a time.

A page looks at ever longer spans of time, beginning with the newest minute, and in each span at all segments that have
rows of it. After SECONDS it stops with what it has: everything back to that time has been looked at, and the next page
goes on from there. The first span of a page has no time limit, so that each page gets further.
"""

import sqlite3
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from gateway.journal.folder import SegmentFile, segments_in
from gateway.journal.identifiers import PREFIX, Identifiers, read_key
from gateway.journal.query import Found, Page, Query
from gateway.journal.reading import SegmentReader, TimeIsOver
from gateway.journal.schema import SLOT_BITS, seq_at, time_of

SECONDS = 0.1
FIRST_SPAN = seq_at(60.0)
LONGER = 8
"""Each span is so many times as long as the one before."""


def search(folder: Path, query: Query, seconds: float = SECONDS) -> Page:
    """Return the page of the journal in *folder* that *query* asks for. Raises OSError if it cannot be read."""
    with Search(folder, query) as looking:
        return looking.page(time.monotonic() + seconds)


class Search:
    """One page, and the segments that are open for it."""

    def __init__(self, folder: Path, query: Query) -> None:
        self._query = query
        self._identifiers = _forms(folder, query.identifier)
        since = 0 if query.since is None else seq_at(query.since)
        segments = segments_in(folder)
        self._segments = [each for each in segments if _end(each) > since]
        self._since = max(since, min((_begin(each) for each in self._segments), default=0))
        self._readers: dict[Path, SegmentReader] = {}
        self._unread: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in self._readers.values():
            each.close()

    def page(self, deadline: float) -> Page:
        """Return the rows, as many as are found by the *deadline* of the monotonic clock."""
        found: list[Found] = []
        top = self._top()
        span, is_first = FIRST_SPAN, True
        while top > self._since and self._segments:
            bottom = max(self._since, top - span)
            rows, back_to = self._look(bottom, top, None if is_first else deadline)
            found += rows
            if len(found) > self._query.limit:
                found = found[: self._query.limit]
                return Page(found, found[-1].seq, None, self._unread)
            top = back_to
            if back_to > bottom or (time.monotonic() >= deadline and top > self._since):
                return Page(found, top, time_of(top), self._unread)
            span, is_first = span * LONGER, False
            top = min(top, max((_end(each) for each in self._segments if _begin(each) < top), default=0))
        return Page(found, None, None, self._unread)

    def _top(self) -> int:
        """Return the end of the newest rows that may be asked for."""
        ends = [max((_end(each) for each in self._segments), default=0)]
        if self._query.until is not None:
            ends.append(seq_at(self._query.until))
        if self._query.before is not None:
            ends.append(self._query.before)
        newest = min(ends)
        return min(newest, self._newest() + 1)

    def _newest(self) -> int:
        """Return the place of the newest row; the open segments have no end in their names."""
        last = [max((_end(each) for each in self._segments if not each.is_newest), default=0)]
        for each in self._segments:
            if each.is_newest and (reader := self._reader(each.path)) is not None:
                with suppress(sqlite3.Error):
                    last.append(reader.last())
        return max(last)

    def _look(self, bottom: int, top: int, deadline: float | None) -> tuple[list[Found], int]:
        """Return the rows of a span, and back to which place all were looked at."""
        touched = [each for each in self._segments if _begin(each) < top and _end(each) > bottom]
        touched.sort(key=_end, reverse=True)
        found: list[Found] = []
        for each in touched:
            try:
                found += self._rows(each, bottom, top, deadline)
            except TimeIsOver:
                bottom = min(top, _end(each))
                found = [row for row in found if row.seq >= bottom]
                break
        return sorted(found, key=_place, reverse=True), bottom

    def _rows(self, segment: SegmentFile, bottom: int, top: int, deadline: float | None) -> Sequence[Found]:
        reader = self._reader(segment.path)
        if reader is None:
            return ()
        try:
            return reader.find(self._query, self._identifiers, bottom, top, deadline)
        except sqlite3.Error:
            self._leave_out(segment.path)
            return ()

    def _reader(self, path: Path) -> SegmentReader | None:
        if path in self._readers:
            return self._readers[path]
        if path.name in self._unread:
            return None
        try:
            reader = self._readers[path] = SegmentReader(path)
        except sqlite3.Error:
            self._leave_out(path)
            return None
        return reader

    def _leave_out(self, path: Path) -> None:
        """Tell that a segment cannot be read; one that was removed meanwhile is not missed."""
        if path.exists() and path.name not in self._unread:
            self._unread.append(path.name)


def _place(found: Found) -> int:
    return found.seq


def _begin(segment: SegmentFile) -> int:
    return segment.begins << SLOT_BITS


def _end(segment: SegmentFile) -> int:
    return segment.ends << SLOT_BITS


def _forms(folder: Path, identifier: str) -> Sequence[str]:
    """Return the forms in which *identifier* may be kept: as it is, and as a digest with the key of the folder."""
    if not identifier:
        return ()
    key = None if identifier.startswith(PREFIX) else read_key(folder)
    return (identifier,) if key is None else (identifier, Identifiers(key, ()).digest(identifier))

"""Reads the log of a spool that another process may be writing, and tells what is damaged. All of it blocks.

The owner renames, empties and removes segments meanwhile, after it has put what was in them into the database. Whoever
reads the log first and the database afterwards misses nothing.
"""

import time
from contextlib import suppress
from pathlib import Path

from gateway.spool.log.files import kept_of, segments_of
from gateway.spool.log.segments import Flaw, Found, read_segments

TRIES = 5
PAUSE_SECONDS = 0.02
"""A segment is emptied within a few milliseconds."""


def read_log(folder: Path) -> Found:
    """Return what is in the log; what looks damaged is read again, because the owner may just empty it."""
    for _ in range(TRIES - 1):
        found = _read(folder)
        if all(each.flaw is Flaw.TORN for each in found.flaws):
            return found
        time.sleep(PAUSE_SECONDS)
    return _read(folder)


def problems_of(folder: Path) -> list[str]:
    """Return a sentence for each segment that is kept, and for each flaw, but for what may just be being written."""
    flaws = [each.sentence for each in read_log(folder).flaws if each.flaw is not Flaw.TORN]
    return flaws + problems_kept(folder)


def problems_kept(folder: Path) -> list[str]:
    """Return a sentence for each segment that is kept."""
    return [f"the intake log: {path.name} is kept, because it is not what was written" for path in kept_of(folder)]


def _read(folder: Path) -> Found:
    segments: dict[int, bytes] = {}
    for number, path in segments_of(folder).items():
        with suppress(FileNotFoundError):  # its owner needs it no more, and has renamed or removed it since
            segments[number] = path.read_bytes()
    return read_segments(folder.name, segments)

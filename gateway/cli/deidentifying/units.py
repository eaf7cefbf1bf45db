"""What there is to do: the files below a folder, cut into units that are done or not.

A unit is a whole file, or a part of a large NDJSON file. Files are numbered from 1 in the order of their names: a
report names the number only, because the name of a file may be that of a patient.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from gateway.contract.errors import ConfigError

IN_LINES = (".ndjson", ".jsonl")
PART = 16 * 1024 * 1024
"""Octets of NDJSON in one unit, so that several processes share a large file."""
NO_FILE = "it is no regular file"
LINK = "it is a link to a folder, which is not followed; name that folder in a run of its own"
UNREADABLE = "it, or its folder, cannot be read: {}"


@dataclass(frozen=True, slots=True)
class Unit:
    """A file, or the lines of one that begin between *start* and *end*."""

    number: int
    path: Path
    name: str
    """The path below the folder that was named; it may name a patient."""
    size: int
    changed: int
    """When the file was changed last, in nanoseconds."""
    start: int = 0
    end: int | None = None
    problem: str = ""
    """Why it cannot be read."""

    @property
    def octets(self) -> int:
        """How much is to be read."""
        return (self.size if self.end is None else min(self.end, self.size)) - self.start

    @property
    def place(self) -> str:
        """The name of what the unit makes: the file's, and the part of it."""
        return f"{self.name}\0{self.start}"

    @property
    def state(self) -> str:
        """What is done with: this part of the file as it is now."""
        return f"{self.place}\0{self.end}\0{self.size}\0{self.changed}"


def units_of(source: Path, out: Path) -> list[Unit]:
    """Return the units of a file or folder; raises ConfigError if there are none, or if *out* is in it or around it."""
    if not source.exists():
        raise ConfigError(f"{source}: does not exist; name a file or a folder")
    here, there = source.resolve(), out.resolve()
    if here == there or here in there.parents or there in here.parents:
        raise ConfigError(f"{out}: is the folder to read from, in it, or around it; name another one to write to")
    found = list(_found(source))
    if not found:
        raise ConfigError(f"{source}: there is no file in it; name a folder that has files")
    return found


def _found(source: Path) -> Iterator[Unit]:
    unread = list[OSError]()
    paths = sorted(_paths(source, unread)) if source.is_dir() else [source]
    numbers = count(1)
    for path in paths:
        yield from _cut(next(numbers), path, str(path.relative_to(source)) if source.is_dir() else path.name)
    for error in unread:
        path = Path(error.filename or source)
        yield Unit(next(numbers), path, str(path), 0, 0, problem=UNREADABLE.format(error.strerror))


def _paths(folder: Path, unread: list[OSError]) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder, onerror=unread.append):
        yield from (Path(parent, name) for name in names)
        # They are not followed, since they may lead in circles: each is held back, so that the report names it.
        yield from (path for name in folders if (path := Path(parent, name)).is_symlink())


def _cut(number: int, path: Path, name: str) -> Iterator[Unit]:
    try:
        found = path.stat()
    except OSError as error:
        yield Unit(number, path, name, 0, 0, problem=UNREADABLE.format(error.strerror))
        return
    size, changed = found.st_size, found.st_mtime_ns
    if not stat.S_ISREG(found.st_mode):
        yield Unit(number, path, name, 0, 0, problem=LINK if stat.S_ISDIR(found.st_mode) else NO_FILE)
    elif path.name.lower().endswith(IN_LINES) and size > PART:
        for start in range(0, size, PART):
            yield Unit(number, path, name, size, changed, start, start + PART)
    else:
        yield Unit(number, path, name, size, changed)

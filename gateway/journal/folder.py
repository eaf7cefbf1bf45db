"""The folder of the journal: the names of its segments, and who may write which.

``data_dir/journal/<microseconds of its begin>-<slot>.sqlite``. Each writing process holds the lock of its slot, a file
that is nothing but a lock: two gateways with one data directory have different slots, and neither touches a segment to
which the other one may still add.
"""

import fcntl
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from gateway.journal.schema import SLOTS

FOLDER = "journal"
NAME = re.compile(r"(\d{17})-(\d{3})\.sqlite")
ASIDE = ".damaged"
"""Added to the name of a segment that cannot be read, and that nobody reads any more."""
BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite adds to the name of a file for the files beside it."""
FOREVER = 1 << 55
"""A time in microseconds that is later than any."""


class SegmentFile(NamedTuple):
    """A segment by its name. Its rows are from *begins* to before *ends*."""

    path: Path
    slot: int
    begins: int
    """In microseconds since the epoch."""
    ends: int
    """When the next segment of its slot begins."""

    @property
    def is_newest(self) -> bool:
        """Whether a process may still add to it."""
        return self.ends == FOREVER


def folder_of(data_dir: Path) -> Path:
    """Return the folder of the journal in *data_dir*."""
    return data_dir / FOLDER


def segments_in(folder: Path) -> list[SegmentFile]:
    """Return all segments, the newest first; none if there is no folder. Raises OSError if it cannot be read."""
    try:
        names = [found for each in folder.iterdir() if (found := NAME.fullmatch(each.name))]
    except FileNotFoundError:
        return []
    ends: dict[int, int] = {}
    segments: list[SegmentFile] = []
    for name in sorted(names, key=lambda found: found[0], reverse=True):
        begins, slot = int(name[1]), int(name[2])
        segments.append(SegmentFile(folder / name[0], slot, begins, ends.get(slot, FOREVER)))
        ends[slot] = begins
    return segments


def path_of(folder: Path, begins: int, slot: int) -> Path:
    """Return the path of a segment."""
    return folder / f"{begins:017d}-{slot:03d}.sqlite"


def files_of(path: Path) -> list[Path]:
    """Return the file of a segment and those beside it, as far as they are there."""
    names = (path.with_name(path.name + each) for each in ("", *BESIDE))
    return [each for each in names if each.exists()]


def set_aside(path: Path) -> None:
    """Take a segment that cannot be read out of the journal; it is kept for whoever wants to look at it."""
    for each in files_of(path):
        end = each.name.removeprefix(path.name)
        each.rename(path.with_name(f"{path.name}{ASIDE}{end}"))


def size_of(path: Path) -> int:
    """Return the octets of a segment and of the files beside it."""
    return sum(each.stat().st_size for each in files_of(path))


def written_at(path: Path) -> float:
    """Return when a segment was last written, in seconds since the epoch."""
    return max((each.stat().st_mtime for each in files_of(path)), default=0.0)


def remove(path: Path) -> None:
    """Remove a segment and the files beside it."""
    for each in files_of(path):
        each.unlink(missing_ok=True)


def hand_over(path: Path) -> None:
    """Give what root has made to the owner of its folder: `hilum spool` may run as root, the gateway does not."""
    if os.geteuid() == 0:
        owner = path.parent.stat()
        if path.stat().st_uid != owner.st_uid:
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


class Lock:
    """A file of the folder of which this process has the lock until :meth:`release`, or until it ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, folder: Path, name: str) -> "Lock | None":
        """Return the lock *name*, or None if another process, or this one, has it. Raises OSError."""
        path = folder / f"{name}.lock"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            hand_over(path)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            if isinstance(error, BlockingIOError):
                return None
            raise
        return cls(descriptor)

    def release(self) -> None:
        """Let others have it. The file stays: removing it could give the lock to two processes."""
        os.close(self._descriptor)


@dataclass(frozen=True, slots=True)
class Slot:
    """The right to write segments with this number."""

    number: int
    lock: Lock


def take_slot(folder: Path, wanted: int) -> Slot | None:
    """Take the slot *wanted*, or the next free one; None if all are taken. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    hand_over(folder)
    for each in range(SLOTS):
        number = (wanted + each) % SLOTS
        if (lock := Lock.take(folder, lock_name(number))) is not None:
            return Slot(number, lock)
    return None


def lock_name(slot: int) -> str:
    """Return the name of the lock of a slot."""
    return f"slot-{slot:03d}"

"""The file system as the intake log uses it, so that a test may put another one in its place. All of it blocks."""

import os
import re
from pathlib import Path
from typing import Protocol

from gateway.spool.log.records import MAGIC, SEGMENT_HEAD_SIZE
from gateway.spool.payloads.files import make_folder, sync_folder

LOG = "log"
"""The folder of the segments within a spool's."""
DAMAGED = "damaged-"
"""Begins the name of a segment that is kept because something in it is not what was written."""
PIECE = 2**20
"""Octets written at once."""
NAME = re.compile(r"(damaged-)?([0-9]{10})")


class Disk(Protocol):
    """What is asked of the file system."""

    def create(self, path: Path, size: int) -> int:
        """Make a file of that many zeros for its owner alone and return its descriptor; its name is not durable yet."""

    def write(self, descriptor: int, octets: bytes, place: int) -> None:
        """Write every octet from that place on."""

    def sync(self, descriptor: int) -> None:
        """Put what was written to a file on stable storage."""

    def sync_folder(self, folder: Path) -> None:
        """Put the names in a folder on stable storage."""

    def close(self, descriptor: int) -> None:
        """Close a file."""

    def rename(self, path: Path, new: Path) -> None:
        """Give a file another name; that is not durable yet."""

    def remove(self, path: Path) -> None:
        """Remove a file."""


class RealDisk:
    """The file system."""

    def create(self, path: Path, size: int) -> int:
        """Make a file and write all its zeros: its blocks have their places on the disk then."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            for place in range(0, size, PIECE):
                self.write(descriptor, bytes(min(PIECE, size - place)), place)
            os.fsync(descriptor)
        except BaseException:
            os.close(descriptor)
            path.unlink()
            raise
        return descriptor

    def write(self, descriptor: int, octets: bytes, place: int) -> None:
        """Write every octet from that place on."""
        view = memoryview(octets)
        while view:
            done = os.pwrite(descriptor, view, place)
            view, place = view[done:], place + done

    def sync(self, descriptor: int) -> None:
        """Put what was written to a file on stable storage."""
        os.fdatasync(descriptor)

    def sync_folder(self, folder: Path) -> None:
        """Put the names in a folder on stable storage."""
        sync_folder(folder)

    def close(self, descriptor: int) -> None:
        """Close a file."""
        os.close(descriptor)

    def rename(self, path: Path, new: Path) -> None:
        """Give a file another name; that is not durable yet."""
        path.rename(new)

    def remove(self, path: Path) -> None:
        """Remove a file."""
        path.unlink(missing_ok=True)


def path_of(folder: Path, number: int) -> Path:
    """Return where a segment is in a spool's folder."""
    return folder / LOG / f"{number:010}"


def segments_of(folder: Path) -> dict[int, Path]:
    """Return the segments in a spool's folder by their numbers, but for those kept because they are damaged."""
    return {number: path for number, kept, path in _found(folder) if not kept}


def has_records(folder: Path) -> bool:
    """Tell whether there is anything in the segments of a spool's folder."""
    return any(_has_records(path) for path in segments_of(folder).values())


def _has_records(path: Path) -> bool:
    try:
        with path.open("rb", buffering=0) as file:
            return os.pread(file.fileno(), len(MAGIC), SEGMENT_HEAD_SIZE).strip(b"\0") != b""
    except FileNotFoundError:
        return False


def kept_of(folder: Path) -> list[Path]:
    """Return the segments in a spool's folder that are kept because they are damaged."""
    return [path for _, kept, path in _found(folder) if kept]


def next_number(folder: Path) -> int:
    """Return the number of the next segment: one that none has had."""
    return max((number for number, _, _ in _found(folder)), default=0) + 1


def make_log_folder(folder: Path) -> None:
    """Make the folder of a spool's segments, on stable storage."""
    make_folder(folder / LOG)


def _found(folder: Path) -> list[tuple[int, bool, Path]]:
    try:
        paths = sorted((folder / LOG).iterdir())
    except FileNotFoundError:
        return []
    named = ((NAME.fullmatch(path.name), path) for path in paths)
    return [(int(match[2]), bool(match[1]), path) for match, path in named if match is not None]

"""The folders of all spools under the data directory, and who owns which.

Each process that commits owns one spool of its own; the owner of a spool holds a lock on it until it ends, however it
ends. A starting process takes one that nobody owns as its own, so that what it held before goes on in order, and
adopts those that no other worker will want.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from gateway.spool.files import make_folder, sync_folder
from gateway.spool.store import DATABASE


class OwnedFolder:
    """A spool's folder that this process has locked."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor: int | None = descriptor

    def release(self) -> None:
        """Let another process have it. Does nothing the second time."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def remove(self) -> None:
        """Remove the folder, which holds nothing any more, and the lock with it."""
        shutil.rmtree(self.path)
        sync_folder(self.path.parent)
        self.release()


def spools_of(data_dir: Path) -> Path:
    """Return the folder that holds all spools."""
    return data_dir / "spool"


def existing_folders(data_dir: Path) -> list[Path]:
    """Return the folder of every spool, owned or not."""
    return sorted(path.parent for path in spools_of(data_dir).glob(f"*/{DATABASE}"))


def take_folders(data_dir: Path, workers: int) -> list[OwnedFolder]:
    """Lock a spool's folder for this process, and any left over by workers that no longer are; its own comes first."""
    parent = spools_of(data_dir)
    make_folder(parent)
    with _choosing(parent):
        folders = existing_folders(data_dir)
        free = [folder for folder in map(_lock, folders) if folder is not None]
        own, rest = (free[0], free[1:]) if free else (_create(parent), [])
        # Other workers that have no spool yet will each want one of those that are free.
        wanted = max(0, workers - 1 - (len(folders) - len(free)))
        for folder in rest[:wanted]:
            folder.release()
        return [own, *rest[wanted:]]


@contextmanager
def _choosing(parent: Path) -> Iterator[None]:
    """Let one process choose at a time."""
    descriptor = os.open(parent / "choosing", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _create(parent: Path) -> OwnedFolder:
    path = parent / uuid4().hex[:12]
    make_folder(path)
    folder = _lock(path)
    if folder is None:
        raise RuntimeError("somebody else locked a folder that was just made")
    return folder


def _lock(path: Path) -> OwnedFolder | None:
    descriptor = os.open(path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return OwnedFolder(path, descriptor)

"""The folders of all spools under the data directory, and who owns which.

Each process that commits owns one spool of its own; the owner of a spool holds a lock on it until it ends, however it
ends. A starting worker takes the spool that has its number as its own: its peers are given to the same worker again, so
what they sent before is known there and goes on in order. It adopts spools that no other worker will take. A spool
whose owner ends later is adopted by a running process.

A spool that is damaged is *set aside*: a file in its folder says so, and nobody opens it again but ``hilum spool``.
"""

import errno
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from gateway.spool.database.connections import DATABASE
from gateway.spool.payloads.files import make_folder, sync_folder, write_all

SET_ASIDE = "set-aside"
"""The file that sets a spool aside; it holds the reason."""
REPAIRED = "repaired"
"""The name of that file after the spool was repaired; it then holds the name of the new spool too."""
WORKER = "worker"
"""The file that holds the number of the worker whose spool it is."""


REMOVALS = 10
"""How often the removal of a folder is tried, as files in it may come and go meanwhile."""


class WorkerIndex(NamedTuple):
    """The number of a worker, and how many workers there are."""

    worker: int = 1
    """Counted from 1."""
    workers: int = 1


class Lock:
    """A file that this process has locked until it releases it or ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    def release(self) -> None:
        """Let another process have it. Does nothing the second time."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class OwnedFolder(Lock):
    """A spool's folder that this process has locked."""

    def __init__(self, path: Path, descriptor: int) -> None:
        super().__init__(descriptor)
        self.path = path

    def remove(self) -> None:
        """Remove the folder, which is no longer needed, and release the lock."""
        try:
            _remove_tree(self.path)
            sync_folder(self.path.parent)
        finally:
            self.release()

    def set_aside(self, reason: str) -> None:
        """Mark the spool so that no gateway opens it again."""
        write_mark(self.path / SET_ASIDE, reason)


def spools_of(data_dir: Path) -> Path:
    """Return the folder that holds all spools."""
    return data_dir / "spool"


def existing_folders(data_dir: Path) -> list[Path]:
    """Return the folder of every spool that may be opened, owned or not."""
    return [
        path for path in _all_folders(data_dir) if not any((path / mark).exists() for mark in (SET_ASIDE, REPAIRED))
    ]


def folders_set_aside(data_dir: Path) -> list[Path]:
    """Return the folder of every spool that was set aside and has not been repaired."""
    return [path for path in _all_folders(data_dir) if (path / SET_ASIDE).exists()]


def folders_without_owner(data_dir: Path) -> list[Path]:
    """Return the folder of every spool that may be opened and that no process has locked."""
    found = []
    with _choosing(spools_of(data_dir)):
        for path in existing_folders(data_dir):
            if (folder := _lock(path)) is not None:
                folder.release()
                found.append(path)
    return found


def take_folders(data_dir: Path, worker_index: WorkerIndex) -> list[OwnedFolder]:
    """Lock the folders that a starting worker takes: its own spool first, then those that no other worker will take."""
    parent = spools_of(data_dir)
    make_folder(parent)
    with _choosing(parent):
        folders = existing_folders(data_dir)
        numbers = {path: worker_of(path) for path in folders}
        free = [folder for folder in map(_lock, folders) if folder is not None]
        own = [folder for folder in free if numbers[folder.path] == worker_index.worker]
        others = {*range(1, worker_index.workers + 1)} - {worker_index.worker}
        nobodys = [folder for folder in free if numbers[folder.path] not in {worker_index.worker, *others}]
        # A worker that has no spool yet will take one of those that are nobody's.
        wanted = len(others - set(numbers.values()))
        first = own[:1] or nobodys[:1] or [_create(parent)]
        taken = [*first, *(each for each in own if each not in first)]
        taken += [each for each in nobodys if each not in first][wanted:]
        for folder in free:
            if folder not in taken:
                folder.release()
        if numbers.get(first[0].path) != worker_index.worker:
            write_mark(first[0].path / WORKER, str(worker_index.worker))
        return taken


def worker_of(path: Path) -> int | None:
    """Return the number of the worker whose spool is in the folder; None if the file is missing or has no number."""
    with suppress(OSError, ValueError):
        return int((path / WORKER).read_text())
    return None


def copy_number(source: Path, target: Path) -> None:
    """Give a copy the worker's number of the original, so that the worker's later messages stay behind the copied."""
    if (number := worker_of(source)) is not None:
        write_mark(target / WORKER, str(number))


def take_folder(path: Path, took: Callable[[Path], None] = lambda _: None) -> OwnedFolder | None:
    """Lock the folder of a spool; None if another process has it, or it is gone or set aside meanwhile.

    *took* is called before any other process can look for folders without an owner.
    """
    with _choosing(path.parent):
        folder = _lock(path) if path in existing_folders(path.parent.parent) else None
        if folder is not None:
            took(path)
        return folder


def take_set_aside(path: Path) -> OwnedFolder | None:
    """Lock the folder of a spool that was set aside; None if another process has locked it."""
    with _choosing(path.parent):
        return _lock(path)


def new_folder(data_dir: Path, worker: int | None = None) -> OwnedFolder:
    """Make and lock the folder of a new spool, which belongs to *worker* if a number is given."""
    with _choosing(spools_of(data_dir)):
        folder = _create(spools_of(data_dir))
        try:
            if worker is not None:
                write_mark(folder.path / WORKER, str(worker))
        except OSError:
            folder.remove()
            raise
        return folder


def take_watch(data_dir: Path) -> Lock | None:
    """Become the process that counts what waits in spools without an owner; None while another does."""
    descriptor = _lock_file(spools_of(data_dir) / "watching")
    return None if descriptor is None else Lock(descriptor)


def write_mark(path: Path, text: str) -> None:
    """Write a small file, on stable storage when this returns."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        write_all(descriptor, text.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    sync_folder(path.parent)


def _remove_tree(path: Path) -> None:
    """Remove a folder, in several tries: SQLite makes and removes files in it for any process that reads."""
    for left in reversed(range(REMOVALS)):
        try:
            shutil.rmtree(path)
        except OSError as error:
            if not left or error.errno not in (errno.ENOTEMPTY, errno.ENOENT):
                raise
        else:
            return


def _all_folders(data_dir: Path) -> list[Path]:
    spools = spools_of(data_dir)
    try:
        with os.scandir(spools) as found:  # glob hides that a folder cannot be read (Python 3.13)
            names = sorted(each.name for each in found)
    except FileNotFoundError:
        return []
    return [spools / name for name in names if (spools / name / DATABASE).exists()]


@contextmanager
def _choosing(parent: Path) -> Iterator[None]:
    """Let only one process at a time look for folders and lock them."""
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
    """Lock a folder; None if another process has it, or its last owner has removed it."""
    with suppress(FileNotFoundError):
        descriptor = _lock_file(path / "lock")
        if descriptor is not None:
            if _is_at(descriptor, path / "lock"):
                return OwnedFolder(path, descriptor)
            os.close(descriptor)
    return None


def _lock_file(path: Path) -> int | None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _is_at(descriptor: int, path: Path) -> bool:
    """Tell whether the locked file is still the one at that path."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False

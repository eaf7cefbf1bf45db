"""The folder that is written to. A file has its final name only when it is whole and on stable storage.

``.hilum`` in it has the record of what is done (``record.jsonl``) and files that are being written (``partial``).
"""

import contextlib
import errno
import fcntl
import filecmp
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Literal

from gateway.contract.errors import ConfigError

OWN = ".hilum"
PARTIAL = "partial"
Published = Literal["written", "same", "other"]
NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK})
"""What file systems without hard links answer."""


@contextmanager
def locked(out: Path) -> Iterator[Path]:
    """Make the folder, lock it against other runs, remove what a killed run has left; yield its ``.hilum``."""
    own = out / OWN
    try:
        own.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(own, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise ConfigError(f"{out}: cannot be written: {error.strerror}; name a folder that you may write to") from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError(f"{out}: another run writes to this folder; wait for its end") from None
        _clean(own / PARTIAL)
        try:
            (own / PARTIAL).mkdir(mode=0o700)
            yield own
        finally:
            _clean(own / PARTIAL)
    finally:
        os.close(descriptor)


def _clean(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


class Output:
    """The output folder as a worker writes to it. Its methods raise OSError if the disk takes nothing."""

    def __init__(self, out: Path) -> None:
        self._out, self._partial = out, out / OWN / PARTIAL

    def path_of(self, name: str) -> Path:
        """Return where a file is while it is written."""
        return self._partial / name

    @contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO]:
        """Yield a new file to write to, and remove it at the end: :meth:`publish` gives it its final name before."""
        path = self.path_of(name)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "w+b") as file:
                yield file
        finally:
            with contextlib.suppress(OSError):
                path.unlink()

    def publish(self, file: BinaryIO, name: str, final: str) -> Published:
        """Give a whole file its final name, or say that the name has the same or another content already."""
        file.flush()
        os.fsync(file.fileno())
        made, path = self._partial / name, self._out / final
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(made, path)
        except FileExistsError:
            return _compared(made, path)
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
            if path.exists():
                return _compared(made, path)
            made.rename(path)
        _sync_folder(path.parent)
        return "written"


def _compared(made: Path, path: Path) -> Published:
    return "same" if filecmp.cmp(made, path, shallow=False) else "other"


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

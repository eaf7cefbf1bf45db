"""A file that gets its name when all of it is on stable storage: a command that is killed leaves no partial file there.

What it leaves then is a file whose name ends in ``.part``, beside the one that was meant.
"""

import errno
import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})
"""Errors of a file system that has no hard links, such as FAT on a USB stick."""


class NewFile:
    """``with NewFile(path) as file``: *path* exists behind the block, for its owner alone, and only if nothing failed.

    An existing file, or link, is never replaced: FileExistsError is raised at once, or at the end if another process
    made it meanwhile.
    """

    def __init__(self, path: Path) -> None:
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        self._path = path
        self._part = path.with_name(f"hilum-{secrets.token_hex(8)}.part")
        descriptor = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(descriptor, "wb")

    def __enter__(self) -> BinaryIO:
        """Return the file to write to."""
        return self._file

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Sync the file to stable storage and give it its name; if the block has failed, remove it."""
        try:
            with self._file:
                if error is None:
                    self._file.flush()
                    os.fsync(self._file.fileno())
            if error is None:
                self._name()
        finally:
            self._part.unlink(missing_ok=True)

    def _name(self) -> None:
        """Give the file its name; unlike a rename, a link never replaces a file."""
        try:
            os.link(self._part, self._path)
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
            os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))  # reserves the name
            self._part.replace(self._path)

"""Appends audit messages to a file, one JSON object a line.

Each line is one ``write`` to a descriptor opened with O_APPEND, so that several workers may share the file. Lines count
as written once they are on stable storage (``fdatasync``). If the file was renamed, for example by logrotate, or
removed, a new one is made; no signal is needed.
"""

import errno
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from gateway.audit.fitting import was_shortened
from gateway.audit.interface import Taken
from gateway.audit.message import AuditMessage
from gateway.audit.rendering import as_json
from gateway.contract.errors import ConfigError

OWNER_ONLY = 0o600


class AuditFile:
    """The sink that writes to a file."""

    name = "file"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._torn = False
        """Whether the last line may be incomplete, because the disk was full."""

    def write(self, messages: Sequence[AuditMessage]) -> Taken:
        """Append a line of any length for each message, and put them on stable storage."""
        descriptor = self._open()
        if self._torn:
            _write_whole(descriptor, b"\n")
        self._torn = True
        for message in messages:
            _write_whole(descriptor, as_json(message))
        self._torn = False
        os.fdatasync(descriptor)
        return Taken(shortened=sum(map(was_shortened, messages)))

    def close(self) -> None:
        """Close the file."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def _open(self) -> int:
        """Return a descriptor of the file that the path names now; open it again if it was renamed or removed."""
        if self._descriptor is not None and not self._is_there(self._descriptor):
            self.close()
            self._torn = False
        if self._descriptor is None:
            self._descriptor = self._make_or_open()
            with suppress(PermissionError):  # another user owns the file and sets its permissions
                os.fchmod(self._descriptor, OWNER_ONLY)
        return self._descriptor

    def _make_or_open(self) -> int:
        """Open the file for appending. A file that root makes is given to the owner of its folder.

        `hilum spool` may run as root, and `hilum serve`, as another user, has to write to the same file.
        """
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        try:
            descriptor = os.open(self._path, flags | os.O_EXCL, OWNER_ONLY)
        except FileExistsError:
            return os.open(self._path, flags, OWNER_ONLY)
        if os.geteuid() == 0:
            folder = self._path.parent.stat()
            os.fchown(descriptor, folder.st_uid, folder.st_gid)
        return descriptor

    def _is_there(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(self._path.stat(), os.fstat(descriptor))
        except FileNotFoundError:
            return False


def _write_whole(descriptor: int, line: bytes) -> None:
    if os.write(descriptor, line) != len(line):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def open_file(path: Path) -> AuditFile:
    """Return the sink; raises ConfigError if the file cannot be written."""
    file = AuditFile(path)
    try:
        file.write(())
    except OSError as error:
        is_of_another = isinstance(error, PermissionError) and os.path.lexists(path)
        mend = "give the file to the user of hilum serve (chown)" if is_of_another else "make its folder writable"
        raise ConfigError(f"audit.file: {path}: cannot be written: {error.strerror}; {mend}") from None
    return file

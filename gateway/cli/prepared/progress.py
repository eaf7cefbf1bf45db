"""What has been sent, in a file that outlasts the process: one line for each record that is done with.

The first line says which files are sent. Each further line has the position of the file, the line in it and what became
of it: ``0 17 s``. It is appended as soon as the outcome is known, so that after kill -9 only those records are sent
again that were in flight. Nothing of a resource is in the file.
"""

import errno
import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal

from gateway.contract.errors import ConfigError

VERSION = 1
Result = Literal["s", "r", "n"]
"""Stored, refused, or nothing: a line without a record."""
RESULTS: Mapping[bytes, Result] = {b"s": "s", b"r": "r", b"n": "n"}


@dataclass(slots=True)
class Done:
    """The lines of one file that are done with: all up to one, and some behind it."""

    until: int = 0
    beyond: set[int] = field(default_factory=set)

    def add(self, line: int) -> None:
        """Note a line. Lines are done with nearly in order, so that little has to be remembered."""
        self.beyond.add(line)
        while self.until + 1 in self.beyond:
            self.until += 1
            self.beyond.discard(self.until)

    def __contains__(self, line: int) -> bool:
        """Whether the line is done with."""
        return line <= self.until or line in self.beyond


class Progress:
    """The progress of one sending."""

    def __init__(self, path: Path, file: IO[bytes], files: int) -> None:
        self._path, self._descriptor = path, file.fileno()
        self._done = [Done() for _ in range(files)]
        self.stored = 0
        """Records that were stored before."""
        self.refused = 0
        """Records that were refused before, and are not sent again."""
        self.is_resumed = False
        """Whether the sending was begun before."""
        self.last = -1, 0
        """File and line of the last record that was done with before."""

    def __contains__(self, place: tuple[int, int]) -> bool:
        """Whether the record in this file and line is done with."""
        return place[1] in self._done[place[0]]

    def add(self, place: tuple[int, int], result: Result) -> None:
        """Note what became of a record, before anything that depends on it begins; raises ConfigError if it cannot."""
        self.append(b"%d %d %s\n" % (*place, result.encode()))

    def append(self, line: bytes) -> None:
        """Write a line; raises ConfigError if it cannot be written, because the disk is full for example."""
        try:
            if os.write(self._descriptor, line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise self._not_kept(error) from None

    def sync(self) -> None:
        """Make what has been noted outlast a power failure too; raises ConfigError if it cannot."""
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            raise self._not_kept(error) from None

    def _not_kept(self, error: OSError) -> ConfigError:
        mend = "correct that, and run the same command again to send the rest"
        return ConfigError(f"{self._path}: the progress cannot be kept: {error.strerror}; {mend}")

    def remember(self, file: int, line: int, result: Result) -> None:
        """Take note of what the file says."""
        self._done[file].add(line)
        self.stored += result == "s"
        self.refused += result == "r"
        self.last = max(self.last, (file, line))


@contextmanager
def open_progress(path: Path, files: Sequence[Path], *, restart: bool) -> Iterator[Progress]:
    """Open the progress of sending *files*, begun before or new; with *restart* it begins again.

    Raises ConfigError if the file is of another sending, or another process uses it.
    """
    what = _described(files)
    with _opened(path) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError(f"{path}: another process sends with this progress; wait for its end") from None
        if restart:
            file.truncate(0)
        progress = Progress(path, file, len(files))
        _read(path, file, what, progress)
        yield progress
        progress.sync()


def _opened(path: Path) -> IO[bytes]:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600), "r+b")
    except OSError as error:
        mend = "run this as the owner of the folder, or name another file with --progress"
        raise ConfigError(f"{path}: the progress cannot be kept: {error.strerror}; {mend}") from None


def _described(files: Sequence[Path]) -> bytes:
    stats = [(str(path), (stat := path.stat()).st_size, stat.st_mtime_ns) for path in files]
    return json.dumps({"hilum_send_fhir": VERSION, "files": stats}).encode() + b"\n"


def _read(path: Path, file: IO[bytes], what: bytes, progress: Progress) -> None:
    file.seek(0)
    first = file.readline()
    if first and not first.endswith(b"\n"):  # it was being written when the process ended
        first = b""
    if not first:
        file.truncate(0)
        progress.append(what)
        return
    if first != what:
        raise ConfigError(
            f"{path}: this is the progress of other files, or the files have changed since then;"
            " add --restart to send all of them from the beginning, or name another file with --progress"
        )
    progress.is_resumed = True
    whole = file.tell()
    for line in file:
        if not line.endswith(b"\n"):
            break
        _remember(path, line, progress)
        whole += len(line)
    file.truncate(whole)


def _remember(path: Path, line: bytes, progress: Progress) -> None:
    try:
        number, place, result = line.split()
        progress.remember(int(number), int(place), RESULTS[result])
    except (ValueError, LookupError):
        mend = "add --restart to send all from the beginning, or name another file with --progress"
        raise ConfigError(f"{path}: is damaged, or no progress of `hilum send fhir`; {mend}") from None

"""Values that are built from files which other programs may replace at any time."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from gateway.contract.errors import ConfigError

T = TypeVar("T")
Version = tuple[int, ...] | None


class Renewed(Generic[T]):
    """A value that is rebuilt when one of its *files* has changed; while they are bad, the last good value is kept.

    The files are checked at each :meth:`current`. A ConfigError of *build* is raised only by the constructor; later it
    is passed to *renewed*, which gets None after a successful rebuild.
    """

    def __init__(
        self, files: Sequence[Path], build: Callable[[], T], renewed: Callable[[ConfigError | None], None]
    ) -> None:
        self._files = files
        self._build = build
        self._renewed = renewed
        self._versions = self._look()
        self._value = build()

    def current(self) -> T:
        """Return the value of the current files, or the last good one."""
        # The versions are taken before the files are read, so that a change in between is found the next time.
        versions = self._look()
        if versions != self._versions:
            self._versions = versions
            try:
                self._value = self._build()
            except ConfigError as error:
                self._renewed(error)
            else:
                self._renewed(None)
        return self._value

    def _look(self) -> list[Version]:
        return [_version(path) for path in self._files]


def _version(path: Path) -> Version:
    try:
        # Kubernetes renews a mounted secret by swapping a symbolic link: the inode changes, the times may not.
        stat = path.stat()
    except OSError:
        return None
    # ctime too: it changes with the permissions, so a key that could not be read is read again once they are corrected.
    return stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino, stat.st_dev

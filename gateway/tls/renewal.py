"""What is made from files that other programs renew at any time."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from gateway.contract.errors import ConfigError

T = TypeVar("T")
Version = tuple[int, ...] | None


class Renewed(Generic[T]):
    """A value that is built anew when one of its *files* has changed; while they are bad, the last good one is kept.

    The files are looked at whenever the value is asked for. *build* raises ConfigError, which only the first time is
    passed on; later *renewed* is told of it, or of None when all went well.
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
        """Return the value of the files as they are now, or as they last were good."""
        # Looked at before the files are read: what changes meanwhile is found the next time.
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
    # The time of a change of rights too: a key that could not be read at first is read once that is mended.
    return stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino, stat.st_dev

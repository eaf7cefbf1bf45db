"""Files of a folder that is a bucket: where a key lies, reading a part, and a new file that appears by one act."""

import errno
import os
import secrets
from contextlib import suppress
from pathlib import Path

from adapters.objects.contract import BadKey, BucketAway, NotAllowed, NotThere, ObjectError
from gateway.contract.body import Buffer

UNFINISHED = ".hilum-"
"""How the names of files begin that are being written. They are no objects."""


def path_below(root: Path, key: str) -> Path | None:
    """Return the file of *key*; None if the key would lead out of *root* or is reserved."""
    parts = key.split("/")
    if "\0" in key or any(part in {"", ".", ".."} or part.startswith(UNFINISHED) for part in parts):
        return None
    path = root.joinpath(*parts)
    real_root = os.path.realpath(root)
    within = os.path.commonpath([real_root, os.path.realpath(path)]) == real_root
    return path if within else None


def part_of(path: Path, first: int, count: int | None) -> bytes:
    """Return octets of a file."""
    with path.open("rb", buffering=0) as file:
        file.seek(first)
        return file.readall() if count is None else _read(file.fileno(), count)


def _read(descriptor: int, count: int) -> bytes:
    parts = []
    while count and (part := os.read(descriptor, min(count, 1024 * 1024))):  # one call may return fewer
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


class NewFile:
    """A file that is being written beside its place."""

    def __init__(self, path: Path, *, replace: bool) -> None:
        if not replace and os.path.lexists(path):
            raise FileExistsError
        self._path, self._replace = path, replace
        _make_folder(path.parent)
        self._beside = path.with_name(f"{UNFINISHED}{secrets.token_hex(8)}")
        self._file = self._beside.open("xb", buffering=0)

    def write(self, data: Buffer) -> None:
        """Append octets."""
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]

    def appear(self) -> None:
        """Put the whole file in its place, on the disk; raises FileExistsError if there is one meanwhile."""
        os.fsync(self._file.fileno())
        if self._replace:
            self._beside.replace(self._path)
        else:
            os.link(self._beside, self._path)
            self._beside.unlink()
        _sync_folder(self._path.parent)

    def drop(self) -> None:
        """Close it, and remove what has not appeared."""
        self._file.close()
        with suppress(OSError):
            self._beside.unlink(missing_ok=True)


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError:  # a file has the name
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)) from None


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def refusal_of(error: OSError) -> ObjectError:
    """Return what an error of the operating system means for the object. The text names no file."""
    kind, text = REFUSALS.get(error.errno or 0, FAILS)
    return kind(text.format(error.strerror or type(error).__name__))


NO_NAME = BadKey, "a folder cannot have an object of this name: {}"
IN_THE_WAY = BadKey, "a folder cannot have an object whose name is also the beginning of another one, with /"
CLOSED = NotAllowed, "the folder of the bucket: {}; let the user of Hilum read and write there"
NO_LINKS = NotAllowed, "the file system of the bucket has no hard links, by which a file appears; use another"
FULL = BucketAway, "the disk of the bucket is full: {}"
FAILS = BucketAway, "the folder of the bucket fails: {}"
REFUSALS: dict[int, tuple[type[ObjectError], str]] = {
    errno.ENOENT: (NotThere, "there is no object with this key"),
    errno.ENAMETOOLONG: NO_NAME,
    errno.EILSEQ: NO_NAME,
    errno.EINVAL: NO_NAME,
    errno.EISDIR: IN_THE_WAY,
    errno.ENOTDIR: IN_THE_WAY,
    errno.EACCES: CLOSED,
    errno.EROFS: CLOSED,
    errno.EPERM: NO_LINKS,
    errno.EOPNOTSUPP: NO_LINKS,
    errno.ENOSYS: NO_LINKS,
    errno.ENOSPC: FULL,
    errno.EDQUOT: FULL,
}

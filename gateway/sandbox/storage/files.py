"""Objects are files below the folder of their bucket. What is here blocks; one thread does it."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from gateway.sandbox.buckets.folders import PART
from gateway.sandbox.reasoned_error import ReasonedError
from gateway.sandbox.storage.rules import check_key, place

Fold = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class File:
    """One object as its file tells it."""

    key: str
    path: Path
    size: int
    generation: int
    """The time of its last change in microseconds, as in Cloud Storage; it grows with every new content."""


def find(folder: Path, key: str) -> File | None:
    """Return an object, or None. A link is followed, because the folder is the operator's own."""
    try:
        return _file(folder / check_key(key), key)
    except ReasonedError:  # there can be none of this name
        return None


def _file(path: Path, key: str) -> File | None:
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not path.is_file():
        return None
    return File(key, path, status.st_size, status.st_mtime_ns // 1000)


def part_file(folder: Path, name: str | None = None) -> Path:
    """Make an empty file for an object that arrives; a listing leaves it out."""
    path = folder / f".{name or uuid4().hex}.part"
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    return path


def append(part: Path, data: bytes) -> None:
    """Write the next octets of an object that arrives."""
    with part.open("ab") as file:
        file.write(data)


def opened(path: Path) -> BinaryIO:
    """Open the content of an object, which stays the same while it is read, also when the object is replaced."""
    return path.open("rb")


def sync(part: Path) -> None:
    """Make what was written durable."""
    with part.open("rb") as file:
        os.fsync(file.fileno())


def appear(part: Path, folder: Path, key: str, *, only_new: bool) -> File:
    """Give an object that is complete its name, durably; with *only_new*, raises a 412 if there is one already."""
    path = place(folder, key)
    sync(part)
    old = find(folder, key)
    if old is not None and part.stat().st_mtime_ns // 1000 <= old.generation:
        os.utime(part, ns=(0, (old.generation + 1) * 1000))
    _make_folders(folder, path)
    if path.is_dir():
        raise ReasonedError(400, "a bucket here is a folder: other objects have this name and a slash before theirs")
    if only_new:
        try:
            os.link(part, path)
        except FileExistsError:
            raise ReasonedError(412, "there is an object of this name") from None
        part.unlink()
    else:
        part.replace(path)
    _sync_folder(path.parent)
    found = _file(path, key)
    if found is None:
        raise ReasonedError(503, "the object was removed at once by somebody else", "backendError")
    return found


def _make_folders(folder: Path, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except (FileExistsError, NotADirectoryError):
        raise ReasonedError(
            400, "a bucket here is a folder: an object has the name of what stands before a slash in this name"
        ) from None
    if path.parent != folder:
        _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(folder: Path, file: File) -> None:
    """Remove an object, and the folders above it that are empty now, as a bucket has none."""
    place(folder, file.key).unlink(missing_ok=True)
    _sync_folder(file.path.parent)
    above = file.path.parent
    while above != folder and folder in above.parents:
        try:
            above.rmdir()
        except OSError:  # it is not empty
            return
        above = above.parent


def walk(folder: Path, prefix: str = "", after: str = "", fold: Fold = lambda _: None) -> Iterator[File]:
    """Yield the objects whose names begin with *prefix* and are greater than *after*, in the order of their octets.

    *fold* says, of the name of a folder with its slash, whether one object of it is enough.
    """
    yield from _walk(folder, "", prefix, after, fold)


def _walk(folder: Path, above: str, prefix: str, after: str, fold: Fold) -> Iterator[File]:
    for name, is_folder in _entries(folder):
        key = above + name
        if is_folder:
            if (key.startswith(prefix) or prefix.startswith(key)) and key.encode() >= after[: len(key)].encode():
                inside = _walk(folder / name, key, prefix, after, fold)
                yield from (each for each in ([next(inside, None)] if fold(key) else inside) if each is not None)
        elif key.startswith(prefix) and key.encode() > after.encode():
            found = _file(folder / name, key)
            if found is not None:
                yield found


def _entries(folder: Path) -> list[tuple[str, bool]]:
    """Return what is in a folder; the name of a folder has its slash, because it stands so in the names of objects."""
    found = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if PART.match(entry.name) or not _is_text(entry.name):
                    continue
                is_folder = entry.is_dir(follow_symlinks=False)
                found.append((f"{entry.name}/" if is_folder else entry.name, is_folder))
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(found, key=lambda each: each[0].encode())


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:  # the file's name is not UTF-8, so no object can have it
        return False
    return True

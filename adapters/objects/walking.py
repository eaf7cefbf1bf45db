"""The files of a folder in the order of their keys, as a bucket lists them."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from adapters.objects.contract import Found
from adapters.objects.files import UNFINISHED
from adapters.objects.wildcards import matches, may_hold


def walked(root: Path, pattern: str) -> Iterator[Found]:
    """Yield the files below *root* that *pattern* means.

    A file that disappears meanwhile is left out, as one that was never there.
    """
    yield from _folder(root, "", pattern)


def _folder(path: Path, prefix: str, pattern: str) -> Iterator[Found]:
    """Yield the files of one folder and those below it; *prefix* is the beginning of their keys."""
    for key, entry in _entries(path, prefix):
        if key.endswith("/"):
            if may_hold(pattern, key):
                yield from _folder(Path(entry.path), key, pattern)
        elif matches(pattern, key) and (found := _found(key, entry)) is not None:
            yield found


def _entries(path: Path, prefix: str) -> list[tuple[str, "os.DirEntry[str]"]]:
    """Return keys and entries in the order of keys: a folder sorts with its separator, as its files do."""
    try:
        with os.scandir(path) as entries:
            here = [each for each in entries if not each.name.startswith(UNFINISHED)]
    except FileNotFoundError:
        return []
    files = [(prefix + each.name, each) for each in here if each.is_file(follow_symlinks=False)]
    folders = [(f"{prefix}{each.name}/", each) for each in here if each.is_dir(follow_symlinks=False)]
    return sorted(files + folders, key=lambda pair: pair[0])


def _found(key: str, entry: "os.DirEntry[str]") -> Found | None:
    try:
        state = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    version = f"{state.st_mtime_ns:x}-{state.st_size:x}-{state.st_ino:x}"
    return Found(key, state.st_size, version, datetime.fromtimestamp(state.st_mtime, UTC))

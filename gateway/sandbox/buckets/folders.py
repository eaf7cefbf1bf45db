"""``gs://bucket/object`` is a file in the folder of the bucket: a named one, or one below ``buckets`` of the data."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from gateway.contract import wildcards
from gateway.sandbox.google_error import ApiError

_URI = re.compile(r"gs://(?P<bucket>[a-z0-9][a-z0-9._-]{1,62})(?:/(?P<object>.*))?", re.DOTALL)
PART = re.compile(r"\.[0-9a-f]{32}\.part\Z")
"""The name of a file that is being written; a listing leaves it out."""


@dataclass(frozen=True, slots=True)
class Object:
    """One object of a bucket."""

    uri: str
    path: Path


class Buckets:
    """Reads and writes objects. These methods do blocking work."""

    def __init__(self, root: Path, named: Mapping[str, Path] | None = None) -> None:
        self._root, self._named = root, named or {}

    def objects(self, pattern: str) -> Iterator[Path]:
        """Yield the files of the objects that *pattern* means, by name."""
        return (each.path for each in self.find(pattern))

    def find(self, pattern: str) -> Iterator[Object]:
        """Yield the objects that *pattern* means, by name; raises a 400 for a pattern against Google's rules."""
        bucket, name = _split(pattern)
        try:
            wildcards.check(name)
        except wildcards.BadPattern as error:
            raise ApiError(400, f"the URI of the objects {error}") from None
        return self._matching(bucket, name)

    def _matching(self, bucket: str, pattern: str) -> Iterator[Object]:
        folder = self.folder(bucket)
        for path in sorted(folder.rglob("*")):
            key = path.relative_to(folder).as_posix()
            if wildcards.matches(pattern, key) and path.is_file() and not PART.match(path.name):
                yield Object(f"gs://{bucket}/{key}", path)

    def write(self, prefix: str, name: str, lines: Iterable[bytes]) -> str:
        """Write an object with one line for each of *lines*; return its URI."""
        with self.create(prefix, name) as file:
            for line in lines:
                file.write(line + b"\n")
        return f"{prefix.rstrip('/')}/{name}"

    @contextmanager
    def create(self, prefix: str, name: str) -> Iterator[BinaryIO]:
        """Open a new object, which appears when it is complete and takes the place of the one that has its name."""
        path = self._place(prefix, name)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = path.parent / f".{uuid4().hex}.part"
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    def check_prefix(self, prefix: str) -> None:
        """Raise a 400 if *prefix* is no place for objects."""
        self._place(prefix, "x")

    def why_nothing(self, pattern: str) -> str:
        """Return why no object matches *pattern*, and what helps."""
        bucket, _ = _split(pattern)
        if not self.folder(bucket).is_dir():
            return (
                f"there is no bucket {bucket}: start the sandbox with --bucket {bucket}=FOLDER, or make the folder"
                f" buckets/{bucket} below its --data"
            )
        return f"no object of the bucket {bucket} matches the URI; * stands for anything but /, ** for anything"

    def folder(self, bucket: str) -> Path:
        """Return the folder of a bucket."""
        return self._named.get(bucket, self._root / bucket)

    def _place(self, prefix: str, name: str) -> Path:
        bucket, above = _split(prefix)
        folder = self.folder(bucket).resolve()
        path = (folder / above.strip("/") / name).resolve()
        if folder not in path.parents:
            raise ApiError(400, "the URI leaves its bucket")
        return path


def _split(uri: str) -> tuple[str, str]:
    match = _URI.fullmatch(uri)
    if match is None or ".." in uri.split("/") or "\0" in uri:
        raise ApiError(400, "a URI needs the form gs://bucket/object")
    return match["bucket"], match["object"] or ""

"""Cloud Storage for the sandbox: ``gs://bucket/object`` is a file below the folder ``buckets`` of its data."""

import re
from collections.abc import Iterator
from pathlib import Path

from gateway.sandbox.google_error import ApiError

_URI = re.compile(r"gs://(?P<bucket>[a-z0-9][a-z0-9._-]{1,62})(?:/(?P<object>.*))?")
_WILDCARDS = {"**": ".*", "*": "[^/]*", "?": "[^/]"}


class Buckets:
    """Reads and writes objects. These methods do blocking work."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def objects(self, pattern: str) -> Iterator[Path]:
        """Yield the objects that fit *pattern*, by name: ``*`` and ``?`` stay within a folder, ``**`` does not."""
        bucket, name = self._split(pattern)
        parts = re.split(r"(\*\*|\*|\?)", name)
        fits = re.compile("".join(_WILDCARDS.get(part, re.escape(part)) for part in parts))
        for path in sorted(bucket.rglob("*")):
            if path.is_file() and fits.fullmatch(path.relative_to(bucket).as_posix()):
                yield path

    def write(self, prefix: str, name: str, lines: list[bytes]) -> str:
        """Write an object with one line for each of *lines*; return its URI."""
        bucket, folder = self._split(prefix)
        path = (bucket / folder / name).resolve()
        if not path.is_relative_to(bucket.resolve()):
            raise ApiError(400, "the URI leaves its bucket")
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(0o600)
        path.write_bytes(b"".join(line + b"\n" for line in lines))
        return f"{prefix.rstrip('/')}/{name}"

    def _split(self, uri: str) -> tuple[Path, str]:
        match = _URI.fullmatch(uri)
        if match is None or ".." in uri:
            raise ApiError(400, "a URI needs the form gs://bucket/object")
        return self._root / match["bucket"], match["object"] or ""

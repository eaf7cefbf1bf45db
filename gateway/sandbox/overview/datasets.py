"""Which buckets of the sandbox have a public table of the research pipeline, and which have its thumbnails.

Looked at are the folders of ``--bucket`` and the folders in them. The methods do blocking work.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from urllib.parse import quote

TABLE, MANIFEST = "public_table", "manifest.json"
PICTURE = re.compile(r"[0-9a-f]{2}/[0-9a-f]{64}\.webp")
MOST_FOLDERS = 1000
"""More folders of a bucket are not looked into."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A public table."""

    uri: str
    """The folder that it is in: ``gs://public/tables``."""
    folder: Path


def datasets_in(buckets: Mapping[str, Path]) -> Iterator[Dataset]:
    """Yield the public tables of *buckets*."""
    for path, folder in _places(buckets):
        if (folder / TABLE / MANIFEST).is_file():
            yield Dataset(f"gs:/{path}", folder)


def address_of(buckets: Mapping[str, Path], picture: str) -> str | None:
    """Return below which path of the sandbox's Cloud Storage the bucket is that has *picture*; None if none has."""
    if not is_picture(picture):
        return None
    return next((quote(path) for path, folder in _places(buckets) if (folder / picture).is_file()), None)


def is_picture(key: object) -> bool:
    """Whether *key* is the name of a thumbnail: it becomes part of an address."""
    return isinstance(key, str) and PICTURE.fullmatch(key) is not None


def _places(buckets: Mapping[str, Path]) -> Iterator[tuple[str, Path]]:
    """Yield each bucket and each folder in it, with its path in Cloud Storage."""
    for name, root in sorted(buckets.items()):
        yield f"/{name}", root
        if root.is_dir():
            for folder in sorted(islice((each for each in root.iterdir() if each.is_dir()), MOST_FOLDERS)):
                yield f"/{name}/{folder.name}", folder

"""Objects of buckets are files."""

from pathlib import Path

import pytest

from gateway.sandbox.fhir.managing.buckets import Buckets
from gateway.sandbox.google_error import ApiError

PATTERNS = {
    "gs://data/*.json": ["a.json"],
    "gs://data/**.json": ["a.json", "x/b.json", "x/y/c.json"],
    "gs://data/x/?.json": ["x/b.json"],
    "gs://data/x/b.json": ["x/b.json"],
    "gs://other/**": [],
}


@pytest.mark.parametrize(("pattern", "names"), PATTERNS.items())
def test_patterns(tmp_path: Path, pattern: str, names: list[str]) -> None:
    """``*`` and ``?`` stay within a folder, ``**`` does not."""
    buckets = Buckets(tmp_path)
    for name in ("a.json", "b.txt", "x/b.json", "x/y/c.json"):
        buckets.write("gs://data", name, [b"{}"])
    assert names == [str(path.relative_to(tmp_path / "data")) for path in buckets.objects(pattern)]


@pytest.mark.parametrize("uri", ["/etc/passwd", "gs://../x", "gs://data/../../x", "gs://D"])
def test_outside(tmp_path: Path, uri: str) -> None:
    """No URI leaves the folder of its bucket."""
    with pytest.raises(ApiError):
        Buckets(tmp_path).write(uri, "x", [])

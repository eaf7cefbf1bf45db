"""Objects of buckets are files."""

from contextlib import suppress
from pathlib import Path

import pytest

from gateway.sandbox.buckets.folders import Buckets
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
    assert [str(path.relative_to(tmp_path / "data")) for path in buckets.objects(pattern)] == names
    assert [each.uri for each in buckets.find(pattern)] == [f"gs://data/{name}" for name in names]


@pytest.mark.parametrize("pattern", ["gs://data/**/x", "gs://data/*/**", "gs://data", "data/*"])
def test_bad_patterns(tmp_path: Path, pattern: str) -> None:
    """A pattern against Google's rules is a 400."""
    with pytest.raises(ApiError) as raised:
        Buckets(tmp_path).find(pattern)
    assert raised.value.status == 400


@pytest.mark.parametrize("uri", ["/etc/passwd", "gs://../x", "gs://data/../../x", "gs://D"])
def test_outside(tmp_path: Path, uri: str) -> None:
    """No URI leaves the folder of its bucket."""
    with pytest.raises(ApiError):
        Buckets(tmp_path).write(uri, "x", [])


def test_link_out_of_the_bucket(tmp_path: Path) -> None:
    """Nothing is written through a link that leaves the bucket."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "link").symlink_to(tmp_path)
    with pytest.raises(ApiError):
        Buckets(tmp_path).write("gs://data/link", "x", [])


def test_named(tmp_path: Path) -> None:
    """A bucket may be a folder elsewhere."""
    (tmp_path / "scans").mkdir()
    buckets = Buckets(tmp_path / "buckets", {"scans": tmp_path / "scans"})
    assert buckets.write("gs://scans/", "a", [b"x"]) == "gs://scans/a"
    assert (tmp_path / "scans" / "a").read_bytes() == b"x\n"
    assert list(buckets.objects("gs://scans/a")) == [tmp_path / "scans" / "a"]


def test_why_nothing(tmp_path: Path) -> None:
    """A bucket that is not there is another mistake than a pattern that no object matches."""
    buckets = Buckets(tmp_path)
    assert "--bucket data=FOLDER" in buckets.why_nothing("gs://data/*")
    buckets.write("gs://data", "a/b", [])
    assert buckets.why_nothing("gs://data/*").startswith("no object of the bucket data matches the URI")


def test_whole_or_absent(tmp_path: Path) -> None:
    """An object that is not complete is not there, and leaves nothing behind."""
    buckets = Buckets(tmp_path)
    buckets.write("gs://data", "a", [b"old"])
    with suppress(ZeroDivisionError), buckets.create("gs://data", "a") as file:
        file.write(b"new")
        assert [path.name for path in buckets.objects("gs://data/**")] == ["a"]
        raise ZeroDivisionError
    assert (tmp_path / "data" / "a").read_bytes() == b"old\n"
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["a"]

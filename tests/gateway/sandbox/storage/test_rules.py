"""Names of buckets and objects."""

import re
from pathlib import Path

import pytest

from gateway.sandbox.reasoned_error import ReasonedError
from gateway.sandbox.storage.rules import BUCKET_PATH, check_bucket, check_key, place

BAD_KEYS = ["", "/a", "a/", "a//b", ".", "..", "a/../b", "a\nb", "a\0b", "x" * 1025, "y" * 256, f".{'0' * 32}.part"]


@pytest.mark.parametrize("key", ["a", "a/b.dcm", "ä ö/ü?.x", "...", ".hidden", "x" * 255])
def test_keys(key: str) -> None:
    """Most names are files."""
    assert key == check_key(key)


@pytest.mark.parametrize("key", [*BAD_KEYS, None, "\udcff"])
def test_bad_keys(key: object) -> None:
    """A name that no file can have, or one that leaves the folder, is refused."""
    with pytest.raises(ReasonedError) as caught:
        check_key(key)
    assert 400 == caught.value.status


@pytest.mark.parametrize("name", ["ab", "Abc", "a..", "-abc", "storage", "upload", None, "a" * 64])
def test_bad_buckets(name: object) -> None:
    """A bucket has a name as in Cloud Storage, and not one that begins the path of another API."""
    with pytest.raises(ReasonedError):
        check_bucket(name)


def test_paths_of_other_apis_are_no_buckets() -> None:
    """The path of a bucket does not fit those of the other APIs."""
    pattern = BUCKET_PATH[len("/{bucket:") : -1]
    assert re.fullmatch(pattern, "north")
    assert re.fullmatch(pattern, "storage-x")
    assert not re.fullmatch(pattern, "storage")


def test_a_link_that_leads_out(tmp_path: Path) -> None:
    """Nothing is written through a link that leaves the folder."""
    inside = tmp_path / "in"
    inside.mkdir()
    (inside / "out").symlink_to(tmp_path)
    assert inside / "a" == place(inside, "a")
    with pytest.raises(ReasonedError, match="leads out"):
        place(inside, "out/a")

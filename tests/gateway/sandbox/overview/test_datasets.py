"""Public tables and thumbnails are found in the folders of buckets."""

from pathlib import Path

import pytest

from gateway.sandbox.overview.datasets import Dataset, address_of, datasets_in, is_picture

KEY = f"ab/{'ab' * 32}.webp"


def put(path: Path) -> Path:
    """Write a file."""
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x")
    return path


def test_tables(tmp_path: Path) -> None:
    """A table is in the folder of a bucket, or in a folder of it; a bucket without a folder has none."""
    put(tmp_path / "a/tables/public_table/manifest.json")
    put(tmp_path / "b/public_table/manifest.json")
    buckets = {name: tmp_path / name for name in ("b", "a", "c")}
    assert [*datasets_in(buckets)] == [
        Dataset("gs://a/tables", tmp_path / "a" / "tables"),
        Dataset("gs://b", tmp_path / "b"),
    ]


@pytest.mark.parametrize(("folder", "address"), [("t", "/t"), ("t/small ones", "/t/small%20ones")])
def test_pictures(tmp_path: Path, folder: str, address: str) -> None:
    """The bucket that has one thumbnail has the others."""
    put(tmp_path / folder / KEY)
    assert address_of({"s": tmp_path / "s", "t": tmp_path / "t"}, KEY) == address
    assert address_of({"s": tmp_path / "s"}, KEY) is None


@pytest.mark.parametrize("key", [None, 7, "", "../secret.webp", f"{KEY}?x", f'{KEY}" onerror="x', "\n" + KEY])
def test_no_picture(tmp_path: Path, key: object) -> None:
    """What is no name of a thumbnail becomes no address."""
    assert not is_picture(key)
    assert address_of({"t": tmp_path}, str(key)) is None

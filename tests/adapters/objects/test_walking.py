"""The files of a folder are listed as a bucket lists its objects."""

from pathlib import Path

import pytest

from adapters.objects.walking import walked


def put(root: Path, *keys: str) -> None:
    """Write small files."""
    for key in keys:
        path = root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"12345")


def keys(root: Path, pattern: str) -> list[str]:
    """Return the keys that *pattern* means."""
    return [found.key for found in walked(root, pattern)]


def test_order_of_keys(tmp_path: Path) -> None:
    """The order is that of whole keys, as S3 and GCS have it, not that of folders."""
    put(tmp_path, "a/x", "a-b", "a0", "b", "a/y/z")
    assert keys(tmp_path, "**") == ["a-b", "a/x", "a/y/z", "a0", "b"]


def test_pattern(tmp_path: Path) -> None:
    """Only what the pattern means is listed."""
    put(tmp_path, "a/1.dcm", "a/2.txt", "a/b/3.dcm", "c/4.dcm")
    assert keys(tmp_path, "a/*.dcm") == ["a/1.dcm"]
    assert keys(tmp_path, "a/**.dcm") == ["a/1.dcm", "a/b/3.dcm"]
    assert keys(tmp_path, "c/4.dcm") == ["c/4.dcm"]


def test_links_and_unfinished_files_are_no_objects(tmp_path: Path) -> None:
    """A link may lead anywhere, even back; a file that is being written is not there yet."""
    put(tmp_path, "a/1", ".hilum-0123")
    (tmp_path / "again").symlink_to(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path / "a" / "1")
    assert keys(tmp_path, "**") == ["a/1"]


def test_version_tells_a_change(tmp_path: Path) -> None:
    """The same size and another content are another version; an untouched file has the same one."""
    put(tmp_path, "a")
    (first,) = walked(tmp_path, "a")
    assert (first.size, [*walked(tmp_path, "a")]) == (5, [first])
    (tmp_path / "new").write_bytes(b"54321")
    (tmp_path / "new").replace(tmp_path / "a")
    (second,) = walked(tmp_path, "a")
    assert second.version != first.version


def test_a_folder_that_cannot_be_entered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not passed over in silence."""

    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.scandir", refuse)
    with pytest.raises(PermissionError):
        keys(tmp_path, "**")

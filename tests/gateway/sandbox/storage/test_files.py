"""Objects as files."""

from pathlib import Path

import pytest

from gateway.sandbox.reasoned_error import ReasonedError
from gateway.sandbox.storage.files import appear, append, find, part_file, remove, walk


def make(folder: Path, key: str, octets: bytes = b"x", *, only_new: bool = False) -> int:
    """Make an object; return its generation."""
    part = part_file(folder)
    append(part, octets)
    return appear(part, folder, key, only_new=only_new).generation


def test_appear_and_remove(tmp_path: Path) -> None:
    """An object appears whole, with a generation that grows, and leaves no empty folder behind."""
    first = make(tmp_path, "a/b/c")
    second = make(tmp_path, "a/b/c", b"yy")
    assert second > first
    found = find(tmp_path, "a/b/c")
    assert found is not None
    assert (2, second) == (found.size, found.generation)
    remove(tmp_path, found)
    assert [] == list(tmp_path.iterdir())


def test_only_new(tmp_path: Path) -> None:
    """An object that is there is not replaced."""
    make(tmp_path, "a", b"first", only_new=True)
    with pytest.raises(ReasonedError) as caught:
        make(tmp_path, "a", b"second", only_new=True)
    assert 412 == caught.value.status
    assert b"first" == (tmp_path / "a").read_bytes()


@pytest.mark.parametrize(("there", "new"), [("a", "a/b"), ("a/b", "a")])
def test_a_folder_is_no_object(tmp_path: Path, there: str, new: str) -> None:
    """What a bucket can hold and a folder cannot is refused with the reason."""
    make(tmp_path, there)
    with pytest.raises(ReasonedError, match="a bucket here is a folder"):
        make(tmp_path, new)


def test_find_nothing(tmp_path: Path) -> None:
    """A folder, a name that nothing can have, and a file that is not there are no objects."""
    make(tmp_path, "a/b")
    assert [None] * 4 == [find(tmp_path, key) for key in ("a", "a/", "../x", "a/b/c")]


def test_walk(tmp_path: Path) -> None:
    """Objects come in the order of the octets of their names; unfinished ones do not."""
    keys = ["a-b", "a.b", "a/1", "a/2", "a0", "b", "ä"]
    for key in reversed(keys):
        make(tmp_path, key)
    part_file(tmp_path)
    assert keys == [each.key for each in walk(tmp_path)]
    assert sorted(keys, key=str.encode) == keys
    assert ["a/1", "a/2"] == [each.key for each in walk(tmp_path, "a/")]
    for number, key in enumerate(keys):
        assert keys[number + 1 :] == [each.key for each in walk(tmp_path, after=key)]
    assert ["a-b", "a.b", "a/1", "a0", "b", "ä"] == [each.key for each in walk(tmp_path, fold=lambda name: name)]

"""Values that are rebuilt when their files change."""

import os
from pathlib import Path

import pytest

from gateway.contract.errors import ConfigError
from gateway.tls.renewal import Renewed


class Reader:
    """Reads a file whose text must not be `bad`, and records what it is told."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reads = 0
        self.told: list[str | None] = []

    def build(self) -> str:
        """Return what the file says."""
        self.reads += 1
        if not self.path.exists() or self.path.read_text() == "bad":
            raise ConfigError("the file is bad")
        return self.path.read_text()

    def tell(self, error: ConfigError | None) -> None:
        """Remember a change."""
        self.told.append(None if error is None else str(error))

    def renewed(self) -> Renewed[str]:
        """Return the value under test."""
        return Renewed([self.path], self.build, self.tell)


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    """Return a reader of a good file."""
    path = tmp_path / "file"
    path.write_text("first")
    return Reader(path)


def test_unchanged(reader: Reader) -> None:
    """As long as the file is the same it is read once."""
    value = reader.renewed()
    assert ["first"] * 3 == [value.current() for _ in range(3)]
    assert (1, []) == (reader.reads, reader.told)


def test_changed(reader: Reader) -> None:
    """A change is found at the next `current`."""
    value = reader.renewed()
    reader.path.write_text("second")
    assert "second" == value.current()
    assert [None] == reader.told


def test_bad_change(reader: Reader) -> None:
    """A bad file keeps the old value and is reported once; a good one replaces it."""
    value = reader.renewed()
    reader.path.write_text("bad")
    assert ["first", "first"] == [value.current(), value.current()]
    assert ["the file is bad"] == reader.told
    reader.path.write_text("good again")
    assert "good again" == value.current()
    assert ["the file is bad", None] == reader.told


def test_gone(reader: Reader) -> None:
    """A file that is gone is a bad one."""
    value = reader.renewed()
    reader.path.unlink()
    assert "first" == value.current()
    assert ["the file is bad"] == reader.told


def test_bad_at_first(reader: Reader) -> None:
    """A file that is bad at the first time is an error."""
    reader.path.write_text("bad")
    with pytest.raises(ConfigError, match="the file is bad"):
        reader.renewed()


def test_swapped_link(reader: Reader, tmp_path: Path) -> None:
    """A link that points to another file of the same size and time, as Kubernetes does it, is a change."""
    other, link = tmp_path / "other", tmp_path / "link"
    other.write_text("other")
    for path in (reader.path, other):
        os.utime(path, ns=(1_000_000_000, 1_000_000_000))
    link.symlink_to(reader.path)
    reader.path = link
    value = reader.renewed()
    link.unlink()
    link.symlink_to(other)
    assert "other" == value.current()

"""A file has its final name only when it is whole, and nothing is written over."""

import errno
import os
from pathlib import Path

import pytest

from gateway.cli.deidentifying.output import Output, locked
from gateway.contract.errors import ConfigError


def write(out: Path, text: bytes, final: str = "a/b") -> str:
    """Write and publish a file."""
    output = Output(out)
    with output.writing("part") as file:
        file.write(text)
        return output.publish(file, "part", final)


def test_published(tmp_path: Path) -> None:
    """The first file gets the name; the same again is the same, and another one is told, and both change nothing."""
    with locked(tmp_path):
        assert [write(tmp_path, b"1"), write(tmp_path, b"1"), write(tmp_path, b"2")] == ["written", "same", "other"]
        assert list((tmp_path / ".hilum" / "partial").iterdir()) == []
    assert (tmp_path / "a" / "b").read_bytes() == b"1"
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o600


def test_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system without hard links gives the same results."""

    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    with locked(tmp_path):
        assert [write(tmp_path, b"1"), write(tmp_path, b"1"), write(tmp_path, b"2")] == ["written", "same", "other"]


def test_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the disk fails, the file has no final name, and no part of it stays."""

    def fail(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with locked(tmp_path):
        monkeypatch.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match="No space left"):
            write(tmp_path, b"1")
        assert list((tmp_path / ".hilum" / "partial").iterdir()) == []
    assert not (tmp_path / "a" / "b").exists()


def test_one_run(tmp_path: Path) -> None:
    """Two runs at a time cannot write to one folder; what a killed one has left is removed."""
    with locked(tmp_path) as own:
        with pytest.raises(ConfigError, match="another run writes"), locked(tmp_path):
            pass
        (own / "partial" / "half").touch()
    (own / "partial").mkdir()
    (own / "partial" / "half").touch()
    with locked(tmp_path):
        assert list((own / "partial").iterdir()) == []
    assert not (own / "partial").exists()


def test_no_folder(tmp_path: Path) -> None:
    """A file in the place of the folder is a mistake."""
    (tmp_path / "out").touch()
    with pytest.raises(ConfigError, match="cannot be written"), locked(tmp_path / "out"):
        pass

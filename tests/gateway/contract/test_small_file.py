"""Small files that hold a secret or an address."""

import os
from pathlib import Path

import pytest

from gateway.contract.small_file import MOST_OCTETS, read_small_file


def test_text(tmp_path: Path) -> None:
    """The text is read without the white space around it."""
    (tmp_path / "file").write_text(" s\u00e9cret\n")
    assert "s\u00e9cret" == read_small_file(tmp_path / "file")


def test_pipe(tmp_path: Path) -> None:
    """A pipe is refused at once instead of waiting for somebody who writes into it."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="no regular file"):
        read_small_file(tmp_path / "pipe")


@pytest.mark.parametrize("octets", [b"x" * (MOST_OCTETS + 1), b"\xff"], ids=["too long", "no text"])
def test_what_is_no_small_text(tmp_path: Path, octets: bytes) -> None:
    """What is too long, or no UTF-8, is an error."""
    (tmp_path / "file").write_bytes(octets)
    with pytest.raises(ValueError, match=r"."):
        read_small_file(tmp_path / "file")


@pytest.mark.parametrize("path", ["/dev/zero", "missing", "."])
def test_what_is_no_file(path: str) -> None:
    """A device, a folder and nothing at all are errors of the system's kind."""
    with pytest.raises(OSError):  # noqa: PT011 - of any of them
        read_small_file(Path(path))

"""Files with a token."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.admin.token_file import own_token_file, read_token
from gateway.contract.errors import ConfigError


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_no_regular_file(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """Only a regular file is read: a pipe that nobody writes into would block the gateway."""
    make(tmp_path / "token")
    with pytest.raises(ConfigError, match=r"^admin\.token_file: .* is not a regular file; write the token into one$"):
        read_token(tmp_path / "token")


def test_endless_token() -> None:
    """A device without an end is not read."""
    with pytest.raises(ConfigError, match="is not a regular file"):
        read_token(Path("/dev/zero"))


def test_token(tmp_path: Path) -> None:
    """A token is read without the white space around it; a mistake is told of the setting that names the file."""
    path = own_token_file(tmp_path)
    path.write_text(" 0123456789abcdef\n")
    assert "0123456789abcdef" == read_token(path)
    path.write_text("short")
    with pytest.raises(ConfigError, match=r"^data_dir: .* has fewer than 16 characters"):
        read_token(path, "data_dir")

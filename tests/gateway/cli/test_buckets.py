"""The option ``--bucket`` of ``hilum sandbox``."""

from pathlib import Path

import pytest

from gateway.cli.buckets import named_buckets
from gateway.contract.errors import ConfigError


def test_folders(tmp_path: Path) -> None:
    """Each bucket has a folder; a folder's name may have an equals sign."""
    odd = tmp_path / "a=b"
    odd.mkdir()
    assert {"north": tmp_path, "south": odd} == named_buckets([f"north={tmp_path}", f"south={odd}"])


@pytest.mark.parametrize("option", ["north", "north=/does/not/exist", "NORTH=.", "storage=.", "=."])
def test_mistakes(option: str) -> None:
    """A name that no bucket can have, and a folder that is not there, are told."""
    with pytest.raises(ConfigError, match="--bucket"):
        named_buckets([option])


def test_twice(tmp_path: Path) -> None:
    """A name means one folder."""
    with pytest.raises(ConfigError, match="twice"):
        named_buckets([f"north={tmp_path}", f"north={tmp_path}"])

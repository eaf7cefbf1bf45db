"""Buckets are opened by name in whatever process."""

import pickle
from pathlib import Path

import pytest

from gateway.cli.pipelining.opener import Opener
from gateway.config.parts import PipelinePart, load_part
from gateway.contract.errors import ConfigError
from tests.gateway.cli.pipelining.pipelines import configuration


async def test_in_another_process(tmp_path: Path) -> None:
    """What opens them can be pickled, and opens the same buckets then."""
    buckets = load_part(Path(configuration(tmp_path)), PipelinePart).buckets
    opener: Opener = pickle.loads(pickle.dumps(Opener(buckets)))
    (tmp_path / "north").mkdir()
    (tmp_path / "north" / "a").write_bytes(b"1")
    assert await opener("north").read("a") == b"1"
    with pytest.raises(ConfigError, match="there is no such bucket"):
        opener("west")

"""Kinds are given what is configured; what is not is told by name."""

from pathlib import Path

import pytest

from gateway.contract.acknowledgements import Acknowledgements
from gateway.contract.errors import ConfigError
from gateway.flow.tools import tools_of
from gateway.kinds import KINDS
from gateway.telemetry.metrics import Metrics


async def test_tools(tmp_path: Path) -> None:
    """Credentials, the data directory and the buckets of the configuration."""
    kind = KINDS.buckets["folder"].settings
    buckets = {"archive": kind.model_validate({"kind": "folder", "url": str(tmp_path)})}
    tools = tools_of(tmp_path, frozenset({"x"}), Metrics(), Acknowledgements(), buckets)  # type: ignore[arg-type]
    (tmp_path / "a").write_bytes(b"1")
    assert await tools.bucket("archive").read("a") == b"1"
    assert (tools.data_dir, tools.read_stores, tools.credentials) == (tmp_path, frozenset({"x"}), KINDS.credentials)
    with pytest.raises(ConfigError, match="there is no such bucket"):
        tools.bucket("other")

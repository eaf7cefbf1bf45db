"""Ports that tests choose are theirs until they end."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests import ports

ROOT = Path(__file__).parent.parent

CHOOSE = "import sys; from tests import ports; ports.BELOW_EPHEMERAL = eval(sys.argv[1]); print(ports.free_port())"


def test_never_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that was given away is not given away again, although nobody listens on it yet."""
    monkeypatch.setattr(ports, "BELOW_EPHEMERAL", range(20_000, 20_100))
    chosen = [ports.free_port() for _ in range(20)]
    assert 20 == len(set(chosen))


def test_not_in_another_run() -> None:
    """Another run on this machine takes it neither."""
    mine = ports.free_port()
    command = [sys.executable, "-c", CHOOSE, f"[{mine}]"]
    other = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "RuntimeError: no port is free" in other.stderr
    assert 0 != other.returncode

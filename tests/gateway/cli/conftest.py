"""What the tests of the commands share."""

from pathlib import Path

import pytest

from tests.gateway.cli.operators import Operator


@pytest.fixture
def operator(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> Operator:
    """Return an operator of the gateway whose data directory is ``tmp_path``."""
    return Operator(tmp_path, capsysbinary)

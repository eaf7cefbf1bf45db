"""What the TLS tests share: both event loops, an authority and its certificates."""

from pathlib import Path

import pytest

from tests.certificates import Authority


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Make a CA."""
    return Authority(tmp_path)

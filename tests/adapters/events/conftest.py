"""A running sandbox."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.adapters.events.cloud import Cloud, running_cloud


@pytest.fixture
async def cloud(tmp_path: Path) -> AsyncIterator[Cloud]:
    """Run a sandbox."""
    async with running_cloud(tmp_path / "cloud") as running:
        yield running

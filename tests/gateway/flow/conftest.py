"""Fixtures of commit mode."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.spool.interface import Spool
from gateway.spool.opening import open_spool
from tests.gateway.flow.delivering import SETTINGS


@pytest.fixture
async def spool(tmp_path: Path) -> AsyncIterator[Spool]:
    """Open a spool."""
    async with open_spool(tmp_path, SETTINGS) as opened:
        yield opened

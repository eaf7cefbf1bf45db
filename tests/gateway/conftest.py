"""Fixtures of the gateway's tests."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.gateway.spool.spools import FakeClock
from tests.gateway.spooled import Spooled, filled_spool


@pytest.fixture
async def spooled(tmp_path: Path) -> AsyncIterator[Spooled]:
    """Hold a spool open with four entries in it, two of them parked for ``store``, one waiting for ``other``."""
    async with filled_spool(tmp_path, FakeClock(time.time())) as opened:
        yield opened

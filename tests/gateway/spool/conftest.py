"""Fixtures of the spool's tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.spool import Spool, lifecycle, open_spool
from gateway.spool.owning import candidates
from tests.gateway.spool.spools import SETTINGS, FakeClock


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that the test turns."""
    return FakeClock()


@pytest.fixture
async def spool(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Spool]:
    """Open a spool whose data directory is ``tmp_path``."""
    async with open_spool(tmp_path, SETTINGS, clock=clock) as opened:
        yield opened


@pytest.fixture
def _quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let spools without an owner be adopted as soon as that may be."""
    monkeypatch.setattr(lifecycle, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(candidates, "LEFT_FOR_SECONDS", 0.05)

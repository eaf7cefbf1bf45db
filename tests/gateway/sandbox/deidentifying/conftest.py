"""A client of the operations."""

from pathlib import Path

import pytest
from aiohttp import ClientSession

from gateway.sandbox.server import Sandbox
from tests.gateway.sandbox.deidentifying.support import Operations


@pytest.fixture
def api(sandbox: Sandbox, client: ClientSession, tmp_path: Path) -> Operations:
    """Return a client of the running sandbox."""
    return Operations(sandbox, client, tmp_path / "data")

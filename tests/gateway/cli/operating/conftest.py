"""What the tests of the commands for the person on call share."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.cli.operating.full_screen import ENTER
from tests.gateway.cli.operating.statuses import PATH, Admin, admin_port, case, configuration, status
from tests.gateway.cli.operating.terminals import Terminal, terminal


@pytest.fixture(autouse=True)
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run in the time zone of Berlin, whatever that of the machine is; and without wishes of the environment."""
    for name in ("NO_COLOR", "HILUM_ADMIN", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)
    before = os.environ.get("TZ")
    os.environ["TZ"] = "Europe/Berlin"
    time.tzset()
    yield
    os.environ.pop("TZ")
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()


@pytest.fixture
def admin() -> Iterator[Admin]:
    """Yield an admin port that says that all is as usual."""
    with admin_port() as admin:
        admin.bodies[PATH] = status()
        yield admin


@pytest.fixture
def shown(tmp_path: Path, admin: Admin) -> Iterator[Terminal]:
    """Yield a terminal that shows the case."""
    admin.bodies[PATH] = status(case())
    with terminal("top", configuration(tmp_path, admin.port), "--seconds", "0.1") as shown:
        shown.wait_for(ENTER)
        shown.wait_for("■ STOPPED")
        yield shown

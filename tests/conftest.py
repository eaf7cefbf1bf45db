"""What every test may rely on."""

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import structlog
import uvloop
from hypothesis import HealthCheck, settings

# How long an example takes says something of the machine, not of the code.
settings.register_profile("any_machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# A change is not held up for an example that chance has found; on a developer's machine chance goes on looking.
settings.register_profile("ci", settings.get_profile("any_machine"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "any_machine")

LOOPS = {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}
DEFAULT_DATA_DIR = Path("/var/lib/hilum")
WITHOUT_UVLOOP = Path(__file__).parent / "without_uvloop"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the caller choose the event loop."""
    help_text = "the event loop of all tests and of the programs they start; asyncio: as where there is no uvloop"
    parser.addoption("--loop", choices=list(LOOPS), default="uvloop", help=help_text)


def pytest_configure(config: pytest.Config) -> None:
    """Hide uvloop from the code under test, and from its processes, where the tests run without it."""
    if config.getoption("--loop") == "asyncio":
        sys.modules["uvloop"] = None  # type: ignore[assignment]  # an import of it fails now
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(WITHOUT_UVLOOP), os.environ.get("PYTHONPATH")]))


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run every asynchronous test on one event loop: what ships, uvloop, or the one that was asked for."""
    name = config.getoption("--loop")
    return {name: LOOPS[name]}


@pytest.fixture(autouse=True)
def default_data_dir_stays() -> Iterator[None]:
    """Fail where a test names no data directory: in the default one it meets other tests, and leaves files behind."""
    was_there = DEFAULT_DATA_DIR.exists()
    yield
    assert was_there or not DEFAULT_DATA_DIR.exists(), f"this test, or one beside it, has made {DEFAULT_DATA_DIR}"


@pytest.fixture(autouse=True)
def logging_restored(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Undo what a test configured of logging; no logger of a module keeps it, as it would in a process of its own."""
    configure = structlog.configure
    monkeypatch.setattr(
        structlog, "configure", lambda **settings: configure(**{**settings, "cache_logger_on_first_use": False})
    )
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    logging.captureWarnings(False)
    structlog.reset_defaults()
    root.handlers, root.level = handlers, level

"""Listeners are bound all together or not at all."""

import socket

import pytest
from structlog.testing import capture_logs

from gateway.audit.opening import Audit
from gateway.config import loading as config
from gateway.contract.errors import ConfigError
from gateway.contract.listening import drain
from gateway.contract.message import Subject
from gateway.flow.binding import bind_all
from gateway.flow.routes import Routing
from gateway.limits.descriptors import Descriptors
from gateway.limits.shared import ProcessLimits
from gateway.telemetry.metrics import Metrics
from tests.gateway.fakes import FakeDestination

TEXT = """
listeners:
  adt: {{kind: mllp, port: {first}}}
  ct: {{kind: dimse, port: {second}}}
destinations:
  a: {{kind: http, url: "http://127.0.0.1:1/"}}
  b: {{kind: dicomweb, url: "http://127.0.0.1:1/"}}
routes: [{{from: adt, to: a}}, {{from: ct, to: b}}]
"""


def routing(first: int, second: int) -> Routing:
    """Return a Routing with two listeners."""
    stores = {name: FakeDestination() for name in ("a", "b")}
    settings = config.parse(TEXT.format(first=first, second=second))
    return Routing(settings, stores, Metrics(), None, Audit(None, lambda *_: Subject()))


def limits() -> ProcessLimits:
    """Return process limits that are not reached."""
    return ProcessLimits(1 << 30, Descriptors(16))


async def test_all() -> None:
    """Each listener has the port that its kind has bound."""
    bound = await bind_all(routing(0, 0), limits(), {})
    try:
        assert ["adt", "ct"] == list(bound)
        for listener in bound.values():
            socket.create_connection(("127.0.0.1", listener.port)).close()
    finally:
        await drain(list(bound.values()), 0)


async def test_told() -> None:
    """Each listener is logged, with its address and settings."""
    with capture_logs() as logs:
        bound = await bind_all(routing(0, 0), limits(), {})
    await drain(list(bound.values()), 0)
    expected = {"event": "listener_bound", "log_level": "info", "host": "127.0.0.1", "acknowledge": "relay"}
    assert [
        {**expected, "listener": name, "kind": kind, "port": bound[name].port, "tls": False}
        for name, kind in (("adt", "mllp"), ("ct", "dimse"))
    ] == logs


async def test_none() -> None:
    """If a listener cannot be bound, the earlier ones are closed, and the error names it and the reason."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = socket.create_server(("127.0.0.1", 0))
        first, second = free.getsockname()[1], taken.getsockname()[1]
        free.close()
        with pytest.raises(ConfigError, match=f"listeners.ct: cannot bind 127.0.0.1:{second}"):
            await bind_all(routing(first, second), limits(), {})
    socket.create_server(("127.0.0.1", first)).close()

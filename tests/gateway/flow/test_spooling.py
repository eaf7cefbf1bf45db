"""Commit mode behind the routes; whole gateways with a spool are in tests/faults."""

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.rest.dicomweb.settings import DicomwebSettings
from adapters.rest.settings import HttpSettings
from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from gateway.flow import supervised
from gateway.flow.batching import Batch
from gateway.flow.dispatch import Dispatcher
from gateway.flow.retry import Backoff
from gateway.flow.settlement import RetryPolicy
from gateway.flow.spooling import batch_of, dispatching, retry_policy_of
from gateway.spool.interface import Plan
from gateway.spool.opening import open_spool
from gateway.spool.settings import SpoolSettings
from gateway.telemetry.metrics import Metrics
from tests.gateway.fakes import FakeDestination

URL = "http://127.0.0.1:1/"


def test_patience_of() -> None:
    """A destination's settings say how long its messages are tried; by default only the replies decide."""
    assert RetryPolicy() == retry_policy_of(HttpSettings(kind="http", url=URL))
    limits = {"max_attempts": 3, "max_age": 60, "max_unreadable": 2, "max_own_failures": None}
    settings = HttpSettings.model_validate({"kind": "http", "url": URL, "on_refused": "park_key", **limits})
    assert RetryPolicy(3, 60, "park_key", max_unreadable=2, max_own_failures=None) == retry_policy_of(settings)


def test_batch_of() -> None:
    """Messages are batched only for a destination with the setting `batch`."""
    settings = DicomwebSettings.model_validate(
        {"kind": "dicomweb", "url": URL, "batch": {"instances": 10, "bytes": 1000, "wait_ms": 20}}
    )
    assert Batch(10, 1000, 0.02) == batch_of(settings)
    assert [None, None] == [
        batch_of(DicomwebSettings(kind="dicomweb", url=URL)),
        batch_of(HttpSettings(kind="http", url=URL)),
    ]


async def test_unknown_destination_is_named(tmp_path: Path) -> None:
    """Messages for a destination that has left the configuration wait, and the log says so at the start."""
    async with open_spool(tmp_path, SpoolSettings(min_free_bytes=0)) as spool:
        await spool.commit(Message("m1", WholeBody(b"x"), {"listener": "in"}, {}), Plan(("gone",)))
        with capture_logs() as logs:
            async with dispatching(spool, {}, {}, Metrics(), 0.0):
                pass
    (warned,) = [line for line in logs if line["event"] == "spooled_destination_unknown"]
    assert ("gone", 1, "warning") == (warned["destination"], warned["messages"], warned["log_level"])
    assert "hilum spool move CONFIG --from gone --to NAME" in warned["mend"]


async def test_a_dispatcher_that_ends_is_started_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dispatcher that ends for any reason is reported, counted and restarted, and the messages are delivered."""
    monkeypatch.setattr(supervised, "BACKOFF", Backoff(first=0.01, ceiling=0.01))
    real, failures = Dispatcher._start_some, [RuntimeError("DOE^JANE")]

    async def fail_once(self: Dispatcher) -> bool:
        if failures:
            raise failures.pop()
        return await real(self)

    monkeypatch.setattr(Dispatcher, "_start_some", fail_once)
    troubles: list[tuple[str, str | None]] = []
    metrics, store = Metrics(), FakeDestination()
    async with open_spool(tmp_path, SpoolSettings(min_free_bytes=0)) as spool:
        await spool.commit(Message("m1", WholeBody(b"x"), {"listener": "in"}, {}), Plan(("store",)))
        settings = {"store": HttpSettings(kind="http", url=URL)}
        with capture_logs() as logs:
            tell = lambda part, what: troubles.append((part, what))  # noqa: E731
            async with dispatching(spool, {"store": store}, settings, metrics, 0.0, tell), asyncio.timeout(30):
                while not store.received or troubles[-1] != ("dispatcher store", None):
                    await asyncio.sleep(0.01)
    assert ("dispatcher store", "has ended unexpectedly and is being restarted") in troubles
    assert b'hilum_task_restarts_total{task="dispatcher store"} 1.0' in metrics.render()
    assert "DOE" not in str(logs)

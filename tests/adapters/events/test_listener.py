"""A listener that fetches from the sandbox."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.contract.outcome import Refused, Stored, Unavailable
from gateway.telemetry.metrics import Metrics
from tests.adapters.events.cloud import SUBSCRIPTION, Cloud, Destination, fetching, settings_for
from tests.waiting import until


async def test_leases_are_extended(cloud: Cloud, tmp_path: Path) -> None:
    """While the destination is away a notification is held: it is neither given back nor does its deadline expire."""
    await cloud.subscribe(ackDeadlineSeconds=10)
    metrics, destination = Metrics(), Destination(answer=lambda _: Unavailable("away"))
    settings = settings_for(cloud.sandbox.url, cloud.sandbox.hl7v2_store_url(), acknowledge="relay")
    async with fetching(settings, tmp_path / "data", destination, metrics):
        await cloud.create("1")
        (entry,) = cloud.sandbox.broker.subscriptions[SUBSCRIPTION].entries.values()
        await until(lambda: entry.lease is not None)
        first = entry.available
        await until(lambda: entry.available > first + 30)
        assert (1, 1) == (entry.attempts, cloud.outstanding)
        destination.answer = lambda _: Stored()
        await until(lambda: not cloud.outstanding)
    assert ["1"] == destination.taken


@pytest.mark.slow
async def test_refused(cloud: Cloud, tmp_path: Path) -> None:
    """In relay mode a refused message is not acknowledged away: it is tried again, and holds those behind it."""
    await cloud.subscribe()
    destination = Destination(answer=lambda name: Refused("no") if name == "1" else Stored())
    settings = settings_for(cloud.sandbox.url, cloud.sandbox.hl7v2_store_url(), acknowledge="relay")
    with capture_logs() as logs:
        async with fetching(settings, tmp_path / "data", destination):
            name = await cloud.create("1")
            await cloud.create("2")
            await until(lambda: len(destination.messages) >= 2)
            assert ([], 2) == (destination.taken, cloud.outstanding)
            await cloud.delete(name)
            await until(lambda: destination.taken == ["2"] and not cloud.outstanding)
    held = next(each for each in logs if each["event"] == "source_message_held")
    assert ("refused", "no", "from-cloud") == (held["outcome"], held["reason"], held["listener"])


async def test_once_per_gateway(cloud: Cloud, tmp_path: Path) -> None:
    """Of two workers one fetches; when it ends, the other one goes on."""
    await cloud.subscribe()
    settings = settings_for(cloud.sandbox.url, cloud.sandbox.hl7v2_store_url())
    first, second = Destination(), Destination()
    async with fetching(settings, tmp_path / "data", second) as other:
        await until(lambda: bool(other.tasks))
        async with fetching(settings, tmp_path / "data", first):
            await cloud.create("1")
            await until(lambda: len(first.taken + second.taken) == 1)
        holder = second if second.taken else first
        await cloud.create("2")
        await until(lambda: len(first.taken + second.taken) == 2)
    assert ["1", "2"] == sorted(first.taken + second.taken)
    assert second.taken == ["1", "2"] if holder is second else ["2"]


async def test_no_subscription(cloud: Cloud, tmp_path: Path) -> None:
    """Without its subscription the listener says so, and still finds the messages by itself."""
    url, store = cloud.sandbox.url, cloud.sandbox.hl7v2_store_url()
    destination = Destination()
    with capture_logs() as logs:
        async with fetching(settings_for(url, store, reconcile_seconds=1), tmp_path / "data", destination):
            await cloud.create("1")
            await until(lambda: destination.taken == ["1"])
    failed = next(each for each in logs if each["event"] == "subscription_failed")
    assert "get" == failed["request"]
    assert failed["reason"].endswith("Pub/Sub does not know the address (HTTP 404)")


NOTICES: dict[str, tuple[dict[str, Any], str]] = {
    "dead letters": (
        {"deadLetterPolicy": {"deadLetterTopic": "projects/p/topics/dead", "maxDeliveryAttempts": 5}},
        "warning",
    ),
    "push": ({"pushConfig": {"pushEndpoint": "http://127.0.0.1:1/"}}, "error"),
}


@pytest.mark.parametrize(("terms", "level"), NOTICES.values(), ids=NOTICES)
async def test_notices(cloud: Cloud, tmp_path: Path, terms: dict[str, Any], level: str) -> None:
    """What does not suit a listener in the settings of the subscription is told at the start."""
    await cloud.subscribe(**terms)
    settings = settings_for(cloud.sandbox.url, cloud.sandbox.hl7v2_store_url())
    with capture_logs() as logs:
        async with fetching(settings, tmp_path / "data", Destination()):
            await until(lambda: any(each["event"] == "subscription_noticed" for each in logs))
    assert [level] == [each["log_level"] for each in logs if each["event"] == "subscription_noticed"]


async def test_other_notifications(cloud: Cloud, tmp_path: Path) -> None:
    """A notification about something else is acknowledged and has no effect."""
    await cloud.subscribe()
    settings = settings_for(cloud.sandbox.url, cloud.sandbox.hl7v2_store_url())
    destination = Destination()
    async with fetching(settings, tmp_path / "data", destination):
        for data in (b"", b"projects/p/other", b"\xff" * 5000):
            cloud.sandbox.broker.publish("projects/p/topics/results", data, {"x": "y"})
        await until(lambda: not cloud.outstanding)
    assert [] == destination.messages


async def test_stops_at_once(cloud: Cloud, tmp_path: Path) -> None:
    """A listener that waits for messages, or for the destination, ends at once when the gateway stops."""
    await cloud.subscribe()
    settings = settings_for(cloud.sandbox.url, cloud.sandbox.hl7v2_store_url(), acknowledge="relay")
    destination = Destination(answer=lambda _: Unavailable("away"))
    loop = asyncio.get_running_loop()
    async with fetching(settings, tmp_path / "data", destination):
        await cloud.create("1")
        await until(lambda: len(destination.messages) >= 3)
        started = loop.time()
    assert loop.time() - started < 10

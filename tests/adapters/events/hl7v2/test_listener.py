"""A listener that fetches messages from the sandbox's HL7v2 store."""

import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from adapters.rest.ingested import IngestedNames
from tests.adapters.events.cloud import MESSAGE, Cloud, Destination, fetching, settings_for
from tests.waiting import until


async def test_messages_arrive_in_order(cloud: Cloud, tmp_path: Path) -> None:
    """What a program creates in the store is delivered in its order, and the notifications are acknowledged."""
    await cloud.subscribe()
    destination, settings = Destination(), settings_for(cloud.sandbox.url, cloud.sandbox.hl7v2_store_url())
    async with fetching(settings, tmp_path / "data", destination):
        for number in range(20):
            await cloud.create(f"{number}")
        await until(lambda: len(destination.taken) == 20 and not cloud.outstanding)
    assert [f"{number}" for number in range(20)] == destination.taken
    facts = destination.messages[0].facts
    assert ("pubsub", "from-cloud", "ORU^R01", "127.0.0.1") == (
        facts["protocol"],
        facts["listener"],
        facts["message_type"],
        facts["peer_ip"],
    )


async def test_restart(cloud: Cloud, tmp_path: Path) -> None:
    """A restart goes on where the last process ended: nothing comes twice, and what came meanwhile is delivered."""
    await cloud.subscribe()
    destination, settings = Destination(), settings_for(cloud.sandbox.url, cloud.sandbox.hl7v2_store_url())
    async with fetching(settings, tmp_path / "data", destination):
        await cloud.create("1")
        await until(lambda: destination.taken == ["1"])
    await cloud.create("2")
    async with fetching(settings, tmp_path / "data", destination):
        await cloud.create("3")
        await until(lambda: len(destination.taken) == 3)
    assert ["1", "2", "3"] == destination.taken


async def test_lost_notification(cloud: Cloud, tmp_path: Path) -> None:
    """A message whose notification is lost is found in the list; one that comes twice is delivered once."""
    await cloud.subscribe()
    cloud.sandbox.faults.notifications.lose_next()
    cloud.sandbox.faults.notifications.double_next()
    url, store = cloud.sandbox.url, cloud.sandbox.hl7v2_store_url()
    destination = Destination()
    async with fetching(settings_for(url, store, reconcile_seconds=1), tmp_path / "data", destination):
        await cloud.create("1")
        await until(lambda: destination.taken == ["1"])
        await cloud.create("2")
        await until(lambda: len(destination.taken) == 2 and not cloud.outstanding)
    assert ["1", "2"] == destination.taken


async def test_own_messages(cloud: Cloud, tmp_path: Path) -> None:
    """A message with the label of what Hilum ingests is not delivered; its notification is acknowledged."""
    await cloud.subscribe()
    destination, settings = Destination(), settings_for(cloud.sandbox.url, cloud.sandbox.hl7v2_store_url())
    async with fetching(settings, tmp_path / "data", destination):
        await cloud.create("own", hilum="gateway")
        await cloud.create("1")
        await until(lambda: destination.taken == ["1"] and not cloud.outstanding)
    assert ["1"] == destination.taken


async def test_start(cloud: Cloud, tmp_path: Path) -> None:
    """Nothing is delivered that was created before the time of the first start."""
    await cloud.create("old")
    start = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    await cloud.subscribe()
    url, store = cloud.sandbox.url, cloud.sandbox.hl7v2_store_url()
    destination = Destination()
    async with fetching(settings_for(url, store, start=start, reconcile_seconds=1), tmp_path / "data", destination):
        await until(lambda: any((tmp_path / "data" / "sources").glob("*.sqlite3")))
        await cloud.create("1")
        await until(lambda: destination.taken != [])
    assert ["1"] == destination.taken


async def test_damaged_record(cloud: Cloud, tmp_path: Path) -> None:
    """A damaged record is told with its file, and nothing is fetched: it would lose or repeat messages."""
    await cloud.subscribe()
    settings, destination = settings_for(cloud.sandbox.url, cloud.sandbox.hl7v2_store_url()), Destination()
    async with fetching(settings, tmp_path / "data", destination):
        await cloud.create("1")
        await until(lambda: destination.taken == ["1"])
    (file,) = (tmp_path / "data" / "sources").glob("*.sqlite3")
    file.write_bytes(b"x" * 10_000)
    with capture_logs() as logs:
        async with fetching(settings, tmp_path / "data", destination):
            await cloud.create("2")
            await until(lambda: any(each["event"] == "source_not_opened" for each in logs))
    (told,) = [each for each in logs if each["event"] == "source_not_opened"]
    assert (["1"], True) == (destination.taken, str(file) in told["reason"])


async def test_clock_of_this_machine(cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the first start `now` is the time of the store: nothing is lost although this machine's clock is ahead."""
    ahead = SimpleNamespace(time=lambda: time.time() + 300)
    monkeypatch.setattr("adapters.events.listener.time", ahead, raising=False)
    await cloud.subscribe()
    settings = settings_for(cloud.sandbox.url, cloud.sandbox.hl7v2_store_url(), start="now")
    destination = Destination()
    async with fetching(settings, tmp_path / "data", destination):
        await cloud.create("1")
        await until(lambda: not cloud.outstanding)
    assert ["1"] == destination.taken


@pytest.mark.parametrize("mode", ["relay", "commit"])
async def test_skip(cloud: Cloud, tmp_path: Path, mode: str) -> None:
    """In both modes `on_refused: skip` passes by a message that is too large: logged, counted, and acknowledged."""
    await cloud.subscribe()
    url, store = cloud.sandbox.url, cloud.sandbox.hl7v2_store_url()
    destination, settings = (
        Destination(),
        settings_for(url, store, acknowledge=mode, on_refused="skip", max_reply_bytes=2048),
    )
    with capture_logs() as logs:
        async with fetching(settings, tmp_path / "data", destination):
            await cloud.create_data(MESSAGE % b"1" + b"NTE|" + b"x" * 3000 + b"\r")
            await cloud.create("2")
            await until(lambda: destination.taken == ["2"] and not cloud.outstanding)
    assert 1 == sum(each["event"] == "source_message_skipped" for each in logs)


async def test_no_own_label(cloud: Cloud, tmp_path: Path) -> None:
    """With `own_label: null` what Hilum has ingested is delivered, too."""
    await cloud.subscribe()
    url, store = cloud.sandbox.url, cloud.sandbox.hl7v2_store_url()
    destination, settings = Destination(), settings_for(url, store, own_label=None)
    own = IngestedNames(tmp_path / "data", settings.reads)
    await own.expect([await cloud.create("1", hilum="gateway")])
    await own.close()
    async with fetching(settings, tmp_path / "data", destination):
        await until(lambda: destination.taken == ["1"] and not cloud.outstanding)
    assert ["1"] == destination.taken

"""Instances of the sandbox's DICOM store, fetched by notifications."""

import asyncio
from pathlib import Path

import pytest
from pydicom import dcmread
from structlog.testing import capture_logs

from adapters.events.settings import PubsubDicomSettings
from gateway.contract.message import Message
from gateway.contract.outcome import NO_ROUTE, Outcome, Refused, Stored, Unavailable
from gateway.sandbox.server import DATASET
from gateway.telemetry.metrics import Metrics
from tests.adapters.events.cloud import SUBSCRIPTION, TOPIC, Cloud, Destination, fetching
from tests.dicom_files import data_set, make_series, sop_instance_uid
from tests.gateway.sandbox.stow_client import Store
from tests.waiting import until


def settings_for(cloud: Cloud, **others: object) -> PubsubDicomSettings:
    """Return settings of a listener."""
    given = {
        "kind": "pubsub_dicom",
        "subscription": SUBSCRIPTION,
        "store": f"{cloud.sandbox.url}/{DATASET}/dicomStores/d",
        "pubsub_url": cloud.sandbox.url,
        "settle_seconds": 0.1,
        **others,
    }
    return PubsubDicomSettings.model_validate(given)


async def stored(cloud: Cloud, folder: Path, count: int) -> list[bytes]:
    """Store *count* instances and return them."""
    folder.mkdir(exist_ok=True)
    files = [path.read_bytes() for path in make_series(folder, count)]
    status, _ = await Store(cloud.sandbox, cloud.client)(*files)
    assert status == 200
    return files


async def test_instances(cloud: Cloud, tmp_path: Path) -> None:
    """Each instance is delivered as it is stored, with its facts, and its notifications are acknowledged."""
    await cloud.subscribe("dicomStores/d")
    destination = Destination()
    async with fetching(settings_for(cloud), tmp_path / "data", destination):
        files = await stored(cloud, tmp_path / "files", 5)
        await until(lambda: len(destination.taken) == 5 and not cloud.outstanding)
    assert sorted(map(sop_instance_uid, files)) == sorted(destination.taken)
    message = destination.messages[0]
    sent = next(each for each in files if sop_instance_uid(each) == message.identifiers["sop_instance_uid"])
    got = b"".join([bytes(each) async for each in message.body.chunks()])
    assert data_set(sent) == data_set(got)
    assert ("pubsub_dicom", "1.2.840.10008.5.1.4.1.1.2") == (message.facts["protocol"], message.facts["sop_class_uid"])


async def test_doubled_and_late_notifications(cloud: Cloud, tmp_path: Path) -> None:
    """An instance of which is told twice at the same time is delivered once."""
    await cloud.subscribe("dicomStores/d")
    cloud.sandbox.faults.notifications.double_next()
    destination = Destination()
    async with fetching(settings_for(cloud), tmp_path / "data", destination):
        await stored(cloud, tmp_path / "files", 1)
        await until(lambda: bool(destination.taken) and not cloud.outstanding)
    assert 1 == len(destination.taken)


OUTCOMES: dict[str, tuple[Outcome, bool]] = {
    "stored": (Stored(), True),
    "no route takes it": (NO_ROUTE, True),
    "refused": (Refused("no"), False),
    "unavailable": (Unavailable("away"), False),
}


@pytest.mark.parametrize(("outcome", "is_settled"), OUTCOMES.values(), ids=OUTCOMES)
async def test_outcomes(cloud: Cloud, tmp_path: Path, outcome: Outcome, is_settled: bool) -> None:
    """Only what is stored, or wanted by nobody, is acknowledged; all else is tried again."""
    await cloud.subscribe("dicomStores/d")
    destination = Destination(answer=lambda _: outcome)
    with capture_logs() as logs:
        async with fetching(settings_for(cloud, acknowledge="relay"), tmp_path / "data", destination):
            await stored(cloud, tmp_path / "files", 1)
            if is_settled:
                await until(lambda: bool(destination.messages) and not cloud.outstanding)
            else:
                await until(lambda: len(destination.messages) >= 2)
                assert 1 == cloud.outstanding
    assert is_settled is not any(each["event"] == "source_message_held" for each in logs)


async def test_skip(cloud: Cloud, tmp_path: Path) -> None:
    """With `on_refused: skip` a refused instance is told and acknowledged."""
    await cloud.subscribe("dicomStores/d")
    destination, metrics = Destination(answer=lambda _: Refused("no")), Metrics()
    settings = settings_for(cloud, acknowledge="relay", on_refused="skip")
    with capture_logs() as logs:
        async with fetching(settings, tmp_path / "data", destination, metrics):
            await stored(cloud, tmp_path / "files", 1)
            await until(lambda: bool(destination.messages) and not cloud.outstanding)
    assert 1 == sum(each["event"] == "source_message_skipped" for each in logs)


@pytest.mark.slow
async def test_gone(cloud: Cloud, tmp_path: Path) -> None:
    """A notification about an instance that is not there any more is acknowledged."""
    await cloud.subscribe("dicomStores/d")
    (file,) = await stored(cloud, tmp_path / "files", 1)
    study = str(dcmread(next((tmp_path / "files").iterdir())).StudyInstanceUID)
    async with cloud.client.delete(f"{cloud.sandbox.dicom_web_url()}/studies/{study}") as reply:
        assert 200 == reply.status
    destination = Destination()
    async with fetching(settings_for(cloud), tmp_path / "data", destination):
        await until(lambda: not cloud.outstanding)
    assert ([], True) == (destination.taken, bool(file))


async def test_too_large(cloud: Cloud, tmp_path: Path) -> None:
    """An instance that is larger than may be in memory is held, and the log says why."""
    await cloud.subscribe("dicomStores/d")
    with capture_logs() as logs:
        async with fetching(settings_for(cloud, max_reply_bytes=1024), tmp_path / "data", Destination()):
            await stored(cloud, tmp_path / "files", 1)
            await until(lambda: any(each["event"] == "source_message_held" for each in logs))
    (held, *_) = [each for each in logs if each["event"] == "source_message_held"]
    assert "the store's reply is larger than max_reply_bytes" == held["reason"]


async def test_newer_version_while_one_is_delivered(cloud: Cloud, tmp_path: Path) -> None:
    """An instance of which is told while its earlier version is delivered is fetched again before that is settled."""
    await cloud.subscribe("dicomStores/d")
    began, go_on = asyncio.Event(), asyncio.Event()
    counts: list[int] = []

    class Slow(Destination):
        async def deliver(self, message: Message) -> Outcome:
            began.set()
            await go_on.wait()
            counts.append(cloud.outstanding)
            return await super().deliver(message)

    destination = Slow()
    async with fetching(settings_for(cloud), tmp_path / "data", destination) as listener:
        (file,) = await stored(cloud, tmp_path / "files", 1)
        await began.wait()
        (entry,) = cloud.sandbox.broker.subscriptions[SUBSCRIPTION].entries.values()
        cloud.sandbox.broker.publish(TOPIC, entry.message.data, {})
        await until(lambda: len(listener._subscription.leases._extend_at) == 2)
        go_on.set()
        await until(lambda: not cloud.outstanding)
    assert [sop_instance_uid(file)] * 2 == destination.taken
    assert [2, 1] == counts

"""A real `hilum serve` that fetches, killed with -9 while notifications are lost, late and doubled."""

import asyncio
import os
import random
import signal
from collections.abc import Sequence
from itertools import count
from pathlib import Path

import pytest

from gateway.sandbox.hospital import Hospital
from gateway.sandbox.pubsub.broker import Leased
from gateway.sandbox.server import DATASET
from tests.adapters.events.cloud import SUBSCRIPTION, Cloud, running_cloud
from tests.dicom_files import make_series
from tests.gateway.sandbox.stow_client import Store
from tests.processes import serving
from tests.seeds import SEED
from tests.waiting import until

COUNT, KILLS = 600, 3

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


class Journal(Hospital):
    """Keeps the control IDs in the order of their arrival, those that come again too."""

    def __init__(self) -> None:
        super().__init__()
        self.arrivals: list[str] = []

    def _answer(self, data: bytes) -> bytes:
        self.arrivals.append(data.split(b"|")[9].decode())
        return super()._answer(data)


def configuration(cloud: Cloud, hospital: Hospital, data_dir: Path, mode: str) -> str:
    """Return the configuration of a gateway from the store to the hospital system."""
    return f"""
listeners:
  from-cloud:
    kind: pubsub
    subscription: {SUBSCRIPTION}
    store: "{cloud.sandbox.hl7v2_store_url()}"
    pubsub_url: "{cloud.sandbox.url}"
    acknowledge: {mode}
    start: oldest
    settle_seconds: 0.5
    reconcile_seconds: 5
destinations:
  ehr: {{kind: mllp, host: 127.0.0.1, port: {hospital.port}}}
routes:
  - {{from: from-cloud, to: ehr}}
admin: {{port: 0}}
data_dir: "{data_dir}"
drain_seconds: 5
"""


def plan_faults(cloud: Cloud, chance: random.Random) -> None:
    """Lose one notification of twenty, double another one, and let a third be late."""

    def choose() -> tuple[float, ...]:
        dice = chance.random()
        return () if dice < 0.05 else (0.0, 0.2) if dice < 0.1 else (chance.uniform(0.1, 2),) if dice < 0.15 else (0.0,)

    cloud.sandbox.faults.notifications.choose = choose


async def create_all(cloud: Cloud, chance: random.Random) -> None:
    """Create all messages, in bursts."""
    for number in range(COUNT):
        await cloud.create(f"{number:04}")
        if chance.random() < 0.1:
            await asyncio.sleep(chance.uniform(0, 0.2))


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["commit", "relay"])
async def test_killed(tmp_path: Path, mode: str) -> None:
    """Nothing is lost, the first arrivals are in order, and only what was under way at a kill comes again."""
    chance = random.Random(SEED)
    async with running_cloud(tmp_path / "cloud") as cloud, Journal() as hospital:
        await cloud.subscribe(ackDeadlineSeconds=10)
        plan_faults(cloud, chance)
        text = configuration(cloud, hospital, tmp_path / "data", mode)
        creating = asyncio.create_task(create_all(cloud, chance))
        for kill in count(1):
            async with serving(tmp_path, text) as (process, _):
                await process.logged("source_opened")
                if kill > KILLS:
                    await creating
                    await until(lambda: len(hospital.taken) == COUNT)
                    await until(lambda: not cloud.outstanding)
                    process.process.terminate()
                    assert 0 == await process.ended()
                    break
                await asyncio.sleep(chance.uniform(0.5, 2.5))
                process.process.kill()
    first_arrivals = list(dict.fromkeys(hospital.arrivals))
    assert [f"{number:04}" for number in range(COUNT)] == first_arrivals
    assert len(hospital.arrivals) - COUNT <= KILLS


async def test_lost_worker(tmp_path: Path) -> None:
    """One of two workers fetches; when it is killed, another process goes on: nothing is lost, nothing comes twice."""
    async with running_cloud(tmp_path / "cloud") as cloud:
        await cloud.subscribe()
        text = f"""
listeners:
  from-cloud: {{kind: pubsub, subscription: {SUBSCRIPTION}, store: "{cloud.sandbox.hl7v2_store_url()}",
    pubsub_url: "{cloud.sandbox.url}", start: oldest, settle_seconds: 0.5, reconcile_seconds: 5}}
destinations:
  other: {{kind: hl7v2_store, url: "{cloud.sandbox.hl7v2_store_url("other")}"}}
routes:
  - {{from: from-cloud, to: other}}
admin: {{port: 0}}
data_dir: "{tmp_path / "data"}"
workers: 2
"""
        async with serving(tmp_path, text) as (process, ports):
            assert {} == ports
            opened = await process.logged("source_opened")
            started = await process.all_logged("worker_started", 2)
            await _create(cloud, 0, 30)
            await _until_stored(cloud, 30)
            os.kill(next(each["pid"] for each in started if each["worker"] == opened["worker"]), signal.SIGKILL)
            await _create(cloud, 30, 60)
            await _until_stored(cloud, 60)
            assert 2 == len(await process.all_logged("source_opened", 2))
            process.process.terminate()
            assert 0 == await process.ended()
        assert [f"{number:04}" for number in range(60)] == await cloud.control_ids("other")


async def _create(cloud: Cloud, first: int, end: int) -> None:
    for number in range(first, end):
        await cloud.create(f"{number:04}")


async def _until_stored(cloud: Cloud, count: int) -> None:
    async with asyncio.timeout(120):
        while len(await cloud.control_ids("other")) < count:
            await asyncio.sleep(0.05)


ACK_SECONDS, SLOW_SECONDS, INSTANCES = 10, 12.0, 3


@pytest.mark.slow
async def test_slow_store(tmp_path: Path) -> None:
    """A DICOM store that takes longer than the deadline of a notification gets each instance once."""
    async with running_cloud(tmp_path / "cloud") as cloud, running_cloud(tmp_path / "slow") as slow:
        await cloud.subscribe("dicomStores/d", ackDeadlineSeconds=ACK_SECONDS)
        attempts: list[int] = []
        pull = cloud.sandbox.broker.pull

        def recorded(subscription: str, most: int) -> Sequence[Leased]:
            leased = pull(subscription, most)
            attempts.extend(each.attempt for each in leased)
            return leased

        cloud.sandbox.broker.pull = recorded  # type: ignore[method-assign]
        text = f"""
listeners:
  from-cloud: {{kind: pubsub_dicom, subscription: {SUBSCRIPTION}, acknowledge: relay, settle_seconds: 0,
    store: "{cloud.sandbox.url}/{DATASET}/dicomStores/d", pubsub_url: "{cloud.sandbox.url}"}}
destinations:
  archive: {{kind: dicomweb, url: "{slow.sandbox.dicom_web_url()}"}}
routes:
  - {{from: from-cloud, to: archive, within: 60}}
admin: {{port: 0}}
data_dir: "{tmp_path / "data"}"
"""
        files = [path.read_bytes() for path in make_series(_folder(tmp_path), INSTANCES)]
        slow.sandbox.faults.latency = SLOW_SECONDS
        async with serving(tmp_path, text) as (process, _):
            await process.logged("source_opened")
            assert 200 == (await Store(cloud.sandbox, cloud.client)(*files))[0]
            await until(lambda: bool(attempts) and not cloud.outstanding)
            port = (await process.logged("gateway_started"))["admin_port"]
            async with cloud.client.get(f"http://127.0.0.1:{port}/metrics") as reply:
                metrics = await reply.text()
            process.process.terminate()
            assert 0 == await process.ended()
    stored = 'hilum_deliveries_total{destination="archive",outcome="stored"}'
    assert f"{stored} {INSTANCES}.0" in metrics
    assert [1] * INSTANCES == attempts, "a deadline was not extended in time"


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    return folder

"""One run after another: after some time, or when a bucket tells of a change."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.cli.pipelining.watching import NothingTold, notified, watch
from gateway.config.parts import PipelinePart, load_part
from gateway.contract.errors import ConfigError
from gateway.contract.pipeline import RunFacts
from tests.adapters.events.buckets.test_watching import UPLOADED, publish
from tests.adapters.events.cloud import SUBSCRIPTION, running_cloud
from tests.gateway.cli.pipelining.pipelines import configuration
from tests.waiting import until

GOOD, BAD = RunFacts(7, 0, 0), RunFacts(7, 0, 0, unlisted={"pipeline.hospitals.north.images": "it is away"})
LONG = 3600.0


class Told:
    """Tells of a change when it is told to, and notes what it is told."""

    def __init__(self) -> None:
        self.noted: list[str] = []
        self.change = asyncio.Event()

    def begin(self) -> Callable[[], None]:
        """Note that a look begins."""
        self.noted.append("begin")
        return lambda: self.noted.append("ended well")

    async def changed(self) -> None:
        """Wait for a change."""
        await self.change.wait()
        self.change.clear()


async def test_a_change_is_run_at_once() -> None:
    """Each change is followed by a run; only a run that ends well says so."""
    told, stop, runs = Told(), asyncio.Event(), [GOOD, BAD, GOOD]

    async def run() -> RunFacts:
        told.noted.append("run")
        facts = runs.pop(0)
        (told.change if runs else stop).set()
        return facts

    await watch(run, stop, LONG, told)
    well, badly = ["begin", "run", "ended well"], ["begin", "run"]
    assert told.noted == [*well, *badly, *well]


async def test_after_some_time() -> None:
    """Without a change the next run is after the time between two looks."""
    stop, count = asyncio.Event(), 0

    async def run() -> RunFacts:
        nonlocal count
        count += 1
        if count == 3:
            stop.set()
        return GOOD

    await watch(run, stop, 0.001, NothingTold())
    assert count == 3


async def test_what_ends_the_notifications_ends_the_watch() -> None:
    """Nobody would notice that nothing is told any more."""

    class Broken(Told):
        async def changed(self) -> None:
            raise RuntimeError("broken")

    async def run() -> RunFacts:
        return GOOD

    with pytest.raises(RuntimeError, match="broken"):
        await watch(run, asyncio.Event(), LONG, Broken())


def part_of(root: Path, notifications: str = "") -> PipelinePart:
    """Return the part of a configuration."""
    path = Path(configuration(root))
    path.write_text(path.read_text() + notifications)
    return load_part(path, PipelinePart)


async def test_without_notifications(tmp_path: Path) -> None:
    """Nothing is told."""
    async with notified(part_of(tmp_path)) as told:
        assert isinstance(told, NothingTold)


async def test_with_notifications(tmp_path: Path) -> None:
    """A message at the sandbox's Pub/Sub is followed by a run long before the next look, and is then acknowledged."""
    async with running_cloud(tmp_path / "cloud") as cloud:
        await cloud.subscribe()
        text = f"subscription: {SUBSCRIPTION}, pubsub_url: '{cloud.sandbox.url}', settle_seconds: 0"
        config, stop, runs = part_of(tmp_path, f"  notifications: {{{text}}}\n"), asyncio.Event(), 0

        async def run() -> RunFacts:
            nonlocal runs
            runs += 1
            return GOOD

        async with notified(config) as told, asyncio.timeout(60):
            watching = asyncio.create_task(watch(run, stop, LONG, told))
            await until(lambda: runs == 1)
            await publish(cloud, **UPLOADED)
            await until(lambda: runs == 2 and cloud.outstanding == 0)
            stop.set()
            await watching


async def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A certificate that cannot be read is a mistake with its setting."""
    tls = f"tls: {{ca_file: {tmp_path}/none.pem}}"
    config = part_of(tmp_path, f"  notifications: {{subscription: {SUBSCRIPTION}, {tls}}}\n")
    with pytest.raises(ConfigError, match=r"pipeline\.notifications\.tls"):
        async with notified(config):
            pass

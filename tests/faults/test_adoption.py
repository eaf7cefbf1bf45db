"""Spools whose owner goes away while others run: whatever was acknowledged is counted, adopted and delivered."""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path

import aiohttp
import pytest

from tests.faults.commit_mode import committing, http
from tests.faults.peers import hl7
from tests.faults.sink import Sink
from tests.mllp_client import code_of, mllp_client
from tests.ports import free_port
from tests.processes import HilumProcess, hilum

pytestmark = pytest.mark.timeout(180)


class Gateway:
    """A gateway that runs, and what operators see of it."""

    def __init__(self, process: HilumProcess, started: Mapping[str, object]) -> None:
        self.process = process
        ports = started["ports"]
        assert isinstance(ports, dict)
        self.port = int(ports["in"])
        self._admin = f"http://127.0.0.1:{started['admin_port']}"

    async def send(self, *control_ids: str) -> None:
        """Send messages that have to be acknowledged."""
        async with mllp_client(self.port) as client:
            for control_id in control_ids:
                assert "AA" == code_of(await client.ask(hl7(control_id)))

    async def ask(self, path: str) -> tuple[int, str]:
        """Ask the admin port."""
        async with aiohttp.ClientSession() as session, session.get(self._admin + path) as reply:
            return reply.status, await reply.text()

    async def waiting(self) -> float:
        """Return how many messages wait, by the metrics."""
        _, text = await self.ask("/metrics")
        found = re.findall(r'^hilum_spool_messages\{.*state="waiting".*\} ([0-9.]+)$', text, re.MULTILINE)
        return sum(map(float, found))

    async def until_waiting(self, count: int) -> None:
        """Wait until so many messages are told to wait."""
        async with asyncio.timeout(60):
            while count != await self.waiting():
                await asyncio.sleep(0.1)


@asynccontextmanager
async def gateway(folder: Path, text: str, name: str = "hilum.yaml") -> AsyncIterator[Gateway]:
    """Run a gateway."""
    path = folder / name
    path.write_text(text)
    async with hilum("serve", path) as process:
        yield Gateway(process, await started(process, several="workers: 2" in text))


async def started(process: HilumProcess, *, several: bool) -> Mapping[str, object]:
    """Wait until the gateway is up and return its event: of several processes the supervisor's, not a worker's."""
    async with asyncio.timeout(60):
        while True:
            for event in process.events:
                if event["event"] == "gateway_started" and ("workers" in event) == several:
                    return event
            await asyncio.sleep(0.05)


def workers_of(process: HilumProcess) -> list[int]:
    """Return the process IDs of the workers that a supervisor has started."""
    return [int(each["pid"]) for each in process.events if each["event"] == "worker_started"]


@asynccontextmanager
async def silence(port: int) -> AsyncIterator[Callable[[], None]]:
    """Run a store that takes requests and never answers; yield what ends it, with the connections that it has."""
    writers: list[asyncio.StreamWriter] = []

    def end() -> None:
        server.close()
        for writer in writers:
            writer.transport.abort()

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with closing(writer), suppress(OSError):
            while await reader.read(65536):
                pass

    server = await asyncio.start_server(swallow, "127.0.0.1", port)
    try:
        yield end
    finally:
        end()


@pytest.mark.slow
async def test_a_successor_that_starts_while_its_predecessor_drains(tmp_path: Path) -> None:
    """What the predecessor could not deliver is counted by the successor at once, and delivered without a restart."""
    sink = Sink(free_port())
    text = committing(tmp_path / "data", http(sink))
    async with gateway(tmp_path, text) as old:
        await old.send("A", "B")
        async with gateway(tmp_path, text, "new.yaml") as new:
            await new.send("C")
            old.process.process.terminate()
            await old.process.ended()
            await new.until_waiting(3)
            assert 200 == (await new.ask("/readyz"))[0]
            async with sink.up():
                await sink.until_kept([hl7(each) for each in "ABC"])
                await new.until_waiting(0)


@pytest.mark.slow
async def test_a_supervisor_killed_and_started_at_once(tmp_path: Path) -> None:
    """Its workers live a moment longer and keep their spools; the new ones deliver what they leave."""
    sink = Sink(free_port())
    text = committing(tmp_path / "data", http(sink)) + "workers: 2\n"
    text = text.replace("port: 0, acknowledge", f"port: {free_port()}, acknowledge")
    text = text.replace("drain_seconds: 2", "drain_seconds: 8")
    messages = [f"M{number}" for number in range(12)]
    async with gateway(tmp_path, text) as old, silence(sink.port) as end_silence:
        for message in messages:
            await old.send(message)
        os.kill(old.process.process.pid, signal.SIGKILL)  # its workers drain: the store keeps them waiting
        async with gateway(tmp_path, text) as new:
            end_silence()
            await new.until_waiting(len(messages))
            async with sink.up():
                await sink.until_kept([hl7(each) for each in messages])
                await new.until_waiting(0)
            assert 200 == (await new.ask("/readyz"))[0]


@pytest.mark.slow
async def test_workers_killed_for_good(tmp_path: Path) -> None:
    """Workers killed with -9 are started anew; what each of them held is delivered."""
    sink = Sink(free_port())
    text = committing(tmp_path / "data", http(sink)) + "workers: 2\n"
    messages = [f"M{number}" for number in range(12)]
    async with gateway(tmp_path, text) as running:
        for message in messages:
            await running.send(message)
        for pid in workers_of(running.process):
            os.kill(pid, signal.SIGKILL)
        async with asyncio.timeout(60):
            while len(workers_of(running.process)) < 4:
                await asyncio.sleep(0.1)
        await running.until_waiting(len(messages))
        async with sink.up():
            await sink.until_kept([hl7(each) for each in messages])


@pytest.mark.slow
async def test_fewer_workers(tmp_path: Path) -> None:
    """From two workers to one: the one takes both spools."""
    sink = Sink(free_port())
    text = committing(tmp_path / "data", http(sink))
    messages = [f"M{number}" for number in range(12)]
    async with gateway(tmp_path, text + "workers: 2\n") as two:
        for message in messages:
            await two.send(message)
        two.process.process.terminate()
        await two.process.ended()
    async with gateway(tmp_path, text) as one:
        assert len(messages) == await one.waiting()
        async with sink.up():
            await sink.until_kept([hl7(each) for each in messages])

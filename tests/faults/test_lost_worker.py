"""A worker that dies, hangs or cannot be started comes back, and what it counted is not forgotten."""

import asyncio
import itertools
import os
import resource
import signal
from pathlib import Path

import pytest

from tests.faults.sink import Sink
from tests.faults.workers import Workers, serving_workers
from tests.mllp_client import adt, code_of, mllp_client
from tests.running import relay

pytestmark = pytest.mark.slow

NOWHERE = relay("kind: mllp, port: 0", 'kind: http, url: "http://127.0.0.1:1/"', attempts=1)


async def test_failed_spawn_is_repeated(tmp_path: Path) -> None:
    """The system has no descriptor left when a worker must be started anew; when it has some again, it is."""
    async with serving_workers(tmp_path, NOWHERE + "workers: 2\n") as gateway:
        await gateway.until_ready()
        pid = gateway.process.process.pid
        limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, limits[1]))
        os.kill(gateway.pids[0], signal.SIGKILL)
        failures = await gateway.process.all_logged("worker_not_started", 2)
        assert ["Too many open files"] * 2 == [each["reason"] for each in failures][:2]
        resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
        await gateway.process.all_logged("worker_started", 3)
        await gateway.until_ready()
        assert await gateway.metric('hilum_worker_restarts_total{reason="not_started"}') >= 2
        assert 1 == await gateway.metric('hilum_worker_restarts_total{reason="died"}')


async def test_peers_of_a_missing_worker_are_served(tmp_path: Path) -> None:
    """While a worker cannot be started, its peers are answered by the other one; who waited for it may come again."""
    text = NOWHERE.replace("port: 0}", "port: 0, spread: peer}", 1) + "workers: 2\n"
    async with serving_workers(tmp_path, text) as gateway:
        await gateway.until_ready()
        pid = gateway.process.process.pid
        limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        taken = {int(each.name) for each in Path(f"/proc/{pid}/fd").iterdir()}  # with gaps, on uvloop
        lowest = next(number for number in itertools.count() if number not in taken)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (lowest, limits[1]))  # too few for a process
        os.kill(gateway.pids[0], signal.SIGKILL)
        await gateway.process.logged("worker_not_started")
        async with asyncio.timeout(60):
            assert ["AR"] * 8 == await asyncio.gather(*(answer(gateway.port, f"127.0.3.{n}") for n in range(1, 9)))
        resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)


async def answer(port: int, address: str) -> str:
    """Send a message from *address* until there is an answer; return its code."""
    while True:
        try:
            async with mllp_client(port, address=address) as client:
                return code_of(await client.ask(adt("C1")))
        except (ConnectionError, asyncio.IncompleteReadError):
            await asyncio.sleep(0.1)


async def test_hanging_worker_is_replaced(tmp_path: Path) -> None:
    """A worker that stands still is named by /readyz, killed, counted and replaced; the gateway is alive all along."""
    async with serving_workers(tmp_path, NOWHERE + "workers: 2\nworker_hang_seconds: 8\n") as gateway:
        await gateway.until_ready()
        stopped = gateway.pids[1]
        os.kill(stopped, signal.SIGSTOP)
        assert 2 in (await gateway.until_ready(503))["missing_workers"]
        assert 200 == (await gateway.get("/livez"))[0]
        hung = await gateway.process.logged("worker_hangs")
        assert (2, stopped) == (hung["worker"], hung["pid"])
        await gateway.process.all_logged("worker_started", 3)
        await gateway.until_ready()
        assert await gateway.metric('hilum_worker_restarts_total{reason="hung"}') >= 1


async def test_all_workers_hang(tmp_path: Path) -> None:
    """Who connects while every worker is replaced waits, and is served by the successor."""
    text = NOWHERE + "workers: 2\nworker_hang_seconds: 5\n"
    async with serving_workers(tmp_path, text) as gateway:
        await gateway.until_ready()
        for pid in gateway.pids:
            os.kill(pid, signal.SIGSTOP)
        async with mllp_client(gateway.port) as client:
            assert "AR" == code_of(await client.ask(adt("C1")))


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
async def test_counters_survive_their_worker(tmp_path: Path, end: signal.Signals) -> None:
    """What a worker has counted, and has told once, stays in the counters and histograms of the whole."""
    async with Sink().up() as sink:
        text = relay("kind: mllp, port: 0", f'kind: http, accept_empty: true, url: "{sink.url}"')
        async with serving_workers(tmp_path, text + "workers: 2\n") as gateway:
            for number in range(20):
                async with mllp_client(gateway.port) as client:
                    assert "AA" == code_of(await client.ask(adt(f"C{number}")))
            assert (20, 20) == await counted(gateway)
            for started, pid in enumerate(tuple(gateway.pids), 3):
                os.kill(pid, end)
                await gateway.process.all_logged("worker_started", started)
                assert (20, 20) == await counted(gateway)
            gateway.process.process.terminate()
            assert 0 == await gateway.process.ended()


async def counted(gateway: Workers) -> tuple[float, float]:
    """Return how many answers there were by the counter, and by the histogram."""
    answers = await gateway.metric('hilum_answers_total{answer="AA",listener="in"}')
    return answers, await gateway.metric('hilum_answer_seconds_count{listener="in"}')


async def test_stopped_worker_does_not_keep_the_gateway_from_ending(tmp_path: Path) -> None:
    """SIGTERM ends a gateway of which one worker stands still."""
    async with serving_workers(tmp_path, NOWHERE + "workers: 2\nworker_hang_seconds: 5\n") as gateway:
        await gateway.until_ready()
        os.kill(gateway.pids[0], signal.SIGSTOP)
        gateway.process.process.terminate()
        assert 0 == await gateway.process.ended()

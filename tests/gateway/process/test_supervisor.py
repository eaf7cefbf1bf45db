"""Several workers on the same ports, as an operator runs them."""

import asyncio
import os
import signal
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest
from aiohttp import ClientSession

from gateway.config import loading as config
from gateway.contract.errors import ConfigError
from gateway.process.supervisor import Supervisor
from gateway.sandbox.server import Sandbox
from tests.mllp_client import adt, code_of, mllp_client
from tests.ports import free_port
from tests.processes import HilumProcess, hilum, serving
from tests.running import relay

pytestmark = pytest.mark.slow


async def ready(process: HilumProcess) -> None:
    """Wait until every worker is up."""
    port = (await supervisor_event(process))["admin_port"]
    async with ClientSession() as client, asyncio.timeout(60):
        while True:
            async with client.get(f"http://127.0.0.1:{port}/readyz") as reply:
                if reply.status == 200:
                    return
            await asyncio.sleep(0.05)


async def supervisor_event(process: HilumProcess) -> dict[str, int]:
    """Return the supervisor's own event of the start; its workers log theirs before it."""
    await process.logged("gateway_started")
    async with asyncio.timeout(60):
        while not (found := [each for each in process.events if "workers" in each and "ports" in each]):
            await asyncio.sleep(0.02)
    return dict(found[0])


async def test_workers_share_the_work(tmp_path: Path) -> None:
    """Connections spread over the workers, the metrics are those of all, and SIGTERM ends them all."""
    async with Sandbox(tmp_path / "stores") as sandbox:
        text = relay("kind: mllp, port: 0", f'kind: hl7v2_store, url: "{sandbox.hl7v2_store_url()}"') + "workers: 2\n"
        async with serving(tmp_path, text) as (process, ports):
            admin_port = (await supervisor_event(process))["admin_port"]
            for number in range(20):
                async with mllp_client(ports["in"]) as client:
                    assert "AA" == code_of(await client.ask(adt(f"C{number}")))
            async with ClientSession() as web_client, web_client.get(f"http://127.0.0.1:{admin_port}/metrics") as reply:
                assert 'hilum_answers_total{answer="AA",listener="in"} 20.0' in await reply.text()
            process.process.terminate()
            assert 0 == await process.ended()
    stopped = [each for each in process.events if each["event"] == "gateway_stopped"]
    assert 3 == len(stopped)


@pytest.mark.parametrize("workers", [(2, 2), (1, 2)])
async def test_two_gateways_on_one_address(tmp_path: Path, workers: tuple[int, int]) -> None:
    """Of two daemons that start at once, one has the address and all messages; the other reports that and ends."""
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(Sandbox(tmp_path / "stores"))
        port, ends = free_port(), dict[asyncio.Task[int], HilumProcess]()
        for number, count in enumerate(workers):
            path = tmp_path / f"{number}.yaml"
            store = f'kind: hl7v2_store, url: "{sandbox.hl7v2_store_url()}"'
            path.write_text(relay(f"kind: mllp, port: {port}", store) + f"workers: {count}\n")
            running = await stack.enter_async_context(hilum("serve", path))
            ends[asyncio.create_task(running.process.wait())] = running
        (ended,), _ = await asyncio.wait(ends, timeout=120, return_when=asyncio.FIRST_COMPLETED)
        loser = ends.pop(ended)
        assert 1 == await loser.ended()
        assert f"cannot bind 127.0.0.1:{port}: another program has this port already" in str(loser.events)
        (winner,) = ends.values()
        await winner.logged("gateway_started")
        for number in range(40):
            async with mllp_client(port) as client:
                assert "AA" == code_of(await client.ask(adt(f"C{number}")))
        winner.process.terminate()
        assert 0 == await winner.ended()


async def test_dead_worker_is_replaced(tmp_path: Path) -> None:
    """A worker that is killed is restarted, and the log says so, while the other goes on answering."""
    text = relay("kind: mllp, port: 0", 'kind: http, url: "http://127.0.0.1:1/"', attempts=1) + "workers: 2\n"
    async with serving(tmp_path, text) as (process, ports):
        await ready(process)
        os.kill((await process.logged("worker_started"))["pid"], signal.SIGKILL)
        died = await process.logged("worker_died")
        assert (1, -signal.SIGKILL) == (died["worker"], died["status"])
        assert "AR" == await answer_of_one_that_lives(ports["in"])
        await ready(process)
        process.process.terminate()
        assert 0 == await process.ended()


async def answer_of_one_that_lives(port: int) -> str:
    """Return the code of an answer; a connection that the kernel had given to the dead worker is reset."""
    async with asyncio.timeout(60):
        while True:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                async with mllp_client(port) as client:
                    return code_of(await client.ask(adt("C1")))


async def test_workers_end_with_their_supervisor(tmp_path: Path) -> None:
    """When the supervisor is killed, its workers stop too, and the port is free."""
    text = relay("kind: mllp, port: 0", 'kind: http, url: "http://127.0.0.1:1/"', attempts=1) + "workers: 2\n"
    async with serving(tmp_path, text) as (process, ports):
        await ready(process)
        process.process.kill()
        assert -signal.SIGKILL == await process.ended()  # waits until nobody holds its stderr any more
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", ports["in"])


async def test_stopped_while_it_starts(tmp_path: Path) -> None:
    """SIGTERM during the start is obeyed at once: no further worker is started, and those that run end well."""
    text = relay("kind: mllp, port: 0", 'kind: http, url: "http://127.0.0.1:1/"', attempts=1) + "workers: 20\n"
    path = tmp_path / "hilum.yaml"
    path.write_text(text)
    async with hilum("serve", path) as process:
        await process.logged("worker_started")
        process.process.terminate()
        assert 0 == await process.ended()
    started = [each for each in process.events if each["event"] == "worker_started"]
    assert len(started) < 10
    assert "gateway_stopped" == process.events[-1]["event"]


async def test_taken_port_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that another process holds ends the start with its name, before any worker runs."""
    monkeypatch.setattr("gateway.process.shared_ports.PATIENCE_SECONDS", 0.2)
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        text = relay(f"kind: mllp, port: {port}", 'kind: http, url: "http://127.0.0.1:1/"') + "workers: 2\n"
        with pytest.raises(ConfigError, match=f"listeners.in: cannot bind 127.0.0.1:{port}: another program"):
            await Supervisor(config.parse(text), "json", "error").run(asyncio.Event())

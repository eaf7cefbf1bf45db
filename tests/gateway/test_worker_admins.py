"""The admin port of a gateway with several workers."""

import asyncio
import json
from contextlib import AsyncExitStack

from aiohttp import ClientSession

from gateway.admin import Readiness, build_admin, serve_admin
from gateway.admin_access import access_by
from gateway.metrics import Metrics
from gateway.worker_admins import WorkerAdmins
from tests.ports import free_port


async def ask(path: str, *, ready: tuple[bool, ...], absent: int = 0, gone: int = 0) -> tuple[int, str]:
    """Return what *path* says with workers of which some are ready, some have no process, some do not answer."""
    async with AsyncExitStack() as stack:
        ports: list[int | None] = [None] * absent + [free_port() for _ in range(gone)]
        for each in ready:
            readiness = Readiness({})
            if each:
                readiness.bound({})
            metrics = Metrics()
            metrics.listener("adt").connected()
            ports.append(await stack.enter_async_context(serve_admin(build_admin(readiness, metrics), "127.0.0.1", 0)))
        admins = await stack.enter_async_context(WorkerAdmins(lambda: ports))
        port = await stack.enter_async_context(serve_admin(admins.application(), "127.0.0.1", 0))
        client = await stack.enter_async_context(ClientSession())
        async with client.get(f"http://127.0.0.1:{port}{path}") as reply:
            return reply.status, await reply.text()


async def test_ready_when_all_are() -> None:
    """The gateway is ready when each of its workers is."""
    statuses = await asyncio.gather(
        ask("/readyz", ready=(True, True)),
        ask("/readyz", ready=(True, False)),
        ask("/readyz", ready=(True,), absent=1),
        ask("/readyz", ready=(True,), gone=1),
    )
    assert [200, 503, 503, 503] == [status for status, _ in statuses]
    assert all(2 == len(json.loads(body)["workers"]) for _, body in statuses)


async def test_metrics_of_those_that_answer() -> None:
    """Metrics are added up over the workers that are there."""
    status, text = await ask("/metrics", ready=(True, True), absent=1, gone=1)
    assert (200, True) == (status, 'hilum_connections{listener="adt"} 2.0' in text)


async def test_workers_know_their_supervisor() -> None:
    """A worker answers its supervisor, who knows the token, and nobody else."""
    readiness = Readiness({})
    readiness.bound({})
    worker = build_admin(readiness, Metrics(), access=access_by("token"))
    async with (
        serve_admin(worker, "127.0.0.1", 0) as port,
        WorkerAdmins(lambda: [port], "token") as admins,
        serve_admin(admins.application(), "127.0.0.1", 0) as supervisor,
        ClientSession() as client,
    ):
        async with client.get(f"http://127.0.0.1:{port}/metrics") as reply:
            assert 401 == reply.status
        async with client.get(f"http://127.0.0.1:{supervisor}/metrics") as reply:
            assert "hilum_build_info" in await reply.text()
        async with client.get(f"http://127.0.0.1:{supervisor}/readyz") as reply:
            assert '"destinations": {}' in await reply.text()


async def test_strangers_learn_little() -> None:
    """Who does not show the token learns the state of the whole, and gets no metrics."""
    async with (
        WorkerAdmins(lambda: [None]) as admins,
        serve_admin(admins.application(access_by("token")), "127.0.0.1", 0) as port,
        ClientSession() as client,
    ):
        async with client.get(f"http://127.0.0.1:{port}/readyz") as reply:
            assert (503, '{"state": "not ready"}') == (reply.status, await reply.text())
        async with client.get(f"http://127.0.0.1:{port}/metrics") as reply:
            assert 401 == reply.status


async def test_alive() -> None:
    """The supervisor's loop turns whatever its workers do."""
    assert 200 == (await ask("/livez", ready=(), absent=2))[0]

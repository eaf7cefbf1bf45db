"""The admin port of a gateway with several workers."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from aiohttp import ClientSession, web

from gateway.admin.access import access_by
from gateway.admin.server import Readiness, build_admin, serve_admin
from gateway.admin.workers import WorkerAdmin, WorkerAdmins
from gateway.telemetry.metrics import Metrics
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
        workers = {number: port and WorkerAdmin(number, port) for number, port in enumerate(ports, 1)}
        return await ask_for(path, WorkerAdmins(lambda: {number: each or None for number, each in workers.items()}))


async def ask_for(path: str, admins: WorkerAdmins) -> tuple[int, str]:
    """Return the response at *path*."""
    async with (
        admins,
        serve_admin(admins.application(), "127.0.0.1", 0) as port,
        ClientSession() as client,
        client.get(f"http://127.0.0.1:{port}{path}") as reply,
    ):
        return reply.status, await reply.text()


@asynccontextmanager
async def counting(number: int, messages: int) -> AsyncIterator[WorkerAdmin]:
    """Serve the admin port of a worker that has one peer and has received so many messages."""
    metrics = Metrics()
    listener = metrics.listener("adt")
    listener.connected()
    for _ in range(messages):
        listener.received(10)
        listener.answered("AA", 0.0008)
    async with serve_admin(build_admin(Readiness({}), metrics), "127.0.0.1", 0) as port:
        yield WorkerAdmin(number, port)


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


async def test_observed() -> None:
    """What each worker has observed is asked for; those without an answer, or with another one, are named."""

    async def show(_: web.Request) -> web.Response:
        return web.json_response({"at": 1.0})

    told = web.Application()
    told.router.add_get("/api/v1/observed", show)
    async with serve_admin(told, "127.0.0.1", 0) as port, serve_admin(web.Application(), "127.0.0.1", 0) as other:
        workers = {1: WorkerAdmin(1, port), 2: None, 3: WorkerAdmin(3, other), 4: WorkerAdmin(4, free_port())}
        async with WorkerAdmins(lambda: workers) as admins:
            assert await admins.observed() == ([{"at": 1.0}], [2, 3, 4])


async def test_metrics_of_those_that_answer() -> None:
    """Metrics are added up over the workers that are there."""
    status, text = await ask("/metrics", ready=(True, True), absent=1, gone=1)
    assert (200, True) == (status, 'hilum_connections{listener="adt"} 2.0' in text)


async def test_workers_know_their_supervisor() -> None:
    """A worker answers only the supervisor, which knows the token."""
    readiness = Readiness({})
    readiness.bound({})
    worker = build_admin(readiness, Metrics(), access=access_by("token"))
    async with (
        serve_admin(worker, "127.0.0.1", 0) as port,
        WorkerAdmins({1: WorkerAdmin(1, port)}.copy, "token") as admins,
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
    """Without the token, /readyz has only the state, and /metrics is refused."""
    async with (
        WorkerAdmins(lambda: {1: None}) as admins,
        serve_admin(admins.application(access_by("token")), "127.0.0.1", 0) as port,
        ClientSession() as client,
    ):
        async with client.get(f"http://127.0.0.1:{port}/readyz") as reply:
            assert (503, '{"state": "not ready"}') == (reply.status, await reply.text())
        async with client.get(f"http://127.0.0.1:{port}/metrics") as reply:
            assert 401 == reply.status


MISSING = {
    "no process": (None, "not running"),
    "no sign of life": (WorkerAdmin(2, 1, silent_seconds=9), "does not answer"),
    "no answer": (WorkerAdmin(2, 1), "does not answer"),
}


@pytest.mark.parametrize(("worker", "state"), MISSING.values(), ids=MISSING)
async def test_missing_worker_is_named(worker: WorkerAdmin | None, state: str) -> None:
    """/readyz says which worker is missing, and why."""
    async with counting(1, 0) as there:
        status, text = await ask_for("/readyz", WorkerAdmins(lambda: {1: there, 2: worker}))
    body = json.loads(text)
    assert (503, [2]) == (status, body["missing_workers"])
    assert [(1, "starting"), (2, state)] == [(each["worker"], each["state"]) for each in body["workers"]]


COUNTED = (
    'hilum_messages_received_total{listener="adt"} 7.0',
    'hilum_answer_seconds_bucket{le="0.001",listener="adt"} 7.0',
    'hilum_answer_seconds_count{listener="adt"} 7.0',
    'hilum_connections_total{listener="adt"} 2.0',
    'hilum_connections{listener="adt"} 1.0',
)
"""Two workers with 4 and 3 messages, of which the second has ended: its connections are gone, its counters are kept."""


@pytest.mark.parametrize("end", ["has died", "does not answer", "shows no sign of life"])
async def test_counters_do_not_go_back(end: str) -> None:
    """The counters of a worker are kept after it has died, and while it does not answer."""
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(counting(1, 4))
        workers: dict[int, WorkerAdmin | None] = {1: first}
        admins = await stack.enter_async_context(WorkerAdmins(lambda: workers))
        port = await stack.enter_async_context(serve_admin(admins.application(), "127.0.0.1", 0))
        client = await stack.enter_async_context(ClientSession())

        async def metrics() -> list[str]:
            async with client.get(f"http://127.0.0.1:{port}/metrics") as reply:
                return (await reply.text()).splitlines()

        async with counting(2, 3) as second:
            workers[2] = second
            assert COUNTED[0] in await metrics()
            if end == "shows no sign of life":
                second.silent_seconds = 9.0
                lines = await metrics()
        if end == "has died":
            workers[2] = None
            admins.ended(second)
        if end != "shows no sign of life":
            lines = await metrics()
    assert [] == [each for each in COUNTED if each not in lines]


async def test_successor_counts_on() -> None:
    """The counters of a restarted worker are added to those of the process before it."""
    workers: dict[int, WorkerAdmin | None] = {}
    admins = WorkerAdmins(lambda: workers)
    for _ in range(3):
        async with counting(1, 2) as workers[1]:
            text = (await ask_for("/metrics", admins))[1]
        assert workers[1] is not None
        admins.ended(workers[1])
    assert 'hilum_messages_received_total{listener="adt"} 6.0' in text


async def test_own_metrics() -> None:
    """The metrics include the supervisor's own."""
    own = "# HELP a_total A\n# TYPE a_total counter\na_total 3.0\n"
    assert "a_total 3.0" in (await ask_for("/metrics", WorkerAdmins(dict, own=lambda: own)))[1]


async def test_alive_while_a_worker_is_up() -> None:
    """The gateway is alive if one worker is up: a restart of the whole gateway would cut off its peers."""
    up = WorkerAdmin(1, 1)
    assert 200 == (await ask_for("/livez", WorkerAdmins(lambda: {1: up, 2: None}, lifeless_seconds=0)))[0]


@pytest.mark.parametrize("worker", [None, WorkerAdmin(1, 1, silent_seconds=9)], ids=["none", "one that hangs"])
async def test_not_alive_without_workers(worker: WorkerAdmin | None) -> None:
    """The gateway is not alive if no worker has been up for a while; before that, workers may recover."""
    gone = WorkerAdmins(lambda: {1: worker}, lifeless_seconds=0)
    assert (503, '{"state": "no worker is up"}') == await ask_for("/livez", gone)
    assert 200 == (await ask_for("/livez", WorkerAdmins(lambda: {1: worker})))[0]

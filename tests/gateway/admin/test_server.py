"""The admin port."""

import asyncio
import socket
from pathlib import Path

import pytest
from aiohttp import ClientSession

from gateway.admin.server import Readiness, build_admin, serve_admin
from gateway.contract.listening import NO_SUCH_FAMILY
from gateway.spool import Plan, Selection, open_spool
from gateway.spool.operating.destinations import MEND
from gateway.telemetry.metrics import Metrics
from tests.gateway.fakes import FakeDestination
from tests.gateway.spool.spools import SETTINGS, commit


class BoundListener:
    """A listener as the admin port sees it."""

    port = 2575
    tasks: set[asyncio.Task[None]]

    def __init__(self) -> None:
        self.tasks = set()

    def stop_accepting(self) -> None:
        """Nothing to stop."""


async def get(readiness: Readiness, path: str) -> tuple[int, str]:
    """Serve *readiness* on a free port and return what *path* says."""
    async with (
        serve_admin(build_admin(readiness, Metrics()), "127.0.0.1", 0) as port,
        ClientSession() as client,
        client.get(f"http://127.0.0.1:{port}{path}") as reply,
    ):
        return reply.status, await reply.text()


async def test_livez() -> None:
    """/livez answers while the event loop runs, whether the gateway is ready or not."""
    assert (await get(Readiness({}), "/livez"))[0] == 200


async def test_metrics_are_served() -> None:
    """/metrics is Prometheus text."""
    status, text = await get(Readiness({}), "/metrics")
    assert (200, True) == (status, "hilum_build_info" in text)


async def test_readyz_before_the_listeners() -> None:
    """Before every listener is bound the gateway is not ready."""
    assert (await get(Readiness({}), "/readyz"))[0] == 503


async def test_readyz_names_an_unreachable_store() -> None:
    """An unreachable store is named in the body, and the gateway is still ready."""
    store = FakeDestination()
    store.unreachable = "connection refused"
    readiness = Readiness({"hl7-store": store})
    readiness.bound({"adt": BoundListener()})
    status, text = await get(readiness, "/readyz")
    assert (200, True) == (status, '"hl7-store": "connection refused"' in text)


async def test_readyz_while_draining() -> None:
    """A draining gateway is not ready."""
    readiness = Readiness({})
    readiness.bound({"adt": BoundListener()})
    readiness.draining()
    status, text = await get(readiness, "/readyz")
    assert (503, True) == (status, '"draining"' in text)


async def test_taken_port() -> None:
    """A port that is taken raises OSError and leaves nothing open."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError):  # noqa: PT011  the number differs by system
        async with serve_admin(build_admin(Readiness({}), Metrics()), "127.0.0.1", taken.getsockname()[1]):
            pass


async def test_readyz_while_a_part_is_in_trouble() -> None:
    """A part of the gateway that has ended makes it not ready, and is named, until it runs again."""
    readiness = Readiness({})
    readiness.bound({"adt": BoundListener()})
    readiness.trouble("dispatcher store", "has ended")
    status, text = await get(readiness, "/readyz")
    assert (503, True) == (status, '"troubles": {"dispatcher store": "has ended"}' in text)
    assert "not ready" == readiness.state
    readiness.trouble("dispatcher store", None)
    assert 200 == (await get(readiness, "/readyz"))[0]


async def test_what_nobody_delivers(tmp_path: Path) -> None:
    """An unconfigured destination is named with its waiting messages; the gateway is still ready."""
    readiness = Readiness({"store": FakeDestination()})
    readiness.bound({"adt": BoundListener()})
    async with open_spool(tmp_path, SETTINGS) as spool:
        for number, name in enumerate(("gone", "gone", "store")):
            await commit(spool, message_id=str(number), plan=Plan((name,)))
        app = build_admin(readiness, Metrics(), spool)
        async with serve_admin(app, "127.0.0.1", 0) as port, ClientSession(f"http://127.0.0.1:{port}") as client:
            async with client.get("/readyz") as reply:
                undelivered = {"gone": {"messages": 2, "mend": MEND.format(name="gone")}}
                assert (200, undelivered) == (reply.status, (await reply.json())["undelivered"])
            async with client.get("/metrics") as reply:
                shown = [
                    line for line in (await reply.text()).splitlines() if line.startswith("hilum_spool_undelivered")
                ]
            assert ['hilum_spool_undelivered_messages{destination="gone"} 2.0'] == shown
            await spool.move(Selection("gone"), "store", {"mllp"})
            async with client.get("/readyz") as reply:
                assert {} == (await reply.json())["undelivered"]
            async with client.get("/metrics") as reply:
                assert 'hilum_spool_undelivered_messages{destination="gone"}' not in await reply.text()


async def test_every_address() -> None:
    """At ``::`` the port answers over IPv4 and over IPv6."""
    try:
        serving = serve_admin(build_admin(Readiness({}), Metrics()), "::", 0)
        async with serving as port, ClientSession() as client:
            for host in ("127.0.0.1", "[::1]"):
                async with client.get(f"http://{host}:{port}/livez") as reply:
                    assert 200 == reply.status
    except OSError as error:
        if error.errno in NO_SUCH_FAMILY:
            pytest.skip("this machine has no IPv6")
        raise

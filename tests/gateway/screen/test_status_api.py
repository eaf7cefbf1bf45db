"""``/api/v1/status`` of a real gateway: a store that is away, and comes back."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from structlog.testing import capture_logs

from gateway.observing import destination_record, probing
from gateway.screen import case_watch, status_source
from tests.mllp_client import adt, code_of, mllp_client
from tests.ports import free_port
from tests.processes import serving
from tests.running import relay, running_gateway

Status = dict[str, Any]


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look and probe often, so that the test does not wait."""
    monkeypatch.setattr(probing, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(destination_record, "QUIET_SECONDS", 0.2)
    monkeypatch.setattr(probing, "QUIET_SECONDS", 0.2)
    monkeypatch.setattr(case_watch, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(status_source, "FRESH_SECONDS", 0.0)


@asynccontextmanager
async def store(port: int) -> AsyncIterator[None]:
    """Run a store that takes everything."""

    async def take(_: web.Request) -> web.Response:
        return web.Response()

    application = web.Application()
    application.router.add_route("*", "/{any:.*}", take)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield
    finally:
        await runner.cleanup()


class Asking:
    """Asks the admin port of a gateway, with the token that it has made."""

    def __init__(self, session: ClientSession, port: int, data_dir: Path) -> None:
        self._session, self._port, self._data_dir = session, port, data_dir

    async def get(self, path: str, *, token: bool = True) -> tuple[int, str]:
        """Return status and body."""
        shown = {"Authorization": f"Bearer {(self._data_dir / 'admin-token').read_text().strip()}"} if token else {}
        async with self._session.get(f"http://127.0.0.1:{self._port}{path}", headers=shown) as reply:
            return reply.status, await reply.text()

    async def status(self) -> Status:
        """Return the status."""
        shown = {"Authorization": f"Bearer {(self._data_dir / 'admin-token').read_text().strip()}"}
        async with self._session.get(f"http://127.0.0.1:{self._port}/api/v1/status", headers=shown) as reply:
            assert reply.status == 200
            assert reply.headers["Cache-Control"] == "no-store"
            found: Status = await reply.json()
            return found

    async def until(self, condition: Callable[[Status], bool]) -> Status:
        """Ask until *condition* holds; return that status."""
        async with asyncio.timeout(60):
            while not condition(found := await self.status()):
                await asyncio.sleep(0.05)
        return found

    async def shown(self, line: str) -> None:
        """Ask for the metrics until *line* is in them."""
        async with asyncio.timeout(60):
            while line not in (await self.get("/metrics"))[1]:
                await asyncio.sleep(0.05)


@asynccontextmanager
async def asking(text: str, data_dir: Path) -> AsyncIterator[tuple[int, Asking]]:
    """Run a gateway; yield the port of its listener, and what asks its admin port."""
    async with running_gateway(f"data_dir: {data_dir}\n{text}") as gateway, ClientSession() as session:
        yield gateway.ports["in"], Asking(session, gateway.admin_port, data_dir)


def to(port: int) -> str:
    """Return the destination of the tests."""
    return f'kind: http, url: "http://127.0.0.1:{port}/", accept_empty: true, contact: "store owner, 4411"'


def began_and_ended(logs: list[Any]) -> list[str]:
    """Return the events of cases."""
    return [each["event"] for each in logs if each["event"].startswith("case_")]


@pytest.mark.usefixtures("soon")
async def test_relay_mode(tmp_path: Path) -> None:
    """A store that is away is one case, until it is back: nobody has to send anything for that."""
    port = free_port()
    with capture_logs() as logs:
        async with asking(relay("kind: mllp, port: 0", to(port), attempts=1), tmp_path) as (listener, ask):
            assert (await ask.status())["sentence"] == "All is as usual."
            async with mllp_client(listener) as client:
                for number in range(6):
                    assert code_of(await client.ask(adt(f"C{number}"))) == "AR"
            found = await ask.until(lambda status: bool(status["cases"]))
            (case,) = found["cases"]
            assert (found["sentence"], found["level"]) == ("Messages do not reach out.", "red")
            assert (case["state"], case["subject"], case["contact"]) == ("stopped", "out", "store owner, 4411")
            assert (case["cause"], case["why"].split(":")[0]) == ("connection_refused", "Nothing listens at 127.0.0.1")
            assert case["effect"].endswith("told failure and may send again; nothing waits here.")
            await ask.shown('hilum_cases{cause="connection_refused",level="red"} 1.0')
            async with store(port):
                found = await ask.until(lambda status: not status["cases"])
            assert (found["sentence"], found["needs_somebody"]) == ("All is as usual.", False)
            async with asyncio.timeout(60):
                while len(began_and_ended(list(logs))) < 2:
                    await asyncio.sleep(0.05)
    assert began_and_ended(list(logs)) == ["case_began", "case_ended"]
    began = next(each for each in logs if each["event"] == "case_began")
    assert (began["cause"], began["subject"], began["log_level"]) == (case["cause"], "out", "warning")
    ended = next(each for each in logs if each["event"] == "case_ended")
    assert ended["seconds"] >= 0


@pytest.mark.usefixtures("soon")
async def test_commit_mode(tmp_path: Path) -> None:
    """What waits is counted; it is delivered when the store is back, and then all is as usual."""
    port = free_port()
    text = relay("kind: mllp, port: 0, acknowledge: commit", to(port))
    async with asking(text, tmp_path) as (listener, ask):
        async with mllp_client(listener) as client:
            assert code_of(await client.ask(adt("C1"))) == "AA"
        found = await ask.until(lambda status: bool(status["cases"]))
        (case,) = found["cases"]
        assert case["effect"].startswith("1 message waits here, safe. ")
        assert found["counts"] == "1 waits, all safe; none is lost."
        assert {each["name"] for each in case["verbs"]} == {"show", "retry"}
        async with store(port):
            await ask.until(lambda status: not status["cases"])
            await ask.until(lambda status: status["counts"] == "Nothing waits; none is lost.")


async def test_strangers_learn_nothing(tmp_path: Path) -> None:
    """Without the token there is no status: it names peers."""
    async with asking(relay("kind: mllp, port: 0", to(1)), tmp_path) as (_, ask):
        status, body = await ask.get("/api/v1/status", token=False)
        assert status in {401, 403}
        assert "cases" not in body
        assert (await ask.get("/api/v1/observed"))[0] == 404, "only workers have it, for their supervisor"


@pytest.mark.slow
async def test_workers(tmp_path: Path) -> None:
    """The supervisor shows what its workers have seen as one gateway."""
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    text = f"workers: 2\ndata_dir: {data_dir}\n{relay('kind: mllp, port: 0', to(free_port()), attempts=1)}"
    async with serving(tmp_path, text) as (process, _), ClientSession() as session:
        started = next(each for each in await process.all_logged("gateway_started", 3) if "workers" in each)
        ask = Asking(session, started["admin_port"], data_dir)
        assert (await ask.status())["usual_destinations"] == 1
        for number in range(4):  # each connection may go to another worker
            async with mllp_client(started["ports"]["in"]) as client:
                await client.ask(adt(f"C{number}"))
        found = await ask.until(lambda status: bool(status["cases"]))
        assert [each["subject"] for each in found["cases"]] == ["out"]
        began = await process.logged("case_began")
        assert began["subject"] == "out"
        assert "worker" not in began, "the supervisor tells of it, once"
        await ask.shown('hilum_cases{cause="connection_refused",level="red"} 1.0')

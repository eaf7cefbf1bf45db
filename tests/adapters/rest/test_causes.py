"""Each failure of a store has its cause: real sockets, real files, and no place in the code without one."""

import ast
import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web

from adapters.rest.http.client import Client
from adapters.rest.http.reply import Reply
from adapters.rest.settings import RestSettings
from adapters.rest.verdict.outcomes import hl7_outcome
from gateway import app
from gateway.config.loading import parse
from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.health import Measured
from gateway.contract.outcome import Unavailable
from gateway.sandbox.server import Sandbox
from tests.adapters.rest.conftest import Listen, Serve
from tests.mllp_client import adt, code_of, mllp_client
from tests.running import relay

TOKEN = "a-token-that-the-supervisor-has"
ROOT = Path(__file__).parents[3]
PLACES = [*ROOT.glob("adapters/rest/**/*.py"), *ROOT.glob("adapters/mllp/client/*.py")]
WITHOUT = {
    "adapters/mllp/client/answers.py: UNCONFIRMED": "the message asks for no answer: the receiver has not failed",
    "adapters/mllp/client/destination.py: HELD": "a lock of Hilum's own processes: the receiver was not asked",
    "adapters/rest/dicomweb/conflict.py: find_conflict": "the message's own body broke off, not the store",
    "adapters/rest/http/url_file.py: ELSEWHERE": "its diagnosis names the path, which current() knows",
    "adapters/rest/credentials/google.py: UNREADABLE": "its diagnosis names the path, which _refresh() knows",
    "adapters/rest/credentials/oauth2.py: read_grant": "fetch() adds the diagnosis with the endpoint's address",
}
"""Places that make an Unavailable or a Refused without a cause, and why."""


def without_cause() -> Iterator[str]:
    """Yield the places that make a failure without a diagnosis: file, and function or constant."""
    for path in PLACES:
        for node in ast.parse(path.read_text()).body:
            for call in ast.walk(node):
                is_made = isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
                if not is_made or call.func.id not in {"Unavailable", "Refused"}:  # type: ignore[attr-defined]
                    continue
                if not any(each.arg == "diagnosis" for each in call.keywords):  # type: ignore[attr-defined]
                    target = node.targets[0] if isinstance(node, ast.Assign) else node
                    name = getattr(target, "name", None) or getattr(target, "id", "?")
                    yield f"{path.relative_to(ROOT)}: {name}"


def test_every_failure_has_its_cause() -> None:
    """A new failure has a diagnosis, or is in the list with its reason."""
    assert set(without_cause()) == set(WITHOUT)


async def ask(url: str, **more: object) -> Reply | Unavailable:
    """Send one message."""
    settings = RestSettings.model_validate({"url": url, "read_seconds": 0.5, **more})
    async with Client(settings) as client:
        return await client.request("POST", url, {}, b"message")


CONVERSATIONS: dict[str, tuple[bytes | None, Diagnosis, bool]] = {
    "no answer": (None, Diagnosis(Cause.NO_ANSWER, {"seconds": "0.5"}), True),
    "the end": (b"", Diagnosis(Cause.CONNECTION_BROKE), True),
    "half a reply": (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", Diagnosis(Cause.CONNECTION_BROKE), True),
    "something else": (b"220 ESMTP\r\n", Diagnosis(Cause.NOT_HTTP), True),
    "an alert of TLS": (bytes.fromhex("15030300020246"), Diagnosis(Cause.SPEAKS_TLS), False),
}


@pytest.mark.parametrize(("answer", "diagnosis", "maybe"), CONVERSATIONS.values(), ids=CONVERSATIONS)
async def test_conversations(listen: Listen, answer: bytes | None, diagnosis: Diagnosis, *, maybe: bool) -> None:
    """How a conversation ends tells its cause. Who speaks TLS has not read the message."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"message")
        if answer is None:
            await reader.read()
        writer.write(answer or b"")
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    failure = await ask(await listen(converse))
    assert isinstance(failure, Unavailable)
    assert (diagnosis, maybe) == (failure.diagnosis, failure.maybe_stored)


async def test_credentials_of_a_file(serve: Serve, tmp_path: Path) -> None:
    """A token that is not accepted is told with its file and the age of it; one that is missing with its path."""
    token = tmp_path / "token"
    settings = {"credentials": {"kind": "bearer", "token_file": str(token)}, "allow_cleartext": True}

    async def refuse(_: web.Request) -> web.Response:
        return web.Response(status=401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})

    url = await serve(refuse)
    missing = await ask(url, **settings)
    assert isinstance(missing, Unavailable)
    assert {"path": str(token), "setting": "credentials.token_file", "why": "missing"} == (
        missing.diagnosis or Diagnosis(Cause.UNKNOWN)
    ).details
    token.write_text("secret-token")
    reply = await ask(url, **settings)
    assert isinstance(reply, Reply)
    diagnosis = hl7_outcome(reply).diagnosis
    changed = str(int(token.stat().st_mtime))
    details = {"status": "401", "error": "invalid_token", "path": str(token), "changed_at": changed}
    assert Diagnosis(Cause.CREDENTIALS_REFUSED, details) == diagnosis
    assert "secret-token" not in str(diagnosis)


async def test_token_endpoint(serve: Serve, closed_port: str, tmp_path: Path) -> None:
    """A token endpoint that is down is told with its own address, its cause, and since when."""
    secret = tmp_path / "secret"
    secret.write_text("s3cret")

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=400)

    async def failure_at(url: str) -> Diagnosis:
        credentials = {
            "kind": "oauth2_client_credentials",
            "token_url": f"{url}/DOE",
            "client_id": "hilum",
            "client_secret_file": str(secret),
        }
        failure = await ask("http://127.0.0.1:9", credentials=credentials, allow_cleartext=True)
        assert isinstance(failure, Unavailable)
        assert failure.diagnosis is not None
        assert Cause.CREDENTIALS_ENDPOINT is failure.diagnosis.cause
        assert abs(float(failure.diagnosis.details["since"]) - time.time()) < 60
        assert not {"DOE", "s3cret"} & set(str(failure.diagnosis).split("/"))
        return failure.diagnosis

    down = await failure_at(closed_port)
    assert closed_port.removeprefix("http://") == down.details["address"]
    assert "connection_refused" == down.details["why"]
    assert "400" == (await failure_at(await serve(answer))).details["status"]


async def test_too_many_requests(serve: Serve) -> None:
    """A store that asks to wait is told with the time of the next try."""

    async def answer(_: web.Request) -> web.Response:
        body = {"error": {"status": "RESOURCE_EXHAUSTED"}}
        return web.json_response(body, status=429, headers={"Retry-After": "60"})

    reply = await ask(await serve(answer))
    assert isinstance(reply, Reply)
    diagnosis = hl7_outcome(reply).diagnosis
    assert diagnosis is not None
    assert (Cause.TOO_MANY_REQUESTS, "RESOURCE_EXHAUSTED") == (diagnosis.cause, diagnosis.details["code"])
    assert 0 < float(diagnosis.details["due"]) - time.time() <= 61


async def test_phases_and_clock(listen: Listen) -> None:
    """A store that thinks is told from one that is far away, and its clock is compared with ours."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"message")
        await asyncio.sleep(0.2)
        date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() - 240))
        writer.write(f"HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Length: 2\r\n\r\n".encode())
        await writer.drain()
        await asyncio.sleep(0.2)
        writer.write(b"ok")

    url = await listen(converse)
    async with Client(RestSettings(url=url)) as client:
        assert client.health().phases is None
        assert isinstance(await client.request("POST", url, {}, b"message"), Reply)
        health = client.health()
    assert health.phases is not None
    assert health.phases["wait"] >= 0.19
    assert health.phases["transfer"] >= 0.19
    assert 0 < health.phases["connect"] < 10
    assert health.clock_skew == pytest.approx(240, abs=5)


async def test_given_up(listen: Listen) -> None:
    """A peer that does not wait for a slow store does not hide that it is slow."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    url = await listen(converse)
    async with Client(RestSettings(url=url)) as client:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await client.request("POST", url, {}, b"message")
        phases = client.health().phases
    assert phases is not None
    assert 0.2 < phases["wait"] < 10


def test_destinations_are_measured() -> None:
    """The daemon finds the method at both bases of destinations."""
    from adapters.mllp.client.destination import MllpDestination  # noqa: PLC0415
    from adapters.rest.destination import RestDestination  # noqa: PLC0415

    assert issubclass(RestDestination, Measured)
    assert issubclass(MllpDestination, Measured)


async def observed(store: str, answer: str) -> dict[str, Any]:
    """Send a message through a gateway to *store*; return what the admin port then tells of the destination."""
    started: asyncio.Future[app.Running] = asyncio.get_running_loop().create_future()
    stop, text = asyncio.Event(), relay("kind: mllp, port: 0", store, attempts=1)
    assignment = app.Assignment(admin_token=TOKEN)
    async with asyncio.TaskGroup() as group:
        group.create_task(app.run(parse(text), stop, started.set_result, assignment))
        running = await started
        async with mllp_client(running.ports["in"]) as peer:
            assert answer == code_of(await peer.ask(adt("C1")))
        url, headers = f"http://127.0.0.1:{running.admin_port}/api/v1/observed", {"Authorization": f"Bearer {TOKEN}"}
        async with ClientSession() as client, client.get(url, headers=headers) as reply:
            found: dict[str, Any] = (await reply.json())["destinations"]["out"]
        stop.set()
    return found


async def test_through_a_gateway(closed_port: str, tmp_path: Path) -> None:
    """The cause of a delivery that fails, and how long a store takes, are at the admin port."""
    failing = (await observed(f'kind: http, url: "{closed_port}"', "AR"))["failing"]
    assert "connection_refused" == failing["cause"]
    assert {"address": closed_port.removeprefix("http://")} == failing["details"]
    async with Sandbox(tmp_path) as sandbox:
        seen = await observed(f'kind: hl7v2_store, url: "{sandbox.hl7v2_store_url()}"', "AA")
    assert seen["failing"] is None
    assert seen["phases"]["wait"] > 0
    assert abs(seen["clock_skew"]) < 60

"""Steps of routes in a whole gateway, in both modes."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web

from adapters.dimse.requesting.commands import send
from gateway.contract.sending import Address
from gateway.sandbox.server import Sandbox
from tests.dicom_files import shipped
from tests.mllp_client import adt, code_of, control_id_of, mllp_client
from tests.running import running_gateway

CONFIGURATION = """
listeners: {{in: {{kind: mllp, port: 0, acknowledge: {acknowledge}}}}}
destinations: {{out: {{kind: http, url: "{url}", accept_empty: true, max_attempts: 1}}}}
steps:
  to-mpi: {{kind: edit_hl7v2, set: {{MSH-5: MPI, "PID-3[1].4": HOSP}}, remove: [EVN]}}
  ward: {{kind: edit_hl7v2, map: {{PV1-2: {{values: {{{known}: WARD}}, default: refuse}}}}}}
routes: [{{from: in, via: [to-mpi, ward], to: out}}]
admin: {{port: 0}}
data_dir: {folder}
"""
SENT = adt("C1")
STORED = (
    SENT.replace(b"|HILUM|", b"|MPI|")
    .replace(b"^^^TEST^MR", b"^^^HOSP^MR")
    .replace(b"EVN||20260102030405\r", b"")
    .replace(b"PV1|1|I", b"PV1|1|WARD")
)


class Endpoint:
    """An HTTP endpoint that takes every message and keeps it."""

    def __init__(self) -> None:
        self.url = ""
        self.bodies: list[bytes] = []
        self.changed = asyncio.Event()

    async def take(self, request: web.Request) -> web.Response:
        """Keep the body."""
        self.bodies.append(await request.read())
        self.changed.set()
        return web.Response()

    async def first(self) -> bytes:
        """Return the first message, once it is there."""
        async with asyncio.timeout(60):
            await self.changed.wait()
        return self.bodies[0]


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    """Serve an endpoint."""
    found, application = Endpoint(), web.Application()
    application.router.add_post("/", found.take)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    yield found
    await runner.cleanup()


@asynccontextmanager
async def gateway(endpoint: Endpoint, folder: Path, acknowledge: str, known: str = "I") -> AsyncIterator[int]:
    """Run a gateway whose second step knows the patient class *known* only; yield the listener's port."""
    text = CONFIGURATION.format(acknowledge=acknowledge, url=endpoint.url, known=known, folder=folder)
    (folder / "hilum.yaml").write_text(text)
    async with running_gateway(text) as running:
        yield running.ports["in"]


@pytest.mark.parametrize("acknowledge", ["relay", "commit"])
async def test_changed_on_the_way(endpoint: Endpoint, tmp_path: Path, acknowledge: str) -> None:
    """The store gets what the steps make of a message; its sender's answer names the message that it sent."""
    async with gateway(endpoint, tmp_path, acknowledge) as port, mllp_client(port) as client:
        answer = await client.ask(SENT)
        assert STORED == await endpoint.first()
    assert ("AA", "C1") == (code_of(answer), control_id_of(answer))


async def test_refused_in_relay(endpoint: Endpoint, tmp_path: Path) -> None:
    """What a step refuses is answered AE with the step and its reason, and reaches no store."""
    async with gateway(endpoint, tmp_path, "relay", known="O") as port, mllp_client(port) as client:
        answer = await client.ask(SENT)
    assert "AE" == code_of(answer)
    assert b"step ward: " in answer
    assert [] == endpoint.bodies


async def spool(folder: Path, action: str, *words: str) -> tuple[int, bytes, str]:
    """Run a command of ``hilum spool``; return its status and what it printed."""
    pipe, command = asyncio.subprocess.PIPE, ("-m", "gateway", "spool", action, str(folder / "hilum.yaml"), *words)
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=pipe, stderr=pipe)
    out, err = await process.communicate()
    return process.returncode or 0, out, err.decode()


async def parked(folder: Path) -> dict[str, str]:
    """Return the only entry that is parked, once there is one."""
    printed = b""
    async with asyncio.timeout(120):
        while not printed:
            status, printed, error = await spool(folder, "list", "--json", "--state", "parked")
            assert (0, "") == (status, error)
    found: dict[str, str] = json.loads(printed)
    return found


@pytest.mark.slow
async def test_a_mapping_is_mended(endpoint: Endpoint, tmp_path: Path) -> None:
    """A message that a wrong mapping refuses is parked as received; mended and retried, it is stored changed."""
    async with gateway(endpoint, tmp_path, "commit", known="O") as port, mllp_client(port) as client:
        assert "AA" == code_of(await client.ask(SENT))
        record = await parked(tmp_path)
    assert record["reason"].startswith("step ward: ")
    entry = record["id"]
    async with gateway(endpoint, tmp_path, "commit", known="I"):
        assert (0, SENT, "") == await spool(tmp_path, "show", entry, "--payload")
        assert (0, STORED, "") == await spool(tmp_path, "show", entry, "--payload", "--after-steps")
        assert (0, b"retried: 1\n", "") == await spool(tmp_path, "retry", entry)
        assert STORED == await endpoint.first()


@pytest.mark.slow
async def test_what_a_step_refuses_cannot_be_shown(endpoint: Endpoint, tmp_path: Path) -> None:
    """``--after-steps`` says why there is nothing to show, and belongs to ``--payload``."""
    async with gateway(endpoint, tmp_path, "commit", known="O") as port, mllp_client(port) as client:
        await client.ask(SENT)
        entry = (await parked(tmp_path))["id"]
        for words, status, said in (
            (["--payload", "--after-steps"], 1, "hilum: step ward: "),
            (["--after-steps"], 2, "hilum: --after-steps: has no effect without --payload; add --payload"),
        ):
            ended, _, errors = await spool(tmp_path, "show", entry, *words)
            assert (status, True) == (ended, errors.startswith(said))


async def test_fields_of_the_message(endpoint: Endpoint, tmp_path: Path) -> None:
    """A route may ask for any field; what has another value goes no way."""
    text = CONFIGURATION.format(acknowledge="relay", url=endpoint.url, known="I", folder=tmp_path)
    text = text.replace("via: [to-mpi, ward]", "when: {PV1-2: I, message_type: ADT^*}")
    async with running_gateway(text) as running, mllp_client(running.ports["in"]) as client:
        assert "AA" == code_of(await client.ask(SENT))
        assert "AR" == code_of(await client.ask(SENT.replace(b"PV1|1|I", b"PV1|1|O")))
    assert [SENT] == endpoint.bodies


async def test_validated(endpoint: Endpoint, tmp_path: Path) -> None:
    """A message with a mistake is refused, and the NACK says in which field; a right one is stored as it is."""
    text = f"""
listeners: {{in: {{kind: mllp, port: 0}}}}
destinations: {{out: {{kind: http, url: "{endpoint.url}", accept_empty: true}}}}
steps: {{valid: {{kind: validate_hl7v2, level: refuse}}}}
routes: [{{from: in, via: [valid], to: out}}]
admin: {{port: 0}}
data_dir: {tmp_path}
"""
    wrong = SENT.replace(b"EVN||20260102030405", b"EVN||yesterday")
    async with running_gateway(text) as running, mllp_client(running.ports["in"]) as client:
        assert "AA" == code_of(await client.ask(SENT))
        answer = await client.ask(wrong)
    assert "AE" == code_of(answer)
    assert b"\rERR||EVN^1^2^1^1|102^" in answer
    assert [SENT] == endpoint.bodies


@pytest.mark.parametrize("acknowledge", ["relay", "commit"])
async def test_instance(tmp_path: Path, acknowledge: str) -> None:
    """An instance is routed by an element, edited while it streams, and the store has the edited one."""
    async with Sandbox(tmp_path / "stores") as sandbox:
        text = f"""
listeners: {{in: {{kind: dimse, port: 0, acknowledge: {acknowledge}}}}}
destinations: {{out: {{kind: dicomweb, url: "{sandbox.dicom_web_url()}"}}}}
steps: {{tidy: {{kind: edit_dicom, set: {{IssuerOfPatientID: HOSP}}, remove: [PatientBirthDate]}}}}
routes: [{{from: in, when: {{Modality: CT}}, via: [tidy], to: out}}]
admin: {{port: 0}}
data_dir: {tmp_path}
"""
        async with running_gateway(text) as running:
            address = Address("127.0.0.1", running.ports["in"], "HILUM")
            paths = [shipped("CT_small.dcm"), shipped("MR_small.dcm")]
            answers = [each.answer async for each in send(address, paths)]
            assert ["0000", "0122"] == answers
            (stored,) = await instances(sandbox.dicom_web_url())
    assert ("HOSP", "1CT1") == (stored["00100021"]["Value"][0], stored["00100020"]["Value"][0])
    assert "Value" not in stored.get("00100030", {})


async def instances(url: str) -> list[dict[str, Any]]:
    """Return what the store has, once it has something."""
    async with asyncio.timeout(60), ClientSession() as client:
        while True:
            async with client.get(f"{url}/instances?includefield=all") as reply:
                found: list[dict[str, Any]] = await reply.json(content_type=None) if reply.status == 200 else []
            if found:
                return found
            await asyncio.sleep(0.05)

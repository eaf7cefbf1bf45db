"""The step `deidentify` in a whole gateway: relay and commit, MLLP and DIMSE, two stores side by side."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import StringIO
from pathlib import Path

import pydicom
import pytest
from aiohttp import ClientSession, web

from adapters.dimse.requesting.commands import send
from gateway.cli.main import main
from gateway.config.loading import parse
from gateway.contract.errors import ConfigError
from gateway.contract.sending import Address
from gateway.sandbox.server import Sandbox
from gateway.telemetry import log
from tests.adapters.deidentify.hl7v2.scanner import leaks
from tests.adapters.deidentify.hl7v2.support import message
from tests.dicom_files import shipped
from tests.gateway.test_steps import instances, parked, spool
from tests.mllp_client import code_of, control_id_of, mllp_client
from tests.running import running_gateway

SENT = message("OBX|1|NM|2345-7^Glucose^LN||99", "NTE|1||Smith is well", "ZPV|Smith")
NAMES = ("Smith", "Quincy", "Smythe", "4815162", "19540307", "Elm Road", "555-0199", "ACC-7781", "123-45-6789")

STEP = """
steps:
  anonymous: {{kind: deidentify, key_file: {folder}/research.key, default_domain: hospital}}
domains:
  hospital: {{hl7v2: [HOSP], dicom: [HOSP]}}
admin: {{port: 0}}
data_dir: {folder}
"""


class Store:
    """An HTTP endpoint that keeps what it gets and acknowledges it as an HL7v2 application does."""

    def __init__(self) -> None:
        self.url = ""
        self.bodies: list[bytes] = []
        self.changed = asyncio.Event()
        self.code = "AA"

    async def take(self, request: web.Request) -> web.Response:
        """Keep the message; answer with an acknowledgement that names its control ID."""
        body = await request.read()
        self.bodies.append(body)
        self.changed.set()
        control_id = body.split(b"|")[9].decode()
        reply = f"MSH|^~\\&|STORE|S|LAB|HOSP|20240301||ACK|A1|P|2.5.1\rMSA|{self.code}|{control_id}\r"
        return web.Response(text=reply, content_type="x-application/hl7-v2+er7")

    async def first(self) -> str:
        """Return the first message, once it is there."""
        async with asyncio.timeout(60):
            await self.changed.wait()
        return self.bodies[0].decode()


@asynccontextmanager
async def serving() -> AsyncIterator[Store]:
    """Serve a store."""
    found, application = Store(), web.Application()
    application.router.add_post("/", found.take)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    yield found
    await runner.cleanup()


@pytest.fixture
async def research() -> AsyncIterator[Store]:
    """Serve the store of the researchers."""
    async with serving() as found:
        yield found


@pytest.fixture
async def identified() -> AsyncIterator[Store]:
    """Serve the store of the hospital."""
    async with serving() as found:
        yield found


@pytest.fixture
def logged() -> StringIO:
    """Return what the gateway logs, at the level debug."""
    stream = StringIO()
    log.configure(level="debug", stream=stream)
    return stream


@pytest.fixture(autouse=True)
def key(tmp_path: Path) -> None:
    """Write the key of the step."""
    (tmp_path / "research.key").write_text("5a" * 32)
    (tmp_path / "research.key").chmod(0o600)


def mllp_to(research: Store, folder: Path, acknowledge: str) -> str:
    """Return a configuration with the step in the route."""
    return (
        f"listeners: {{in: {{kind: mllp, port: 0, acknowledge: {acknowledge}}}}}\n"
        f'destinations: {{research: {{kind: http, url: "{research.url}", max_attempts: 1}}}}\n'
        "routes: [{from: in, via: [anonymous], to: research}]" + STEP.format(folder=folder)
    )


async def metrics(port: int) -> str:
    """Return the metrics."""
    async with ClientSession() as client, client.get(f"http://127.0.0.1:{port}/metrics") as reply:
        return await reply.text()


@pytest.mark.parametrize("acknowledge", ["relay", "commit"])
async def test_mllp(research: Store, logged: StringIO, tmp_path: Path, acknowledge: str) -> None:
    """The store gets nothing of the patient; the sender's answer names the message that it sent."""
    async with running_gateway(mllp_to(research, tmp_path, acknowledge)) as running:
        async with mllp_client(running.ports["in"]) as client:
            answer = await client.ask(SENT)
        stored = await research.first()
        text = await metrics(running.admin_port)
    assert not leaks(SENT.decode(), stored)
    assert "Glucose" in stored
    assert ("AA", "C77") == (code_of(answer), control_id_of(answer))
    assert stored.split("|")[9].encode() not in answer
    assert not [name for name in NAMES if name in logged.getvalue() + text]
    assert 'hilum_deidentified_messages_total{result="transformed",step="anonymous"} 1' in text


async def test_refusal_of_the_store(research: Store, tmp_path: Path) -> None:
    """A store that refuses the message is heard, but not with the control ID that it knows."""
    research.code = "AE"
    async with (
        running_gateway(mllp_to(research, tmp_path, "relay")) as running,
        mllp_client(running.ports["in"]) as client,
    ):
        answer = await client.ask(SENT)
    assert ("AE", "C77") == (code_of(answer), control_id_of(answer))
    assert research.bodies[0].split(b"|")[9] not in answer


async def test_held_back(research: Store, logged: StringIO, tmp_path: Path) -> None:
    """A message that cannot be de-identified reaches no store; its sender hears why, without a word of it."""
    unknown = SENT.replace(b"^^^HOSP", b"^^^ELSE")
    async with (
        running_gateway(mllp_to(research, tmp_path, "relay")) as running,
        mllp_client(running.ports["in"]) as client,
    ):
        answer = await client.ask(unknown)
        text = await metrics(running.admin_port)
    assert "AE" == code_of(answer)
    assert b"step anonymous" in answer
    assert research.bodies == []
    assert not [name for name in (*NAMES, "ELSE") if name in logged.getvalue() + text]
    assert 'hilum_deidentified_messages_total{result="held_back",step="anonymous"} 1' in text


async def test_side_by_side(identified: Store, research: Store, tmp_path: Path) -> None:
    """One store gets the message as it is, the other only through its own step."""
    text = (
        "listeners: {in: {kind: mllp, port: 0, acknowledge: commit}}\n"
        f'destinations:\n  clinic: {{kind: http, url: "{identified.url}"}}\n'
        f'  research: {{kind: http, url: "{research.url}", via: [anonymous]}}\n'
        "routes: [{from: in, to: [clinic, research]}]" + STEP.format(folder=tmp_path)
    )
    async with running_gateway(text) as running, mllp_client(running.ports["in"]) as client:
        assert "AA" == code_of(await client.ask(SENT))
        assert SENT.decode() == await identified.first()
        stored = await research.first()
    assert not leaks(SENT.decode(), stored)
    assert "Glucose" in stored


@pytest.mark.parametrize("acknowledge", ["relay", "commit"])
async def test_dimse(logged: StringIO, tmp_path: Path, acknowledge: str) -> None:
    """An instance is stored under its new UID, with nothing of the patient."""
    async with Sandbox(tmp_path / "stores") as sandbox:
        text = (
            f"listeners: {{in: {{kind: dimse, port: 0, acknowledge: {acknowledge}}}}}\n"
            f'destinations: {{research: {{kind: dicomweb, url: "{sandbox.dicom_web_url()}", via: [anonymous]}}}}\n'
            "routes: [{from: in, to: research}]" + STEP.format(folder=tmp_path)
        )
        async with running_gateway(text) as running:
            address = Address("127.0.0.1", running.ports["in"], "HILUM")
            assert ["0000"] == [each.answer async for each in send(address, [shipped("CT_small.dcm")])]
            (stored,) = await instances(sandbox.dicom_web_url())
            measured = await metrics(running.admin_port)
    said = json.dumps(stored)
    before = pydicom.dcmread(shipped("CT_small.dcm"))
    for value in (before.PatientName, before.PatientID, before.SOPInstanceUID, before.StudyInstanceUID):
        assert str(value) not in said
    assert "1CT1" not in logged.getvalue() + measured
    assert "CompressedSamples" not in logged.getvalue() + measured


async def test_instance_held_back(tmp_path: Path) -> None:
    """An ultrasound image may show text: it is refused and reaches no store."""
    async with Sandbox(tmp_path / "stores") as sandbox:
        text = (
            "listeners: {in: {kind: dimse, port: 0}}\n"
            f'destinations: {{research: {{kind: dicomweb, url: "{sandbox.dicom_web_url()}", via: [anonymous]}}}}\n'
            "routes: [{from: in, to: research}]" + STEP.format(folder=tmp_path)
        )
        async with running_gateway(text) as running:
            address = Address("127.0.0.1", running.ports["in"], "HILUM")
            paths = [shipped("examples_palette.dcm"), shipped("CT_small.dcm")]
            assert ["C000", "0000"] == [each.answer async for each in send(address, paths)]
            assert 1 == len(await instances(sandbox.dicom_web_url()))


@pytest.mark.parametrize(
    ("destination", "problem"),
    [
        ("via: [nobody]", "destinations.research.via: there is no step 'nobody'; there is anonymous"),
        ("via: [pixels]", "destinations.research.via: a edit_dicom step cannot take what a mllp listener receives"),
    ],
)
def test_steps_of_a_destination(tmp_path: Path, destination: str, problem: str) -> None:
    """A step that is not there, or cannot take the format, is a mistake of the configuration."""
    text = (
        "listeners: {in: {kind: mllp, port: 0}}\n"
        f'destinations: {{research: {{kind: http, url: "http://127.0.0.1:1/", {destination}}}}}\n'
        "routes: [{from: in, to: research}]" + STEP.format(folder=tmp_path)
    )
    if "pixels" in destination:
        text = text.replace("steps:\n", "steps:\n  pixels: {kind: edit_dicom, remove: [PatientName]}\n")
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert any(problem in each for each in caught.value.problems)


def test_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`hilum check` says where a domain is named that is not there."""
    path = tmp_path / "hilum.yaml"
    text = (
        "listeners: {in: {kind: mllp, port: 0}}\n"
        'destinations: {research: {kind: http, url: "http://127.0.0.1:1/", via: [anonymous]}}\n'
        "routes: [{from: in, to: research}]" + STEP.format(folder=tmp_path)
    )
    path.write_text(text)
    assert 0 == main(["check", str(path)])
    path.write_text(text.replace("default_domain: hospital", "default_domain: clinic"))
    assert 2 == main(["check", str(path)])
    said = capsys.readouterr().err
    assert ":5:" in said
    assert "steps.anonymous.default_domain: there is no domain 'clinic'; `domains` has hospital" in said


async def test_shown_after_steps(research: Store, tmp_path: Path) -> None:
    """`hilum spool show --after-steps` shows what the store would get, with the steps of the destination."""
    text = mllp_to(research, tmp_path, "commit").replace("max_attempts: 1", "max_attempts: 1, via: [anonymous]")
    text = text.replace("via: [anonymous], to: research", "to: research")
    (tmp_path / "hilum.yaml").write_text(text)
    unknown = SENT.replace(b"^^^HOSP", b"^^^ELSE")
    async with running_gateway(text) as running, mllp_client(running.ports["in"]) as client:
        assert "AA" == code_of(await client.ask(unknown))
        record = await parked(tmp_path)
    assert "held back" in record["reason"]
    assert not [name for name in NAMES if name in json.dumps(record)]
    status, shown, said = await spool(tmp_path, "show", record["id"], "--payload", "--after-steps")
    assert (1, b"") == (status, shown)
    assert "step anonymous" in said
    mended = text.replace("hl7v2: [HOSP]", "hl7v2: [HOSP, ELSE]")
    (tmp_path / "hilum.yaml").write_text(mended)
    status, shown, _ = await spool(tmp_path, "show", record["id"], "--payload", "--after-steps")
    assert status == 0
    assert not leaks(SENT.decode(), shown.decode())
    assert b"Glucose" in shown

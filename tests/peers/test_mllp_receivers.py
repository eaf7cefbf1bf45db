"""Foreign receivers behind a real gateway: each message is handled once, in relay mode and in commit mode."""

import asyncio
import ssl
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from tests.adapters.mllp.client.receiver import ack, control_id, receiving
from tests.certificates import Authority
from tests.mllp_client import adt, code_of, control_id_of, mllp_client
from tests.peers.gateway import MODES
from tests.peers.programs import (
    PYTHON_PEERS,
    PYTHON_SCRIPTS,
    Command,
    needs_node,
    needs_python_peers,
    node,
    running,
    until_listening,
)
from tests.ports import free_port
from tests.processes import HilumProcess, serving

pytestmark = pytest.mark.slow
MESSAGES = 200


def python(script: str) -> Callable[[int], Command]:
    """Return the command of a receiver that the tests' own environment can run."""
    return lambda port: (sys.executable, PYTHON_SCRIPTS / script, port)


RECEIVERS: dict[str, tuple[Callable[[int], Command], str]] = {
    "python-hl7": (python("python_hl7_receiver.py"), "auto"),
    "hl7apy": (python("hl7apy_receiver.py"), "never"),
    "hl7apy, found out": (python("hl7apy_receiver.py"), "auto"),
    "txHL7": (lambda port: (PYTHON_PEERS / "python", PYTHON_SCRIPTS / "txhl7_receiver.py", port), "auto"),
    # It never empties its buffer: what came before on a connection is handled again with each message.
    "node-hl7-server": (lambda port: node("node_hl7_server.js", port), "never"),
    "@medplum/hl7": (lambda port: node("medplum_hl7_server.js", port), "auto"),
    "simple-hl7": (lambda port: node("simple_hl7_server.js", port), "auto"),
}
NEEDS = {
    "txHL7": needs_python_peers,
    "node-hl7-server": needs_node,
    "@medplum/hl7": needs_node,
    "simple-hl7": needs_node,
}


def configuration(folder: Path, port: int, reuse: str = "auto", more: str = "") -> str:
    """Return a gateway that sends what it receives to *port*."""
    return f"""
listeners:
  relay: {{kind: mllp, port: 0}}
  commit: {{kind: mllp, port: 0, acknowledge: commit}}
destinations:
  lab: {{kind: mllp, host: 127.0.0.1, port: {port}, reuse: {reuse}{more}}}
routes: [{{from: relay, to: lab}}, {{from: commit, to: lab}}]
data_dir: "{folder / "data"}"
spool: {{min_free_bytes: 0}}
admin: {{port: 0}}
drain_seconds: 5
"""


async def send(port: int, control_ids: Sequence[str], *, again: bool = False) -> None:
    """Send messages one by one; with *again* until each is accepted, as a hospital system does."""
    async with mllp_client(port) as client:
        for name in control_ids:
            answer = await client.ask(adt(name))
            while again and code_of(answer) == "AR":
                answer = await client.ask(adt(name))
            assert ("AA", name) == (code_of(answer), control_id_of(answer))


def control_ids_of(mode: str) -> list[str]:
    """Return control IDs for a mode, and a last one: behind it, a repeat of the one before would have been seen."""
    return [*(f"{mode}-{number}" for number in range(MESSAGES)), f"{mode}-last"]


async def until_handled(said: Callable[[], Sequence[str]], control_ids: Sequence[str]) -> list[str]:
    """Wait until each was handled; return what was handled."""
    wanted = set(control_ids)
    async with asyncio.timeout(120):
        while not wanted <= set(said()):
            await asyncio.sleep(0.05)
    return [each for each in said() if each in wanted]


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=NEEDS[name]) if name in NEEDS else name for name in RECEIVERS]
)
async def test_receiver(name: str, tmp_path: Path) -> None:
    """Each of 200 messages is handled once, and in their order."""
    command, reuse = RECEIVERS[name]
    port = free_port()
    async with running(*command(port), folder=tmp_path) as said:
        await until_listening(port)
        async with serving(tmp_path, configuration(tmp_path, port, reuse)) as (_, ports):
            for mode in MODES:
                control_ids = control_ids_of(mode)
                await send(ports[mode], control_ids, again=True)
                assert control_ids == await until_handled(lambda: said, control_ids)


@needs_node
async def test_repeats_are_found_out(tmp_path: Path) -> None:
    """With the default, node-hl7-server handles each message once behind the second sign that it repeats old ones."""
    port = free_port()
    async with running(*node("node_hl7_server.js", port), folder=tmp_path) as said:
        await until_listening(port)
        async with serving(tmp_path, configuration(tmp_path, port)) as (_, ports):
            for mode in MODES:
                control_ids = control_ids_of(mode)
                await send(ports[mode], control_ids, again=True)
                handled = await until_handled(lambda: said, control_ids)
                assert control_ids == list(dict.fromkeys(handled))
                repeated = [name for name, times in Counter(handled).items() if times > 1]
                assert repeated == (control_ids[:2] if mode == MODES[0] else [])


@asynccontextmanager
async def acknowledging_endpoint() -> AsyncIterator[tuple[str, list[str]]]:
    """Serve an HTTP endpoint that answers each HL7 message; yield its address and the control IDs."""
    handled: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        block = await request.read()
        handled.append(control_id(block))
        return web.Response(body=ack(block)[1:-2])

    application = web.Application()
    application.router.add_post("/", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/", handled
    finally:
        await runner.cleanup()


@needs_python_peers
async def test_mllp_http(tmp_path: Path) -> None:
    """mllp2http, which sends its answers in two segments, handles each message once."""
    port = free_port()
    async with acknowledging_endpoint() as (url, handled):
        command = PYTHON_PEERS / "mllp2http", "--host", "127.0.0.1", "--port", port, url
        async with running(*command, folder=tmp_path):
            await until_listening(port)
            async with serving(tmp_path, configuration(tmp_path, port)) as (_, ports):
                for mode in MODES:
                    control_ids = control_ids_of(mode)
                    await send(ports[mode], control_ids)
                    assert control_ids == await until_handled(lambda: handled, control_ids)


def tls_of(authority: Authority, version: ssl.TLSVersion) -> ssl.SSLContext:
    """Return the context of a receiver that demands a certificate."""
    pair = authority.issue("receiver")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = version
    context.load_cert_chain(pair.certificate, pair.key)
    context.load_verify_locations(authority.certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


@pytest.mark.parametrize("version", VERSIONS)
async def test_tls(version: ssl.TLSVersion, tmp_path: Path) -> None:
    """A receiver that demands a client certificate of OpenSSL's TLS 1.2 or 1.3 gets each message once."""
    authority = Authority(tmp_path)
    own = authority.issue("hilum", key=2)
    more = f", tls: {{ca_file: {authority.certificate}, certificate_file: {own.certificate}, key_file: {own.key}}}"
    async with (
        receiving(tls=tls_of(authority, version)) as receiver,
        serving(tmp_path, configuration(tmp_path, receiver.port, more=more)) as (_, ports),
    ):
        for mode in MODES:
            control_ids = control_ids_of(mode)
            await send(ports[mode], control_ids)
            assert control_ids == await until_handled(lambda: receiver.ids, control_ids)
    assert {1} == set(Counter(receiver.ids).values())


async def refused(gateway: HilumProcess, port: int) -> str:
    """Send a message that cannot be delivered; return the reason that the gateway logs."""
    async with mllp_client(port) as client:
        assert "AR" == code_of(await client.ask(adt("C1")))
    return str((await gateway.logged("delivery_failed"))["reason"])


async def test_missing_certificate(tmp_path: Path) -> None:
    """A receiver that wants a client certificate is named as the cause in TLS 1.3, which tells it late."""
    authority = Authority(tmp_path)
    more = f", tls: {{ca_file: {authority.certificate}}}"
    async with (
        receiving(tls=tls_of(authority, ssl.TLSVersion.TLSv1_3)) as receiver,
        serving(tmp_path, configuration(tmp_path, receiver.port, more=more)) as (gateway, ports),
    ):
        assert "certificate" in await refused(gateway, ports["relay"])
    assert [] == receiver.blocks


@pytest.mark.parametrize(("behind", "codes"), [(None, ["CA"]), ("AA", ["AA", "CA"]), ("AE", ["AE", "CA"])])
async def test_only_the_application_is_asked(behind: str | None, codes: list[str], tmp_path: Path) -> None:
    """A sender that asks for the application acknowledgement alone gets the receiver's own behind a CA, or none."""
    message = adt("C1").replace(b"|P|2.5.1", b"|P|2.5.1|||NE|AL")

    def answer(block: bytes) -> bytes:
        has_more = behind is not None and control_id(block) == "C1"
        return ack(block, "CA") + (ack(block, str(behind)) if has_more else b"")

    async with (
        receiving(answer) as receiver,
        serving(tmp_path, configuration(tmp_path, receiver.port, more=", application_seconds: 0.2")) as (_, ports),
        mllp_client(ports["relay"]) as client,
    ):
        for each in (message, adt("C2")):
            client.writer.write(b"\x0b" + each + b"\x1c\r")
        answers = [await client.answer() for _ in codes]
    assert codes == [code_of(each) for each in answers]
    assert "C2" == control_id_of(answers[-1])

"""What a whole gateway has observed of its peers, as it tells the supervisor."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from gateway import app
from gateway.config.loading import parse
from gateway.contract.observed import PeerSeen
from gateway.sandbox.server import Sandbox
from tests.adapters.dimse.raw_peer import RawPeer
from tests.certificates import Authority
from tests.mllp_client import adt, code_of, mllp_client
from tests.old_hello import ALERT_OF_VERSION, old_hello

LAB = ("lab", "TEST|WARD")
TOKEN = "a-token-that-the-supervisor-has"


class Gateway:
    """A worker of a gateway that runs in this process."""

    def __init__(self, running: app.Running, session: ClientSession) -> None:
        self.ports = running.ports
        self.admin_port = running.admin_port
        self._session = session

    async def peers(self) -> dict[tuple[str, str], PeerSeen]:
        """Return what was observed, by listener and peer."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        url = f"http://127.0.0.1:{self.admin_port}/api/v1/observed"
        async with self._session.get(url, headers=headers) as response:
            assert response.status == 200
            return {(each["listener"], each["peer"]): each for each in (await response.json())["peers"]}

    async def until(self, condition: Callable[[dict[tuple[str, str], PeerSeen]], object]) -> Any:
        """Return the peers once *condition* holds."""
        async with asyncio.timeout(60):
            while not condition(peers := await self.peers()):
                await asyncio.sleep(0.05)
        return peers


@asynccontextmanager
async def running(text: str) -> AsyncIterator[Gateway]:
    """Run a gateway as a worker runs it."""
    started: asyncio.Future[app.Running] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    assignment = app.Assignment(admin_token=TOKEN)
    task = asyncio.create_task(app.run(parse(text), stop, started.set_result, assignment))
    while not started.done():
        if task.done():
            await task
        await asyncio.sleep(0.01)
    try:
        async with ClientSession() as session:
            yield Gateway(started.result(), session)
    finally:
        stop.set()
        await task


def configuration(tmp_path: Path, store: str, tls: str = "") -> str:
    """Return a configuration with two listeners; *tls* is that of the one for HL7."""
    return f"""
data_dir: "{tmp_path / "d"}"
admin: {{port: 0}}
drain_seconds: 1
listeners:
  lab: {{kind: mllp, port: 0, acknowledge: commit{tls}}}
  modalities: {{kind: dimse, port: 0}}
destinations:
  store: {{kind: hl7v2_store, url: "{store}"}}
  images: {{kind: dicomweb, url: "http://127.0.0.1:1/"}}
routes:
  - {{from: lab, to: store}}
  - {{from: modalities, to: images}}
"""


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    """Run a store."""
    async with Sandbox(tmp_path / "s") as sandbox:
        yield sandbox


async def test_peers(tmp_path: Path, sandbox: Sandbox) -> None:
    """Messages, duplicates and open connections are counted by peer; a wrong AE title is noticed."""
    async with running(configuration(tmp_path, sandbox.hl7v2_store_url())) as gateway:
        async with mllp_client(gateway.ports["lab"]):
            pass  # a probe
        async with mllp_client(gateway.ports["lab"]) as peer:
            for control_id in ("1", "2", "2"):
                assert code_of(await peer.ask(adt(control_id))) == "AA"
            scanner = await RawPeer.connect(gateway.ports["modalities"])
            await scanner.associate(called="HILUM1", calling="MR3")
            peers = await gateway.until(lambda found: LAB in found and found[LAB]["messages"] == 3)
            scanner.vanish()
        assert set(peers) == {LAB, ("modalities", "MR3")}
        lab = peers[LAB]
        assert (lab["stored"], lab["duplicates"], lab["connections"], lab["address"]) == (3, 1, 1, "127.0.0.1")
        assert [each["cause"] for each in lab["notices"]] == ["duplicates"]
        (notice,) = peers["modalities", "MR3"]["notices"]
        assert (notice["cause"], notice["count"]) == ("called_ae_title", 1)
        assert (notice["details"]["called"], notice["details"]["ours"]) == ("HILUM1", "HILUM")
        await gateway.until(lambda found: found[LAB]["connections"] == 0)


async def test_peer_without_certificate(tmp_path: Path, sandbox: Sandbox) -> None:
    """A peer that shows no certificate hears why, and operators read which authority is taken."""
    authority = Authority(tmp_path)
    pair = authority.issue("server")
    tls = f', tls: {{certificate_file: "{pair.certificate}", key_file: "{pair.key}", client_auth: required, '
    tls += f'client_ca_file: "{authority.certificate}"}}'
    async with running(configuration(tmp_path, sandbox.hl7v2_store_url(), tls)) as gateway:
        async with mllp_client(gateway.ports["lab"], authority.client()) as peer:
            with pytest.raises(ssl.SSLError) as caught:
                await peer.ask(adt("1"))
        assert caught.value.reason == "TLSV13_ALERT_CERTIFICATE_REQUIRED"
        peers = await gateway.until(lambda found: found)
    (notice,) = peers["lab", "127.0.0.1"]["notices"]
    assert (notice["cause"], notice["details"]) == (
        "peer_certificate",
        {"why": "none", "authorities": "hospital CA"},
    )


async def test_every_port_tells(tmp_path: Path) -> None:
    """A peer whose handshake fails hears why from each sort of listener, and from the admin port."""
    pair = Authority(tmp_path).issue("server")
    tls = f'tls: {{certificate_file: "{pair.certificate}", key_file: "{pair.key}"}}'
    text = f"""
admin: {{port: 0, {tls}}}
drain_seconds: 1
listeners:
  lab: {{kind: mllp, port: 0, {tls}}}
  modalities: {{kind: dimse, port: 0, {tls}}}
  app: {{kind: http, accepts: fhir, port: 0, {tls}}}
destinations:
  store: {{kind: http, url: "http://127.0.0.1:1/"}}
  images: {{kind: dicomweb, url: "http://127.0.0.1:1/"}}
  resources: {{kind: fhir_store, url: "http://127.0.0.1:1/fhir"}}
routes:
  - {{from: lab, to: store}}
  - {{from: modalities, to: images}}
  - {{from: app, to: resources}}
"""
    async with running(text) as gateway:
        for port in (*gateway.ports.values(), gateway.admin_port):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(old_hello())
            heard = await asyncio.wait_for(reader.read(), 60)
            assert (heard[:1], heard[-2:]) == (b"\x15", ALERT_OF_VERSION)
            writer.close()
    assert len(gateway.ports) == 3

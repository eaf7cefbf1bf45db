"""``hilum send`` and ``hilum echo`` as processes of their own: over TLS, to Orthanc, and many instances many times."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from adapters.dimse.requesting.reasons import WITHOUT_A_WORD
from adapters.dimse.requesting.sender import echo, send
from gateway.contract.connecting import CLOSED_BEHIND_HANDSHAKE, WANTS_CERTIFICATE
from gateway.contract.sending import Address
from gateway.sandbox.server import Sandbox
from tests.certificates import Authority
from tests.dicom_files import make_series, shipped, sop_instance_uid
from tests.mllp_client import adt
from tests.peers.orthanc import needs_orthanc, running_orthanc
from tests.ports import free_port
from tests.processes import serving

HERE = "127.0.0.1"
ROUNDS = int(os.environ.get("HILUM_SENDS", "1"))
"""How often the many instances are sent; `make test-sends` does it 40 times."""
BURNERS = int(os.environ.get("HILUM_BURNERS", "0"))
"""Processes that keep the machine busy meanwhile."""
INSTANCES = 600
needs_storescp = pytest.mark.skipif(shutil.which("storescp") is None, reason="DCMTK is not installed: no storescp")


async def run(*arguments: str | int | Path) -> tuple[int, list[list[str]], str]:
    """Run ``hilum``; return its exit status, the words of each line of stdout, and stderr."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", *map(str, arguments), stdout=pipe, stderr=pipe
    )
    out, err = await process.communicate()
    return process.returncode or 0, [line.split() for line in out.decode().splitlines()], err.decode()


@asynccontextmanager
async def gateway(folder: Path, tls: Mapping[str, Any] | None = None) -> AsyncIterator[Mapping[str, int]]:
    """Run ``hilum serve`` with listeners of both kinds in front of the sandbox's stores; yield their ports."""
    secure = "" if tls is None else ", tls: {" + ", ".join(f"{key}: {value}" for key, value in tls.items()) + "}"
    async with Sandbox(folder / "stores") as stores:
        text = f"""
listeners:
  hl7: {{kind: mllp, port: 0{secure}}}
  dicom: {{kind: dimse, port: 0{secure}}}
destinations:
  messages: {{kind: hl7v2_store, url: "{stores.hl7v2_store_url()}"}}
  instances: {{kind: dicomweb, url: "{stores.dicom_web_url()}"}}
routes: [{{from: hl7, to: messages}}, {{from: dicom, to: instances}}]
data_dir: {folder / "data"}
admin: {{port: 0}}
drain_seconds: 1
"""
        async with serving(folder, text) as (_, ports):
            yield ports


def files(folder: Path) -> tuple[Path, Path]:
    """Return a message and an instance."""
    message = folder / "a.hl7"
    message.write_bytes(adt("C1"))
    return message, shipped("CT_small.dcm")


def mutual(authority: Authority) -> dict[str, Any]:
    """Return the settings of a listener that wants to see a certificate."""
    pair = authority.issue("server")
    return {
        "certificate_file": pair.certificate,
        "key_file": pair.key,
        "client_auth": "required",
        "client_ca_file": authority.certificate,
    }


@pytest.mark.slow
async def test_tls(tmp_path: Path) -> None:
    """All three commands speak TLS with a listener that demands a certificate, and verify its own."""
    authority = Authority(tmp_path)
    pair, (message, instance) = authority.issue("client", key=2), files(tmp_path)
    shown = ("--tls-certificate-file", pair.certificate, "--tls-key-file", pair.key)
    own = ("--tls-ca-file", authority.certificate, *shown)
    async with gateway(tmp_path, mutual(authority)) as ports:
        dicom = f"HILUM@{HERE}:{ports['dicom']}"
        found = [
            await run("send", "hl7", f"{HERE}:{ports['hl7']}", message, *own),
            await run("send", "dicom", dicom, instance, *own),
            await run("echo", dicom, *own),
            await run("echo", dicom, "--tls-server-name", "localhost", *own),
        ]
    assert [(0, "AA"), (0, "0000"), (0, "0000"), (0, "0000")] == [(status, lines[0][0]) for status, lines, _ in found]


@pytest.mark.slow
async def test_tls_without_what_the_peer_demands(tmp_path: Path) -> None:
    """Who shows no certificate, knows another CA or expects another name is told so; so is who speaks no TLS."""
    authority, (message, _) = Authority(tmp_path), files(tmp_path)
    own = ("--tls-ca-file", authority.certificate)
    async with gateway(tmp_path, mutual(authority)) as ports:
        dicom, hl7 = f"HILUM@{HERE}:{ports['dicom']}", f"{HERE}:{ports['hl7']}"
        found = [
            await run("echo", dicom, *own),
            await run("send", "hl7", hl7, message, *own),
            await run("echo", dicom, "--tls"),
            await run("echo", dicom, "--tls-server-name", "pacs.ward.example", *own),
            await run("echo", dicom),
        ]
    assert [1] * 5 == [status for status, *_ in found]
    demands = {CLOSED_BEHIND_HANDSHAKE, WANTS_CERTIFICATE}  # not every event loop lets TLS say why it ends
    reasons = [" ".join(lines[0][3:]) for _, lines, _ in found]
    assert demands >= set(reasons[:2])
    assert [
        "no connection: TLS: the peer's certificate is not trusted: it is not issued by a CA of the CA file",
        "no connection: TLS: the peer's certificate is for another host name; see the server name",
    ] == reasons[2:4]
    assert reasons[4] in {"not DICOM: the peer answered TLS", WITHOUT_A_WORD}


async def test_tls_with_a_peer_that_speaks_none(tmp_path: Path) -> None:
    """A peer without TLS is told from one that is not trusted."""
    async with gateway(tmp_path) as ports:
        status, lines, _ = await run("echo", f"HILUM@{HERE}:{ports['dicom']}", "--tls")
    assert (1, "no connection: the peer does not speak TLS on this port") == (status, " ".join(lines[0][3:]))


@asynccontextmanager
async def storescp(folder: Path, *options: str | Path) -> AsyncIterator[int]:
    """Run DCMTK's storescp, which keeps what it takes in *folder*; yield its port."""
    port, quiet = free_port(), asyncio.subprocess.DEVNULL
    command = ("storescp", "--quiet", *map(str, options), str(port))
    process = await asyncio.create_subprocess_exec(*command, cwd=folder, stdout=quiet, stderr=quiet)
    try:
        async with asyncio.timeout(60):
            while "no connection" in (await echo(Address(HERE, port, "PEER"))).reason:
                assert process.returncode is None
                await asyncio.sleep(0.05)
        yield port
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@needs_storescp
async def test_tls_with_dcmtk(tmp_path: Path) -> None:
    """DCMTK's storescp demands a certificate, and takes instances over TLS."""
    authority, kept = Authority(tmp_path), tmp_path / "kept"
    kept.mkdir()
    server, client = authority.issue("server"), authority.issue("client", key=2)
    options = ("+tls", server.key, server.certificate, "+cf", authority.certificate)
    own = ("--tls-ca-file", authority.certificate, "--tls-certificate-file", client.certificate, "--tls-key-file")
    async with storescp(kept, *options) as port:
        peer, paths = f"PEER@{HERE}:{port}", make_series(tmp_path, 3)
        status, lines, said = await run("send", "dicom", peer, *paths, *own, client.key)
    assert (0, ["0000"] * 3) == (status, [line[0] for line in lines]), said
    assert 3 == len(list(kept.iterdir()))


@needs_orthanc
@pytest.mark.slow
async def test_orthanc(tmp_path: Path) -> None:
    """Orthanc answers an echo, and holds what it was sent."""
    (tmp_path / "images").mkdir()
    paths, port = make_series(tmp_path / "images", 5), free_port()
    async with running_orthanc(tmp_path, DicomPort=port) as orthanc:
        address = Address(HERE, port, "ORTHANC")
        assert "0000" == (await echo(address)).status
        assert ["0000"] * 5 == [each.status async for each in send(address, paths)]
        held = {sop_instance_uid(each) for each in await orthanc.files()}
    assert {sop_instance_uid(path.read_bytes()) for path in paths} == held


@asynccontextmanager
async def busy(count: int) -> AsyncIterator[None]:
    """Keep the machine busy with *count* processes."""
    async with AsyncExitStack() as stack:
        for _ in range(count):
            burner = await asyncio.create_subprocess_exec(sys.executable, "-c", "while True: pass")
            stack.push_async_callback(burner.wait)
            stack.callback(burner.kill)
        yield


@asynccontextmanager
async def hilum_itself(folder: Path) -> AsyncIterator[int]:
    """Run a gateway with the sandbox; yield its port."""
    async with gateway(folder) as ports:
        yield ports["dicom"]


RECEIVERS = [
    pytest.param(storescp, "PEER", marks=needs_storescp, id="storescp"),
    pytest.param(hilum_itself, "HILUM", id="hilum"),
]


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("receiver", "title"), RECEIVERS)
async def test_no_answer_is_lost(receiver: Any, title: str, tmp_path: Path) -> None:
    """Each of many instances has its answer each time that they are sent, however busy the machine is."""
    sent, kept = tmp_path / "sent", tmp_path / "kept"
    sent.mkdir()
    kept.mkdir()
    make_series(sent, INSTANCES)
    async with receiver(kept) as port, busy(BURNERS):
        for number in range(ROUNDS):
            status, lines, said = await run("send", "dicom", f"{title}@{HERE}:{port}", sent)
            print(number, load(), said.strip())  # noqa: T201  shown with -s
            assert (0, ["0000"] * INSTANCES) == (status, [line[0] for line in lines]), said


def load() -> str:
    """Return the load average of the last minute."""
    return f"load {os.getloadavg()[0]:.1f}:"

"""Incidents 23 and 24: certificates of peers, TLS to a plain port, and line feeds in place of 0B."""

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.certificates import Authority, Pair
from tests.incidents.staging import Stage, Told, settings, staged
from tests.incidents.stores import Store, results
from tests.mllp_client import adt, code_of, mllp_client

pytestmark = [pytest.mark.slow, pytest.mark.slow]
ROUTES = "{from: lab, to: results, attempts: 1}"
openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")


def configuration(folder: Path, store: Store, more: str = "") -> str:
    """Return a gateway for a laboratory."""
    return settings(folder, f"lab: {{kind: mllp, port: 0, {more}}}", results(store.url), ROUTES)


async def s_client(stage: Stage, *options: str | Path) -> bytes:
    """Shake hands as OpenSSL does, and return what it says."""
    command = ("openssl", "s_client", "-connect", f"127.0.0.1:{stage.ports['lab']}", *options)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.STDOUT)
    said, _ = await process.communicate()
    return said


@openssl
@pytest.mark.parametrize("shown", ["none", "issuer"])
async def test_23_certificate_of_the_peer(tmp_path: Path, shown: str) -> None:
    """The laboratory shows no certificate, or one of another CA; it hears why. Then it gets one."""
    ours, others = Authority(tmp_path), Authority(tmp_path, "other CA")
    server, good, stranger = ours.issue("server"), ours.issue("lab"), others.issue("stranger", key=2)
    files = f"certificate_file: {server.certificate}, key_file: {server.key}, client_ca_file: {ours.certificate}"
    mutual = f"tls: {{{files}, client_auth: required}}"
    in_words = {"none": "it shows none", "issuer": "its issuer is not among those that are trusted"}[shown]
    told = Told(
        "peer_certificate",
        "127.0.0.1",
        "peer",
        f"The certificate of 127.0.0.1 is refused: {in_words}",
        "Give 127.0.0.1 a certificate of hospital CA, or add its CA to listeners.lab.tls.client_ca_file.",
        ("It cannot connect.",),
    )
    options = {"none": (), "issuer": shown_by(stranger)}[shown]
    async with Store().up() as store, staged(tmp_path, configuration(tmp_path, store, mutual)) as stage:
        said = await s_client(stage, "-CAfile", ours.certificate, *options)
        assert b"alert" in said, said
        await stage.tells(told)
        async with mllp_client(stage.ports["lab"], tls=ours.client(good)) as client:
            assert "AA" == code_of(await client.ask(adt("C1")))
        await stage.is_as_usual()
        await stage.has_logged_once(told)


def shown_by(pair: Pair) -> tuple[str | Path, ...]:
    """Return the options of OpenSSL for showing a certificate."""
    return "-cert", pair.certificate, "-key", pair.key


@openssl
async def test_24_tls_to_a_plain_port(tmp_path: Path) -> None:
    """The laboratory speaks TLS to a listener without; then it is turned off there."""
    told = Told(
        "tls_on_plain_port",
        "127.0.0.1",
        "peer",
        "127.0.0.1 begins a TLS handshake at lab, which has no TLS",
        "Turn TLS off on 127.0.0.1, send it to a listener with TLS, or add listeners.lab.tls.",
    )
    async with Store().up() as store, staged(tmp_path, configuration(tmp_path, store)) as stage:
        await s_client(stage)
        await stage.tells(told)
        assert "AA" == await stage.message("lab", "C1")
        await stage.is_as_usual()
        await stage.has_logged_once(told)


async def test_24_line_feeds(tmp_path: Path) -> None:
    """The laboratory's blocks begin with a line feed in place of 0B; then its framing is corrected."""
    told = Told(
        "framing",
        "127.0.0.1",
        "peer",
        "What 127.0.0.1 sends is",
        "for MLLP 0x0B before and 0x1C 0x0D after each message.",
        ("0x0B",),
    )
    async with Store().up() as store, staged(tmp_path, configuration(tmp_path, store)) as stage:
        reader, writer = await asyncio.open_connection("127.0.0.1", stage.ports["lab"])
        writer.write(b"\n" + adt("C1") + b"\n")
        while await reader.read(100):
            pass
        writer.close()
        await stage.tells(told)
        assert "AA" == await stage.message("lab", "C1")
        await stage.is_as_usual()
        await stage.has_logged_once(told)

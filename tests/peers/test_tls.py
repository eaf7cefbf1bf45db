"""Other systems' TLS against the listeners: OpenSSL, DCMTK, python-hl7."""

import asyncio
import os
import shutil
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import hl7.mllp
import pytest
from cryptography import x509
from pynetdicom import AE

from gateway.contract.meter import Rejection
from gateway.contract.settings import ServerTlsSettings
from gateway.tls.acceptor import TlsAcceptor
from gateway.tls.contexts import server_context
from tests.adapters.dimse.fakes import KeepingStore, RecordingMeter, serving
from tests.adapters.mllp.fakes import FakeDelivery, FakeMeter, listening
from tests.certificates import Authority, Pair
from tests.dicom_files import make_series
from tests.mllp_client import adt
from tests.processes import serving as hilum_serving

MISSING = [tool for tool in ("openssl", "echoscu", "storescu") if shutil.which(tool) is None]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Make a CA."""
    return Authority(tmp_path)


@pytest.fixture
def peer(authority: Authority) -> Pair:
    """Make a peer's certificate."""
    return authority.issue("ct-1", key=2)


def tls_acceptor_of(authority: Authority, rejections: list[Rejection], **settings: Any) -> TlsAcceptor:
    """Return the TLS acceptor of a listener."""
    pair = authority.issue("server")
    tls = ServerTlsSettings(certificate_file=pair.certificate, key_file=pair.key, **settings)
    context = server_context("tls", tls).ssl
    return TlsAcceptor("in", tls, lambda: context, 100, lambda reason, _: rejections.append(reason))


@asynccontextmanager
async def mllp_listener(authority: Authority, **settings: Any) -> AsyncIterator[tuple[int, list[Rejection]]]:
    """Run an MLLP listener with TLS; yield its port and what its TLS acceptor turned away."""
    rejections: list[Rejection] = []
    tls_acceptor = tls_acceptor_of(authority, rejections, **settings)
    async with listening(FakeDelivery(), FakeMeter(), tls_acceptor=tls_acceptor) as listener:
        yield listener.port, rejections


@asynccontextmanager
async def dimse_listener(
    authority: Authority, store: KeepingStore, **settings: Any
) -> AsyncIterator[tuple[int, list[Rejection]]]:
    """Run a DIMSE listener with TLS; yield its port and what its TLS acceptor turned away."""
    rejections: list[Rejection] = []
    tls_acceptor = tls_acceptor_of(authority, rejections, **settings)
    async with serving(store, RecordingMeter(), tls_acceptor=tls_acceptor) as listener:
        yield listener.port, rejections


async def run(*command: str | int | Path, sent: bytes = b"") -> tuple[int | None, str]:
    """Run *command* with *sent* as its input; return its exit status and what it said."""
    with TemporaryFile() as given:  # uvloop raises for a pipe to a program that ends before it has read all
        given.write(sent)
        given.seek(0)
        process = await asyncio.create_subprocess_exec(
            *map(str, command),
            stdin=given.fileno(),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, "LC_ALL": "C"},
        )
    async with asyncio.timeout(60):
        said, _ = await process.communicate()
    return process.returncode, said.decode(errors="replace")


def s_client(port: int, authority: Authority, *options: str | Path) -> tuple[str | int | Path, ...]:
    """Return the command of an OpenSSL client that verifies the listener."""
    ca = ("-CAfile", authority.certificate, "-verify_return_error", "-verify_hostname", "localhost")
    return ("openssl", "s_client", "-connect", f"127.0.0.1:{port}", *ca, *options)


def shown(pair: Pair) -> tuple[str | Path, ...]:
    """Return the options with which OpenSSL's client shows a certificate."""
    return ("-cert", pair.certificate, "-key", pair.key)


def required(authority: Authority) -> dict[str, Any]:
    """Return the settings of mutual TLS."""
    return {"client_auth": "required", "client_ca_file": authority.certificate}


@pytest.mark.parametrize(("option", "version"), [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")])
async def test_openssl(authority: Authority, option: str, version: str) -> None:
    """Both versions are spoken, verified to the CA, without compression and without renegotiation."""
    async with mllp_listener(authority) as (port, rejections):
        status, said = await run(*s_client(port, authority, option))
    assert 0 == status
    assert f"New, {version}, Cipher is" in said
    assert "Verify return code: 0 (ok)" in said
    assert "Compression: NONE" in said
    assert [] == rejections


@asynccontextmanager
async def serve_both(authority: Authority, folder: Path) -> AsyncIterator[Mapping[str, int]]:
    """Run ``hilum serve``, on the loop that ships, with listeners of both kinds that speak TLS; yield their ports."""
    pair = authority.issue("server")
    tls = f"port: 0, tls: {{certificate_file: {pair.certificate}, key_file: {pair.key}}}"
    text = f"""
listeners:
  hl7: {{kind: mllp, acknowledge: commit, {tls}}}
  dicom: {{kind: dimse, acknowledge: commit, {tls}}}
destinations:
  messages: {{kind: http, url: "http://127.0.0.1:9"}}
  instances: {{kind: dicomweb, url: "http://127.0.0.1:9"}}
routes: [{{from: hl7, to: messages}}, {{from: dicom, to: instances}}]
data_dir: {folder / "data"}
spool: {{min_free_bytes: 0}}
admin: {{port: 0}}
drain_seconds: 1
"""
    async with hilum_serving(folder, text) as (_, ports):
        yield ports


VERSIONS = {"-tls1_2": ssl.TLSVersion.TLSv1_2, "-tls1_3": ssl.TLSVersion.TLSv1_3}
DCMTK_WITH = """openssl_conf = all
[all]
ssl_conf = tls
[tls]
system_default = limits
[limits]
MinProtocol = {version}
MaxProtocol = {version}
"""
"""A configuration of OpenSSL, since DCMTK has no option for one version alone."""


@pytest.mark.parametrize("option", VERSIONS)
async def test_a_real_gateway(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    """Both kinds of listener of a real gateway shake hands to the end and answer, whoever the peer is."""
    context = authority.client()
    context.minimum_version = context.maximum_version = VERSIONS[option]
    limits, folder = tmp_path / "openssl.cnf", tmp_path / "series"
    limits.write_text(DCMTK_WITH.format(version=VERSIONS[option].name.replace("_", ".")))
    folder.mkdir()
    make_series(folder, 20)
    async with serve_both(authority, tmp_path) as ports:
        for port in ports.values():
            status, said = await run(*s_client(port, authority, option, "-brief"))
            assert (0, True) == (status, "CONNECTION ESTABLISHED" in said)
        assert 0 == await asyncio.to_thread(pynetdicom_echo, ports["dicom"], context)
        assert b"MSA|AA|C1" in await asyncio.to_thread(say_hl7, ports["hl7"], context)
        monkeypatch.setenv("OPENSSL_CONF", str(limits))
        command = ("-v", "+tla", "+cf", authority.certificate, "-aec", "HILUM")
        status, said = await run("storescu", *command, "+sd", "127.0.0.1", ports["dicom"], folder)
        assert (0, 20) == (status, said.count("Received Store Response (Success)")), said


def say_hl7(port: int, context: ssl.SSLContext) -> bytes:
    """Return the acknowledgement that a blocking client over Python's own TLS sockets gets."""
    with (
        socket.create_connection(("127.0.0.1", port)) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secured,
    ):
        secured.sendall(b"\x0b" + adt("C1") + b"\x1c\r")
        return secured.recv(4096)


def pynetdicom_echo(port: int, context: ssl.SSLContext) -> int:
    """Return the status of a C-ECHO by another implementation."""
    requestor = AE()
    requestor.acse_timeout = requestor.dimse_timeout = requestor.network_timeout = 20
    requestor.add_requested_context("1.2.840.10008.1.1")
    association = requestor.associate("127.0.0.1", port, ae_title="HILUM", tls_args=(context, "localhost"))
    assert association.is_established
    status = int(association.send_c_echo().Status)
    association.release()
    return status


REFUSED = {
    "TLS 1.1": ("-tls1_1", "-cipher", "ALL:@SECLEVEL=0"),
    "TLS 1.0": ("-tls1", "-cipher", "ALL:@SECLEVEL=0"),
    "CBC": ("-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA256:ECDHE-RSA-AES256-SHA"),
    "no forward secrecy": ("-tls1_2", "-cipher", "AES128-GCM-SHA256:AES256-GCM-SHA384"),
    "no authentication": ("-tls1_2", "-cipher", "aNULL:@SECLEVEL=0"),
}


@pytest.mark.parametrize("options", REFUSED.values(), ids=REFUSED)
async def test_openssl_with_less(authority: Authority, options: tuple[str, ...]) -> None:
    """Older versions and weaker suites are refused and counted."""
    async with mllp_listener(authority) as (port, rejections):
        status, said = await run(*s_client(port, authority, *options))
        assert 0 != status
        assert "Cipher is (NONE)" in said
        async with asyncio.timeout(60):
            while not rejections:
                await asyncio.sleep(0.01)
    assert [Rejection.TLS_HANDSHAKE] == rejections


async def test_renegotiation(authority: Authority) -> None:
    """A peer of TLS 1.2 that wants to shake hands again is told no."""
    async with mllp_listener(authority) as (port, _):
        process = await asyncio.create_subprocess_exec(
            *map(str, s_client(port, authority, "-tls1_2")),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        assert process.stdin is not None
        process.stdin.write(b"R\n")  # its command for renegotiation
        assert process.stdout is not None
        async with asyncio.timeout(60):
            said = (await process.stdout.read()).decode(errors="replace")
            assert 0 != await process.wait()
    assert "no renegotiation" in said


async def test_openssl_with_certificate(authority: Authority, peer: Pair) -> None:
    """Under mutual TLS a peer with a certificate is answered, over 1.2 and 1.3."""
    block = b"\x0b" + adt("C1") + b"\x1c\r"
    async with mllp_listener(authority, **required(authority), client_names=["cn:ct-1"]) as (port, rejections):
        for version in ("-tls1_2", "-tls1_3"):
            command = s_client(port, authority, version, "-quiet", *shown(peer))
            process = await asyncio.create_subprocess_exec(
                *map(str, command),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(block)
            async with asyncio.timeout(60):
                assert b"MSA|AA|C1" in await process.stdout.readuntil(b"\x1c\r")
                process.terminate()
                await process.wait()
    assert [] == rejections


@pytest.mark.parametrize("case", ["none", "another CA's", "another name"])
async def test_openssl_turned_away(authority: Authority, tmp_path: Path, case: str) -> None:
    """Without a certificate, with one of another CA or of another name, a peer is turned away."""
    folder = tmp_path / "other"
    folder.mkdir()
    options: tuple[str | Path, ...] = ()
    if case == "another CA's":
        options = shown(Authority(folder, "other CA").issue("ct-1", key=2))
    elif case == "another name":
        options = shown(authority.issue("mr-1", key=2))
    async with mllp_listener(authority, **required(authority), client_names=["cn:ct-1"]) as (port, rejections):
        await run(*s_client(port, authority, *options), sent=b"\x0b")
        async with asyncio.timeout(60):
            while not rejections:
                await asyncio.sleep(0.01)
    assert [Rejection.CERTIFICATE if case == "another name" else Rejection.TLS_HANDSHAKE] == rejections


SHOWN = {
    "ct1.ward.example": x509.DNSName("CT1.Ward.Example"),
    "a.ct1.ward.example": x509.DNSName("a.ct1.ward.example"),
    "email:me@ct1.ward.example": x509.RFC822Name("me@ct1.ward.example"),
    "uri:urn:ct1.ward.example": x509.UniformResourceIdentifier("urn:ct1.ward.example"),
}
"""What the log calls the names of certificates, of which the first alone is one label under `ward.example`."""


async def test_openssl_at_every_port(authority: Authority, tmp_path: Path) -> None:
    """The listeners and the admin port of a real gateway let in the machine of the ward, and none that looks alike."""
    pair, folder = authority.issue("server"), tmp_path / "gateway"
    folder.mkdir()
    tls = (
        f"{{certificate_file: {pair.certificate}, key_file: {pair.key}, client_ca_file: {authority.certificate},"
        ' client_auth: required, client_names: ["*.ward.example"]}'
    )
    text = f"""
listeners:
  hl7: {{kind: mllp, port: 0, tls: {tls}}}
  dicom: {{kind: dimse, port: 0, tls: {tls}}}
destinations:
  hl7: {{kind: hl7v2_store, url: "http://127.0.0.1:9"}}
  dicom: {{kind: dicomweb, url: "http://127.0.0.1:9"}}
routes: [{{from: hl7, to: hl7}}, {{from: dicom, to: dicom}}]
admin: {{port: 0, tls: {tls}}}
"""
    async with hilum_serving(folder, text, "--log-level", "debug") as (hilum, ports):
        admin = (await hilum.logged("gateway_started"))["admin_port"]
        for port in (*ports.values(), admin):
            for alternative in SHOWN.values():
                await run(*s_client(port, authority, *shown(authority.issue_to([], [alternative], "peer", key=2))))
        rejected = await hilum.all_logged("peer_rejected", 3 * (len(SHOWN) - 1))
        identified = await hilum.all_logged("peer_identified", 3)
    first, *others = SHOWN
    places = [*ports, "admin"]
    assert [(place, [first]) for place in places] == [(each["listener"], each["names"]) for each in identified]
    expected = {(place, name) for place in places for name in others}
    assert expected == {(each["listener"], *each["names"]) for each in rejected}


PROFILES = {"BCP 195, not downgrading": "+py", "BCP 195": "+px", "extended BCP 195": "+pz"}


def certificates(authority: Authority, peer: Pair) -> tuple[str | Path, ...]:
    """Return the options with which DCMTK shows a certificate and trusts the CA."""
    return ("+tls", peer.key, peer.certificate, "+cf", authority.certificate)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
async def test_echoscu(authority: Authority, peer: Pair, profile: str) -> None:
    """DCMTK's echoscu is answered with each of the security profiles that are not retired."""
    async with dimse_listener(authority, KeepingStore(), **required(authority)) as (port, rejections):
        known = certificates(authority, peer)
        assert (0, "") == await run("echoscu", *known, profile, "-aec", "HILUM", "127.0.0.1", port)
    assert [] == rejections


async def test_echoscu_with_less(authority: Authority, peer: Pair) -> None:
    """The retired profile without encryption is refused."""
    async with dimse_listener(authority, KeepingStore(), **required(authority)) as (port, rejections):
        known = certificates(authority, peer)
        status, _ = await run("echoscu", *known, "+pn", "-aec", "HILUM", "127.0.0.1", port)
        assert 0 != status
        async with asyncio.timeout(60):
            while not rejections:
                await asyncio.sleep(0.01)
    assert [Rejection.TLS_HANDSHAKE] == rejections


async def test_storescu(authority: Authority, peer: Pair, tmp_path: Path) -> None:
    """DCMTK's storescu sends a series over TLS, and every instance arrives."""
    folder, store = tmp_path / "series", KeepingStore()
    folder.mkdir()
    make_series(folder, 20)
    async with dimse_listener(authority, store, **required(authority)) as (port, rejections):
        known = certificates(authority, peer)
        assert (0, "") == await run("storescu", *known, "-aec", "HILUM", "+sd", "127.0.0.1", port, folder)
    assert 20 == len(store.bodies)
    assert [] == rejections


async def test_anonymous_storescu(authority: Authority, tmp_path: Path) -> None:
    """One that shows no certificate (``+tla``) comes in where none is demanded, and not where one is."""
    folder, store = tmp_path / "series", KeepingStore()
    folder.mkdir()
    make_series(folder, 2)
    command = ("storescu", "+tla", "+cf", authority.certificate, "-aec", "HILUM", "+sd", "127.0.0.1")
    async with dimse_listener(authority, store) as (port, rejections):
        assert (0, "") == await run(*command, port, folder)
    assert (2, []) == (len(store.bodies), rejections)
    async with dimse_listener(authority, store, **required(authority)) as (port, rejections):
        status, _ = await run(*command, port, folder)
        assert 0 != status
        async with asyncio.timeout(60):
            while not rejections:
                await asyncio.sleep(0.01)
    assert [Rejection.TLS_HANDSHAKE] == rejections


async def test_echoscu_in_the_clear(authority: Authority) -> None:
    """One that speaks no TLS is turned away."""
    async with dimse_listener(authority, KeepingStore()) as (port, rejections):
        status, _ = await run("echoscu", "-aec", "HILUM", "127.0.0.1", port)
        assert 0 != status
    assert [Rejection.PLAIN_ON_TLS_PORT] == rejections


async def test_python_hl7(authority: Authority, peer: Pair) -> None:
    """python-hl7's asynchronous client gets its acknowledgements over mutual TLS."""
    async with mllp_listener(authority, **required(authority)) as (port, rejections):
        reader, writer = await hl7.mllp.open_hl7_connection("127.0.0.1", port, ssl=authority.client(peer))
        try:
            for number in range(5):
                writer.writemessage(hl7.parse(adt(f"C{number}").decode()))
                await writer.drain()
                answer = await asyncio.wait_for(reader.readmessage(), 10)
                assert ["AA", f"C{number}"] == [str(answer.segment("MSA")(field)) for field in (1, 2)]
        finally:
            writer.close()
    assert [] == rejections


async def test_python_hl7_blocking(authority: Authority) -> None:
    """A blocking client over Python's own TLS sockets is answered likewise."""
    async with mllp_listener(authority) as (port, rejections):
        assert b"MSA|AA|C1" in await asyncio.to_thread(say_hl7, port, authority.client())
    assert [] == rejections

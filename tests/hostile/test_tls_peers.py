"""TLS handshakes that are never finished, where the listeners speak TLS."""

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.hostile.raw import crowd, stranger
from tests.hostile.ward import Ports, ward

pytestmark = pytest.mark.slow

CLIENT_HELLO = bytes.fromhex("16030100c8010000c40303")
STARTS = (b"", CLIENT_HELLO[:3], CLIENT_HELLO, CLIENT_HELLO + bytes(150), b"GET / HTTP/1.1\r\n\r\n", b"\x0bMSH|")
COUNT = 120


def knows_tls() -> bool:
    """Return whether the settings of listeners have the key ``tls``."""
    command = [sys.executable, "-m", "gateway", "schema"]
    return '"client_ca_file"' in subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def tls(tmp_path: Path) -> Mapping[str, str]:
    """Return the setting of a listener with a certificate made for the test."""
    if not knows_tls():
        pytest.skip("the listeners' settings do not know tls")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]
    files = ["-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command, *files], check=True, capture_output=True)
    return {"certificate_file": str(certificate), "key_file": str(key)}


async def _echo(ports: Ports, certificate: Path) -> int:
    """Finish a handshake as openssl does; return its exit status."""
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{ports.hl7}", "-CAfile", str(certificate), "-brief"]
    process = await asyncio.create_subprocess_exec(
        *command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    async with asyncio.timeout(60):
        return await process.wait()


async def test_handshakes_never_finished(tmp_path: Path, tls: Mapping[str, str]) -> None:
    """Handshakes that stop anywhere keep nobody from theirs, and give their places back when they leave."""
    async with ward(tmp_path, tls=tls) as gateway:
        handshakes = []

        async def stop_at(number: int) -> None:
            ports = (gateway.ports.dicom, gateway.ports.hl7, gateway.ports.fhir)
            port = ports[number % len(ports)]
            async with stranger(port, number) as peer:
                await peer.send(STARTS[number // len(ports) % len(STARTS)])
                if number == COUNT - 1:
                    handshakes.append(await _echo(gateway.ports, tmp_path / "certificate.pem"))
                await asyncio.sleep(1)

        await crowd(COUNT, stop_at, at_once=COUNT)
        await gateway.at_rest()
        assert handshakes == [0]
        assert await gateway.internal_errors() == 0

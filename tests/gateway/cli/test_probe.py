"""The health check of the image, as the image runs it."""

import asyncio
import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from gateway.cli.probe import Port, port_of
from tests.certificates import Authority
from tests.ports import free_port
from tests.processes import serving
from tests.running import relay

ROOT = Path(__file__).parents[3]
CONFIGURATION = relay("kind: mllp, port: 0", 'kind: http, url: "http://127.0.0.1:1/"').replace("admin: {port: 0}\n", "")


async def healthcheck(path: Path, **environment: str) -> tuple[int, str]:
    """Run the HEALTHCHECK of the Dockerfile for the configuration at *path*; return exit status and stderr."""
    found = re.search(r"^HEALTHCHECK .*\\\n *CMD (\[.*\])$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert found is not None
    program, *words, configuration = json.loads(found[1])
    assert ("/opt/hilum/bin/python", "/etc/hilum/hilum.yaml") == (program, configuration)
    process = await asyncio.create_subprocess_exec(
        sys.executable, *words, path, stderr=asyncio.subprocess.PIPE, env=os.environ | environment
    )
    _, err = await process.communicate()
    return process.returncode or 0, err.decode()


@pytest.mark.parametrize("auth", ["", "none", "optional", "required"])
async def test_alive(tmp_path: Path, auth: str) -> None:
    """A gateway that runs is alive, with TLS on its admin port and without, and whatever it asks of its peers."""
    authority = Authority(tmp_path)
    pair = authority.issue("gateway")
    client = "" if auth == "none" else f", client_auth: {auth}, client_ca_file: {authority.certificate}"
    tls = f", tls: {{certificate_file: {pair.certificate}, key_file: {pair.key}{client}}}" if auth else ""
    text = f"{CONFIGURATION}data_dir: {tmp_path}\nadmin: {{port: {free_port()}{tls}}}\n"
    async with serving(tmp_path, text):
        assert (0, "") == await healthcheck(tmp_path / "hilum.yaml")


async def test_not_alive(tmp_path: Path) -> None:
    """Where nobody listens it fails with one line."""
    path = tmp_path / "hilum.yaml"
    path.write_text(f"{CONFIGURATION}admin: {{port: {free_port()}}}\n")
    status, err = await healthcheck(path)
    assert (1, True, 1) == (status, err.startswith("hilum: not alive: "), len(err.splitlines()))


PORTS: Mapping[str, tuple[str, Mapping[str, str], Port]] = {
    "the default": ("listeners: {}", {}, Port("127.0.0.1", 8080)),
    "every address": ("admin: {host: 0.0.0.0, port: 9}", {}, Port("127.0.0.1", 9)),
    "every address of both": ("admin: {host: '::'}", {}, Port("::1", 8080)),
    "one from the environment": ("admin: {port: '${P}'}", {"P": "9"}, Port("127.0.0.1", 9)),
    "TLS": ("admin: {tls: {certificate_file: c}}", {}, Port("127.0.0.1", 8080, True)),
    "TLS for known peers": ("admin: {tls: {client_auth: required}}", {}, Port("127.0.0.1", 8080, True, True)),
    "another one": ("admin: {port: 9}", {"HILUM_ADMIN": "https://[::1]:8443"}, Port("::1", 8443, True)),
}


@pytest.mark.parametrize(("text", "environment", "expected"), PORTS.values(), ids=PORTS)
def test_port(tmp_path: Path, text: str, environment: Mapping[str, str], expected: Port) -> None:
    """The admin port is the configuration's, unless the environment names another."""
    path = tmp_path / "hilum.yaml"
    path.write_text(text)
    assert expected == port_of(path, environment)

"""Hostile peers of an HTTP listener: a well-behaved one gets all its answers, memory stays bounded, nothing leaks."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest
from aiohttp import ClientSession

from gateway.sandbox.server import Sandbox
from tests.adapters.http.fakes import ask, request
from tests.hostile.http_attacks import BODY, MIB
from tests.phi.canaries import CANARY
from tests.processes import serving

ROOT = Path(__file__).parent.parent.parent
WANTED = 10
MOST_MORE = 128 * MIB
"""Memory that the attacks may cost: 32 MiB in flight, and what a body needs while it is read."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


async def test_hostile_peers(tmp_path: Path) -> None:
    """Under all attacks at once each request of a well-behaved peer is executed once and answered by the store."""
    async with Sandbox(tmp_path / "stores") as sandbox:
        text = f"""
listeners:
  fhir:
    {{kind: http, accepts: fhir, port: 0, max_body: 8388608, head_seconds: 2, message_seconds: 2, write_seconds: 2,
    max_connections: 500, max_connections_per_peer: 500}}
destinations: {{records: {{kind: fhir_store, url: "{sandbox.fhir_url()}"}}}}
routes: [{{from: fhir, when: {{interaction: create}}, to: records, within: 60}}]
admin: {{port: 0}}
data_dir: {tmp_path}/data
max_in_flight_bytes: 33554432
drain_seconds: 10
"""
        async with serving(tmp_path, text, "--log-level", "debug") as (process, ports):
            port = ports["fhir"]
            assert 201 == (await ask(port, request(body=BODY))).status
            before = process.peak_memory()
            command = (sys.executable, "-m", "tests.hostile.http_attacks", str(port))
            attackers = await asyncio.create_subprocess_exec(*command, cwd=ROOT)
            await process.logged("request_refused")
            try:
                statuses = [(await ask(port, request(body=BODY))).status for _ in range(WANTED)]
                assert attackers.returncode is None
            finally:
                attackers.kill()
                await attackers.wait()
            assert [201] * WANTED == statuses
            assert process.peak_memory() - before < MOST_MORE
            process.process.send_signal(signal.SIGTERM)
            assert await process.ended() in {0, 3}
        async with ClientSession() as client:
            url = f"{sandbox.fhir_url()}/Patient?gender=female&_count=1000"
            async with client.get(url) as response:
                assert WANTED < len((await response.json(content_type=None))["entry"])
    assert CANARY not in str(process.events)
    assert {"request_answered", "request_refused"} <= {str(each["event"]) for each in process.events}

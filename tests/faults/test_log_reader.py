"""Whoever reads the log stalls or goes away: messages and the admin port do not notice."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession

from tests.faults.sink import Sink
from tests.mllp_client import adt, code_of, mllp_client
from tests.ports import free_port
from tests.running import relay

pytestmark = pytest.mark.slow

MORE_THAN_A_PIPE_HOLDS = 600
"""Messages, each of which makes a line of more than 110 octets; a pipe holds 64 KiB."""


@asynccontextmanager
async def serving_into(descriptor: int, path: Path, *options: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run ``hilum serve`` with stderr into *descriptor*, which is closed here."""
    command = (sys.executable, "-m", "gateway", "serve", str(path), *options)
    process = await asyncio.create_subprocess_exec(*command, stderr=descriptor)
    os.close(descriptor)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def bound(client: ClientSession, url: str) -> None:
    """Wait until the gateway is ready."""
    async with asyncio.timeout(180):
        while True:
            try:
                async with client.get(f"{url}/readyz") as reply:
                    if reply.status == 200:
                        return
            except OSError:
                pass
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("log_format", ["json", "console"])
@pytest.mark.parametrize("reader", ["stalls", "is gone"])
async def test_nobody_reads_the_log(tmp_path: Path, reader: str, log_format: str, workers: int) -> None:
    """Messages are answered and /livez answers, and SIGTERM ends the gateway well."""
    port, admin, path = free_port(), free_port(), tmp_path / "hilum.yaml"
    url, (reading, writing) = f"http://127.0.0.1:{admin}", os.pipe()
    async with Sink().up() as sink, ClientSession() as web:
        text = relay(f"kind: mllp, port: {port}", f'kind: http, accept_empty: true, url: "{sink.url}"')
        path.write_text(text.replace("admin: {port: 0}", f"admin: {{port: {admin}}}\nworkers: {workers}"))
        async with serving_into(writing, path, "--log-format", log_format) as process, asyncio.timeout(240):
            await bound(web, url)
            if reader == "is gone":
                os.close(reading)
            async with mllp_client(port) as client:
                for number in range(MORE_THAN_A_PIPE_HOLDS):
                    assert "AA" == code_of(await client.ask(adt(f"C{number}")))
            async with web.get(f"{url}/livez") as reply:
                assert 200 == reply.status
            async with web.get(f"{url}/metrics") as reply:
                dropped = [each for each in (await reply.text()).splitlines() if "log_lines_dropped_total" in each][-1]
            process.terminate()
            assert 0 == await process.wait()
    assert (reader == "is gone") == (float(dropped.split()[-1]) > 0)
    if reader == "stalls":
        os.close(reading)

"""SIGTERM under load: busy peers get their answer, idle peers leave, nothing is answered wrongly."""

import asyncio
from pathlib import Path

import pytest

from gateway.sandbox.server import Sandbox
from tests.mllp_client import adt, code_of, control_id_of, mllp_client
from tests.processes import serving
from tests.running import relay

pytestmark = pytest.mark.slow


async def send_until_closed(port: int, connection: int, answers: dict[str, str], enough: asyncio.Event) -> None:
    """Send one message after another until the gateway closes the connection."""
    async with mllp_client(port) as client:
        for number in range(100_000):
            control_id = f"{connection}-{number}"
            try:
                answer = await client.ask(adt(control_id))
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            assert control_id == control_id_of(answer)
            answers[control_id] = code_of(answer)
            if len(answers) > 200:
                enough.set()


async def test_sigterm_under_load(tmp_path: Path) -> None:
    """Every answer given up to the end is true, nobody is cut off, and the exit status says so."""
    answers: dict[str, str] = {}
    enough = asyncio.Event()
    async with Sandbox(tmp_path / "store") as sandbox:
        configuration = relay("kind: mllp, port: 0", f'kind: hl7v2_store, url: "{sandbox.hl7v2_store_url()}"')
        async with serving(tmp_path, configuration) as (process, ports):
            async with asyncio.TaskGroup() as senders, mllp_client(ports["in"]) as idle:
                for connection in range(8):
                    senders.create_task(send_until_closed(ports["in"], connection, answers, enough))
                await enough.wait()
                process.process.terminate()
                assert await idle.reader.read() == b""
            assert await process.ended() == 0
            assert process.events[-1]["cut_off"] == 0
        assert set(answers.values()) == {"AA"}


async def test_sigterm_cuts_off_after_the_grace(tmp_path: Path) -> None:
    """A peer that still waits when the grace is over is cut off, and exit status 3 tells it."""
    arrived = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1)
        arrived.set()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    configuration = relay("kind: mllp, port: 0", f'kind: http, accept_empty: true, url: "{url}"').replace(
        "seconds: 5", "seconds: 0.1"
    )
    async with server, serving(tmp_path, configuration) as (process, ports), mllp_client(ports["in"]) as client:
        waiting = asyncio.create_task(client.ask(adt("1")))
        await arrived.wait()
        process.process.terminate()
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await waiting
        assert await process.ended() == 3

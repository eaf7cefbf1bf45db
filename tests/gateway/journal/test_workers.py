"""The journal of several workers, as an operator runs them."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
from aiohttp import ClientSession

from gateway.journal.folder import folder_of, segments_in
from gateway.screen.messages_api import ROOT
from tests.mllp_client import adt, mllp_client
from tests.processes import HilumProcess, serving
from tests.running import relay

pytestmark = pytest.mark.slow


async def admin_port_of(process: HilumProcess) -> int:
    """Return the admin port of the supervisor, whose workers log a start of their own before it."""
    async with asyncio.timeout(120):
        while not (found := [each for each in process.events if "workers" in each and "ports" in each]):
            await asyncio.sleep(0.02)
    return int(found[0]["admin_port"])


async def keys_of(admin_port: int, data_dir: Path, count: int) -> list[str]:
    """Return the keys of all messages that the supervisor knows of, once there are *count*."""
    headers = {"Authorization": f"Bearer {(data_dir / 'admin-token').read_text().strip()}"}
    async with ClientSession(f"http://127.0.0.1:{admin_port}", headers=headers) as client, asyncio.timeout(60):
        while True:
            async with client.get(ROOT, params={"limit": "500", "listener": "in"}) as reply:
                found = [str(each["key"]) for each in (await reply.json())["messages"]]
            if len(found) >= count:
                return found
            await asyncio.sleep(0.1)


async def test_workers(tmp_path: Path) -> None:
    """The supervisor finds what each worker has written; after one is killed, the next goes on with its file."""
    data_dir = tmp_path / "data"
    text = relay("kind: mllp, port: 0", 'kind: http, url: "http://127.0.0.1:1/"', attempts=1)
    async with serving(tmp_path, f"{text}workers: 2\ndata_dir: {data_dir}\n") as (process, ports):
        admin_port = await admin_port_of(process)

        async def send(first: int) -> None:
            for number in range(first, first + 12):
                async with mllp_client(ports["in"]) as client:
                    await client.ask(adt(f"C{number}"))

        await send(0)
        assert {f"C{number}" for number in range(12)} == set(await keys_of(admin_port, data_dir, 12))
        started = [each for each in process.events if each["event"] == "worker_started"]
        os.kill(int(started[0]["pid"]), signal.SIGKILL)
        async with asyncio.timeout(120):
            while 3 > len([each for each in process.events if each["event"] == "worker_started"]):
                await asyncio.sleep(0.05)
        await send(12)
        assert 24 == len(set(await keys_of(admin_port, data_dir, 24)))
        async with ClientSession() as stranger, stranger.get(f"http://127.0.0.1:{admin_port}{ROOT}") as reply:
            assert 401 == reply.status
        process.process.terminate()
        assert 0 == await process.ended()
    segments = segments_in(folder_of(data_dir))
    assert {0, 1} >= {each.slot for each in segments}
    assert len(segments) == len({each.slot for each in segments})
    assert not list(folder_of(data_dir).glob("*.damaged*"))

"""The store dies and comes back under load: each message has one answer, and each positive answer is true."""

import asyncio
import base64
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession

from tests.mllp_client import adt, code_of, control_id_of, mllp_client
from tests.ports import free_port
from tests.processes import HilumProcess, hilum, serving
from tests.running import relay

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

CONNECTIONS, MESSAGES = 50, 10_000
STORE = "v1/projects/p/locations/l/datasets/d/hl7V2Stores/s"


@asynccontextmanager
async def store(port: int, folder: Path) -> AsyncIterator[HilumProcess]:
    """Run the sandbox as a process of its own until the test kills it or ends."""
    async with hilum("sandbox", "--port", str(port), "--data", folder) as process:
        await process.logged("sandbox_started")
        yield process


async def stored_control_ids(port: int) -> set[str]:
    """Return MSH-10 of every message in the store."""
    found: set[str] = set()
    async with ClientSession() as client:
        token = ""
        while True:
            query = {"view": "FULL", "pageSize": "1000", "pageToken": token}
            async with client.get(f"http://127.0.0.1:{port}/{STORE}/messages", params=query) as reply:
                page = await reply.json()
            found.update(base64.b64decode(each["data"]).split(b"|")[9].decode() for each in page["hl7V2Messages"])
            if not (token := page.get("nextPageToken", "")):
                return found


async def send_all(port: int, connection: int, answers: list[tuple[str, str]], arrived: asyncio.Condition) -> None:
    """Send this connection's share, one message after another's answer, whatever it is."""
    async with mllp_client(port) as client:
        for number in range(MESSAGES // CONNECTIONS):
            control_id = f"{connection:02}-{number:04}"
            answer = await client.ask(adt(control_id))
            assert control_id == control_id_of(answer)
            async with arrived:
                answers.append((control_id, code_of(answer)))
                arrived.notify_all()


async def test_store_killed_and_restarted(tmp_path: Path) -> None:
    """10,000 messages over 50 connections, the store killed in the middle: one answer each, every AA is stored."""
    store_port, folder = free_port(), tmp_path / "store"
    answers: list[tuple[str, str]] = []
    arrived = asyncio.Condition()

    def negative() -> int:
        return sum(code != "AA" for _, code in answers)

    url = f"http://127.0.0.1:{store_port}/{STORE}"
    configuration = relay("kind: mllp, port: 0", f'kind: hl7v2_store, url: "{url}"')
    async with serving(tmp_path, configuration) as (_, ports), asyncio.TaskGroup() as senders:
        async with store(store_port, folder) as first:
            for connection in range(CONNECTIONS):
                senders.create_task(send_all(ports["in"], connection, answers, arrived))
            async with arrived:
                await arrived.wait_for(lambda: len(answers) >= MESSAGES // 4)
            first.process.kill()
        async with arrived:
            await arrived.wait_for(lambda: negative() >= CONNECTIONS)
        async with store(store_port, folder):
            async with arrived:
                await arrived.wait_for(lambda: len(answers) == MESSAGES)
            in_store = await stored_control_ids(store_port)
    assert Counter(control_id for control_id, _ in answers).most_common(1)[0][1] == 1
    assert {code for _, code in answers} == {"AA", "AR"}
    assert {control_id for control_id, code in answers if code == "AA"} <= in_store

"""Peers whose messages go to a hostile store: each is answered, and never told that it was stored."""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from itertools import count

from tests.adapters.dimse.raw_peer import RawPeer, command_of, store_rq
from tests.faults.peers import ASSOCIATE_AC, ct
from tests.mllp_client import MllpClient, adt, code_of
from tests.ports import free_port

LOWEST_PRIORITY = 19
"""They would be on other machines: the one that is measured goes first."""
_numbers = count()
ANSWER_SECONDS = 60
"""Within this an answer has to come: a bound for liveness, none for speed."""


RECEIVER, TALKATIVE_RECEIVER = "receiver", "talkative-receiver"
"""The listeners whose messages go to a hostile receiver over MLLP: one that never takes them, one that does."""


async def send_to_receiver(ports: Mapping[str, int]) -> None:
    """Send two messages at once to the listener in front of a hostile receiver."""
    name, codes = (RECEIVER, {"AE", "AR"}) if RECEIVER in ports else (TALKATIVE_RECEIVER, {"AA", "AR"})
    async with asyncio.TaskGroup() as group:
        for _ in range(2):
            group.create_task(_send_hl7(ports[name], f"V{next(_numbers)}", codes))


async def send_all(ports: Mapping[str, int], number: int = 0) -> None:
    """Send two messages at once to each kind of the hostile store *number*."""
    async with asyncio.TaskGroup() as group:
        for each in range(2):
            group.create_task(_send_hl7(ports[f"hl7v2_store-{number}"], f"A{each}"))
            group.create_task(_send_hl7(ports[f"http-{number}"], f"B{each}"))
            group.create_task(_send_dicom(ports[f"dicomweb-{number}"], f"1.2.9.{each}"))


async def _send_hl7(port: int, control_id: str, codes: Collection[str] = ("AE", "AR")) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            assert code_of(await MllpClient(reader, writer).ask(adt(control_id))) in codes
    finally:
        writer.transport.abort()


async def _send_dicom(port: int, uid: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    peer = RawPeer(reader, writer)
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            assert (await peer.associate()).startswith(ASSOCIATE_AC)
            await peer.send(store_rq(ct(uid, 2000), uid=uid, message_id=1))
            assert command_of(await peer.receive()).Status >= 0xA000
    finally:
        peer.vanish()


async def send_elsewhere(ports: Mapping[str, int], seconds: float) -> None:
    """Send for *seconds* from a process of its own; raises AssertionError where an answer is wrong."""
    command = (sys.executable, "-m", "tests.hostile.victims", json.dumps(dict(ports)), str(seconds))
    process = await asyncio.create_subprocess_exec(*command)
    try:
        assert 0 == await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@asynccontextmanager
async def hostile_stores() -> AsyncIterator[str]:
    """Run the hostile stores; yield their address, below which each bomb has a folder of its name."""
    port = free_port()
    async with running(port, sys.executable, "-m", "tests.hostile.hostile_store", str(port)):
        yield f"http://127.0.0.1:{port}"


@asynccontextmanager
async def running(port: int, *command: str) -> AsyncIterator[None]:
    """Run a hostile server; it listens on *port* when the block begins, and is killed at its end."""
    process = await asyncio.create_subprocess_exec(*command)
    try:
        async with asyncio.timeout(60):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except ConnectionError:
                    await asyncio.sleep(0.05)
                else:
                    writer.close()
                    break
        yield
    finally:
        process.kill()
        await process.wait()


async def send_for(ports: Mapping[str, int], seconds: float) -> None:
    """Send again and again, and once in any case."""
    until = time.monotonic() + seconds
    send = send_all if "http-0" in ports else send_to_receiver
    while True:
        await send(ports)
        if time.monotonic() >= until:
            return


if __name__ == "__main__":
    os.nice(LOWEST_PRIORITY)
    asyncio.run(send_for(json.loads(sys.argv[1]), float(sys.argv[2])))

"""A backup of a gateway that takes and delivers messages meanwhile is whole, and delivers what it holds."""

import asyncio
import shutil
from pathlib import Path

import pytest

from gateway.spool import Selection, State
from gateway.spool.care.verify import verify
from gateway.spool.folders import existing_folders
from gateway.spool.payloads.seal import Plain
from tests.faults.commit_mode import committing, http, records
from tests.faults.peers import hl7
from tests.faults.sink import Sink
from tests.mllp_client import code_of, mllp_client
from tests.ports import free_port
from tests.processes import hilum, serving

pytestmark = pytest.mark.timeout(300)
LIMITS = "min_free_bytes: 0, inline_bytes: 4096"


@pytest.mark.slow
async def test_backup_under_load_and_restore(tmp_path: Path) -> None:
    """The steps of docs/spool.md, while messages come in and payload files go."""
    sink = Sink(free_port())
    text = committing(tmp_path / "data", http(sink), spool=LIMITS)
    sent: list[bytes] = []
    enough = asyncio.Event()

    async def keep_sending(port: int) -> None:
        async with mllp_client(port) as client:
            while not enough.is_set():
                sent.append(hl7(f"C{len(sent)}", 6000 if len(sent) % 2 else 0))
                assert "AA" == code_of(await client.ask(sent[-1]))
                await asyncio.sleep(0.005)  # some hundred messages a second: all of them are compared at the end

    async with serving(tmp_path, text) as (process, ports):
        sending = asyncio.create_task(keep_sending(ports["in"]))
        await process.logged("delivery_put_off")
        async with sink.up():
            await sink.until(lambda each: len(each.bodies) > 20)
            backup = tmp_path / "backup"
            async with hilum("spool", "backup", tmp_path / "hilum.yaml", backup) as command:
                assert 0 == await command.ended()
            enough.set()
            await sending
            await sink.until_kept(sent)
        process.process.terminate()
        await process.ended()
    (folder,) = existing_folders(backup)
    assert [] == verify(folder, Plain()).problems
    waiting = {each.identifiers["control_id"] for each in await records(backup, Selection(state=State.WAITING))}
    shutil.rmtree(tmp_path / "data" / "spool")
    shutil.copytree(backup / "spool", tmp_path / "data" / "spool")
    sink.arrivals.clear()
    expected = [each for each in sent if each.split(b"|")[9].decode() in waiting]
    async with sink.up(), serving(tmp_path, text):
        await sink.until_kept(expected)
    assert set(expected) == set(sink.bodies)

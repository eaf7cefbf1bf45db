"""A rolling restart: the old process holds the MLLP destination until it ends, then the new one has it."""

import asyncio
from pathlib import Path

import pytest

from tests.adapters.mllp.client.receiver import receiving
from tests.mllp_client import adt, code_of, mllp_client
from tests.processes import serving

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


async def ask(port: int, control_id: str) -> str:
    """Send one message; return the code of its answer."""
    async with mllp_client(port) as client:
        return code_of(await client.ask(adt(control_id)))


async def test_successor(tmp_path: Path) -> None:
    """Until then the new one tells relaying senders to send again, and keeps what it commits."""
    async with receiving() as receiver:
        text = f"""
listeners: {{relay: {{kind: mllp, port: 0}}, commit: {{kind: mllp, port: 0, acknowledge: commit}}}}
destinations: {{lab: {{kind: mllp, host: 127.0.0.1, port: {receiver.port}}}}}
routes: [{{from: relay, to: lab}}, {{from: commit, to: lab}}]
admin: {{port: 0}}
data_dir: {tmp_path / "data"}
spool: {{min_free_bytes: 0}}
drain_seconds: 2
"""
        (tmp_path / "new").mkdir()
        async with serving(tmp_path, text) as (old, ports), serving(tmp_path / "new", text) as (_, new_ports):
            answers = [
                await ask(ports["relay"], "C1"),
                await ask(new_ports["relay"], "C2"),
                await ask(new_ports["commit"], "C3"),
            ]
            assert (["AA", "AR", "AA"], ["C1"]) == (answers, receiver.ids)
            old.process.terminate()
            await old.ended()
            assert "AA" == await ask(new_ports["relay"], "C2")
            async with asyncio.timeout(60):
                while "C3" not in receiver.ids:
                    await asyncio.sleep(0.05)
    assert {"C1", "C2", "C3"} == set(receiver.ids)

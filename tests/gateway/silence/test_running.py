"""`hilum serve` notices that a peer is silent, with one process and with two workers, and keeps what it knows."""

from pathlib import Path

import pytest
from aiohttp import ClientSession

from gateway.silence.store import FILE, Store
from tests.mllp_client import adt, code_of, mllp_client
from tests.processes import HilumProcess, serving

PEER, NEVER = "TEST|WARD", "NEVER"
CONFIG = """
listeners: {lab: {kind: mllp, port: 0}}
destinations: {store: {kind: http, url: "http://127.0.0.1:1/"}}
routes: [{from: lab, to: store, attempts: 1}]
peers:
  TEST|WARD: {silence_after: 3, contact: "Ward IT, 4711"}
  NEVER: {silence_after: 1}
admin: {port: 0}
drain_seconds: 1
"""


async def send(port: int) -> None:
    """Send a message; that it is not stored does not matter: the peer was heard."""
    async with mllp_client(port) as client:
        assert code_of(await client.ask(adt("C1"))) == "AR"


async def silent_peers(port: int, data_dir: Path) -> float:
    """Return the metric of the peers that are silent."""
    headers = {"Authorization": f"Bearer {(data_dir / 'admin-token').read_text().strip()}"}
    async with ClientSession(headers=headers) as client, client.get(f"http://127.0.0.1:{port}/metrics") as reply:
        lines = (await reply.text()).splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith('hilum_silent_peers{state="silent"}'))


async def told_of(process: HilumProcess, event: str, peer: str) -> None:
    """Wait until *event* is logged of *peer*."""
    for count in range(1, 10):
        if (await process.all_logged(event, count))[-1]["peer_name"] == peer:
            return


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
async def test_a_peer_falls_silent(tmp_path: Path, workers: int) -> None:
    """One event when the silence begins and one when it ends, by whichever process judges; the metric follows."""
    data_dir = tmp_path / "data"
    text = CONFIG + f"workers: {workers}\ndata_dir: {data_dir}\n"
    async with serving(tmp_path, text) as (process, ports):
        port = ports["lab"]
        await told_of(process, "peer_silent", NEVER)
        await send(port)
        await told_of(process, "peer_silent", PEER)
        (started,) = [each for each in process.events if each["event"] == "gateway_started" and "worker" not in each]
        assert await silent_peers(started["admin_port"], data_dir) == 2
        await send(port)
        await told_of(process, "peer_heard_again", PEER)
        process.process.terminate()
        await process.ended()
    told = [(each["event"], each["peer_name"]) for each in process.events if each["event"].startswith("peer_")]
    assert told.count(("peer_silent", NEVER)) == 1
    assert told[:2] == [("peer_silent", NEVER), ("peer_silent", PEER)]
    assert all(each["listener"] == "lab" for each in process.events if each.get("peer_name") == PEER)
    assert {peer for peer, _ in Store(data_dir, ["lab"]).read()} == {PEER, NEVER}
    assert [path.name for path in data_dir.iterdir() if path.name.startswith(FILE)] == [FILE]

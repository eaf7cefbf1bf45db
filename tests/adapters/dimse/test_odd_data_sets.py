"""Odd data sets through a whole gateway, in both modes: what the peer is told, and what the store has afterwards."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.adapters.dimse.odd_data_sets import ODD_DATA_SETS, STORED, UID
from tests.adapters.dimse.raw_peer import CT, RawPeer, command_set, p_data
from tests.dicom_files import data_set
from tests.running import running_gateway

COMMAND = command_set(e0002=CT, e0100=1, e0110=1, e0700=0, e0800=1, e1000=UID)


class StowStore:
    """Takes every instance under the name that its File Meta Information has, and reads nothing else of it."""

    def __init__(self) -> None:
        self.kept: asyncio.Queue[bytes] = asyncio.Queue()
        """The data sets."""

    async def store(self, request: web.Request) -> web.Response:
        """Keep the one part of the body (PS3.18 10.5)."""
        body = await request.read()
        delimiter = b"\r\n" + body.partition(b"\r\n")[0]
        (part,) = (b"\r\n" + body).split(delimiter)[1:-1]
        self.kept.put_nowait(data_set(part.partition(b"\r\n\r\n")[2]))
        stored = {"00081150": {"vr": "UI", "Value": [CT]}, "00081155": {"vr": "UI", "Value": [UID]}}
        return web.json_response({"00081199": {"vr": "SQ", "Value": [stored]}}, content_type="application/dicom+json")


@asynccontextmanager
async def gateway(store: StowStore, mode: str, data_dir: Path) -> AsyncIterator[int]:
    """Run a gateway before *store*; yield the port of its listener."""
    application = web.Application(client_max_size=1 << 24)
    application.router.add_post("/studies", store.store)
    async with TestServer(application) as server:
        text = f"""
listeners: {{in: {{kind: dimse, port: 0, acknowledge: {mode}}}}}
destinations: {{out: {{kind: dicomweb, url: "{str(server.make_url("")).rstrip("/")}"}}}}
routes: [{{from: in, to: out}}]
admin: {{port: 0}}
data_dir: {data_dir}
spool: {{min_free_bytes: 0}}
drain_seconds: 5
"""
        async with running_gateway(text) as running:
            yield running.ports["in"]


async def send(port: int, syntax: str, data: bytes) -> str:
    """Return the status that the listener answers."""
    peer = await RawPeer.connect(port)
    await peer.associate(contexts=((CT, (syntax,)),))
    pieces = [data[start : start + 16000] for start in range(0, len(data), 16000)] or [b""]
    fragments = [p_data(1, 0, piece) for piece in pieces[:-1]]
    await peer.send(p_data(1, 3, COMMAND), *fragments, p_data(1, 2, pieces[-1]))
    status = await peer.status()
    peer.vanish()
    return f"{status:04X}"


@pytest.mark.parametrize("mode", ["relay", "commit"])
@pytest.mark.parametrize(("syntax", "data", "status"), ODD_DATA_SETS.values(), ids=ODD_DATA_SETS)
async def test_odd_data_set(tmp_path: Path, mode: str, syntax: str, data: bytes, status: str) -> None:
    """What is answered as stored is in the store as sent, to the octet; of what is refused the store has nothing."""
    store = StowStore()
    async with gateway(store, mode, tmp_path) as port:
        assert status == await send(port, syntax, data)
        if status == STORED:
            assert data == await asyncio.wait_for(store.kept.get(), 60)
    assert store.kept.empty()

"""Planned faults."""

import asyncio
import base64

import pytest
from aiohttp import ClientSession, ClientTimeout, ServerDisconnectedError

from gateway.sandbox.server import Sandbox

MESSAGE = b"MSH|^~\\&|APP|FAC|TO|THERE|20240102||ADT^A01|42|P|2.5\r"


async def ingest(client: ClientSession, sandbox: Sandbox) -> tuple[int, str | None, bytes]:
    """Ingest a message; return status, Retry-After and body."""
    body = {"message": {"data": base64.b64encode(MESSAGE).decode()}}
    async with client.post(f"{sandbox.hl7v2_store_url()}/messages:ingest", json=body) as response:
        return response.status, response.headers.get("Retry-After"), await response.read()


async def stored(client: ClientSession, sandbox: Sandbox) -> int:
    """Return how many messages there are."""
    async with client.get(f"{sandbox.hl7v2_store_url()}/messages") as response:
        return len((await response.json()).get("hl7V2Messages", []))


async def test_fail(sandbox: Sandbox, client: ClientSession) -> None:
    """The next requests fail as planned and do nothing; then all is well."""
    sandbox.faults.fail_next(503, {"Retry-After": "7"}, b"busy", times=2)
    assert [(503, "7", b"busy")] * 2 == [await ingest(client, sandbox) for _ in range(2)]
    assert await stored(client, sandbox) == 0
    assert (await ingest(client, sandbox))[0] == 200


@pytest.mark.parametrize(("after_handling", "kept"), [(False, 0), (True, 1)])
async def test_hang_up(sandbox: Sandbox, client: ClientSession, after_handling: bool, kept: int) -> None:
    """The connection breaks before the message is stored, or after."""
    sandbox.faults.hang_up_next(after_handling=after_handling)
    with pytest.raises((ServerDisconnectedError, ConnectionResetError)):
        await ingest(client, sandbox)
    assert await stored(client, sandbox) == kept


async def test_latency(sandbox: Sandbox) -> None:
    """A latency lasts until `clear`."""
    sandbox.faults.latency = 0.5
    async with ClientSession(timeout=ClientTimeout(total=0.05)) as impatient:
        with pytest.raises(asyncio.TimeoutError):
            await ingest(impatient, sandbox)
    sandbox.faults.clear()
    async with ClientSession() as client:
        assert (await ingest(client, sandbox))[0] == 200


async def test_clear(sandbox: Sandbox, client: ClientSession) -> None:
    """Planned faults can be cancelled."""
    sandbox.faults.fail_next(503)
    sandbox.faults.clear()
    assert (await ingest(client, sandbox))[0] == 200

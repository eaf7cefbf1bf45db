"""What the gateway says of itself is believed only where it says that all is well."""

import asyncio

import pytest

from tests.campaign.admin import complaints
from tests.ports import free_port

PARKED = b'hilum_spool_messages{destination="a",state="parked"} 2.0\n'
EMPTY = b'hilum_spool_messages{destination="a",state="waiting"} 0.0\n' + PARKED
FULL = b'hilum_spool_messages{destination="a",state="waiting"} 3.0\n' + PARKED
CASES = {
    "all is well": (b"200 OK", EMPTY, []),
    "not ready": (b"503 Service Unavailable", EMPTY, ["/readyz: b'HTTP/1.1 503 Service Unavailable\\r\\n\\r\\n'"]),
    "messages wait": (b"200 OK", FULL, ["/metrics: 3 messages wait"]),
}


@pytest.mark.parametrize(("ready", "metrics", "expected"), CASES.values(), ids=CASES)
async def test_complaints(ready: bytes, metrics: bytes, expected: list[str]) -> None:
    """Not being ready and messages that wait are told."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        is_ready = request.startswith(b"GET /readyz ")
        writer.write(b"HTTP/1.1 " + (ready if is_ready else b"200 OK") + b"\r\n\r\n" + (b"" if is_ready else metrics))
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        assert expected == await complaints(server.sockets[0].getsockname()[1])


async def test_nobody_answers() -> None:
    """An admin port that is gone is told, too."""
    assert ["the admin port does not answer: ConnectionRefusedError"] == await complaints(free_port())

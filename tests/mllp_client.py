"""The plainest MLLP peer there is, independent of Hilum's own framing."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MllpClient:
    """One connection with one message outstanding."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, payload: bytes) -> bytes:
        """Send one block and return the payload of the block that comes back."""
        self.writer.write(b"\x0b" + payload + b"\x1c\r")
        return await self.answer()

    async def answer(self) -> bytes:
        """Return the payload of the next block; raises IncompleteReadError when the connection ends instead."""
        block = await self.reader.readuntil(b"\x1c\r")
        assert block.startswith(b"\x0b")
        return block[1:-2]


@asynccontextmanager
async def mllp_client(
    port: int, tls: ssl.SSLContext | None = None, *, address: str = "127.0.0.1"
) -> AsyncIterator[MllpClient]:
    """Connect from *address* to *port* of the loopback address, in the clear or with the context *tls*."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 24, ssl=tls, local_addr=(address, 0))
    try:
        yield MllpClient(reader, writer)
    finally:
        writer.close()


def adt(control_id: str) -> bytes:
    """Return an ADT^A01 about nobody."""
    return (
        rf"MSH|^~\&|TEST|WARD|HILUM|CLOUD|20260102030405||ADT^A01^ADT_A01|{control_id}|P|2.5.1"
        "\r"
        "EVN||20260102030405\rPID|1||0000001^^^TEST^MR||TEST^NOBODY\rPV1|1|I\r"
    ).encode()


def code_of(answer: bytes) -> str:
    """Return ``MSA-1`` of an acknowledgement."""
    return next(line for line in answer.decode().split("\r") if line.startswith("MSA")).split("|")[1]


def control_id_of(answer: bytes) -> str:
    """Return ``MSA-2`` of an acknowledgement."""
    return next(line for line in answer.decode().split("\r") if line.startswith("MSA")).split("|")[2]

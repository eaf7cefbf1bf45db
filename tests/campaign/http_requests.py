"""Just enough HTTP/1.1 for a store that may misbehave down to the socket; nothing of it is Hilum's."""

import asyncio
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Request:
    """A request that has come whole."""

    method: str
    target: str
    fields: Mapping[str, str]
    """By name in lower case."""
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response."""

    status: int
    content_type: str = "text/plain"
    body: bytes = b""
    fields: Mapping[str, str] = field(default_factory=dict)

    def octets(self) -> bytes:
        """Return it as it goes over the wire."""
        lines = [f"HTTP/1.1 {self.status} Reason", f"Content-Length: {len(self.body)}"]
        lines += [f"Content-Type: {self.content_type}"] if self.body else []
        lines += [f"{name}: {value}" for name, value in self.fields.items()]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


async def read_request(reader: asyncio.StreamReader) -> Request:
    """Return the next request; raises IncompleteReadError where the connection ends instead."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")
    method, target, _ = first.split(" ", 2)
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    return Request(method, target, fields, await _read_body(reader, fields))


async def _read_body(reader: asyncio.StreamReader, fields: Mapping[str, str]) -> bytes:
    if fields.get("transfer-encoding", "").lower() == "chunked":
        body = bytearray()
        while size := int((await reader.readline()).split(b";")[0], 16):
            body += await reader.readexactly(size)
            await reader.readexactly(2)
        await reader.readexactly(2)
        return bytes(body)
    return await reader.readexactly(int(fields.get("content-length", "0")))


def reset(writer: asyncio.StreamWriter) -> None:
    """End the connection with RST, whatever is still under way."""
    connection = writer.get_extra_info("socket")
    if connection is not None:
        with suppress(OSError):  # it is closed already
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()

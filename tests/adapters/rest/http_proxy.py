"""An HTTP proxy for the tests: it opens tunnels and passes requests on, and keeps the heads that it was sent."""

import asyncio
from contextlib import suppress


class HttpProxy:
    """One conversation per connection; the host that is asked for is always this machine."""

    def __init__(self, refusal: bytes = b"", via: bytes = b"Via: 1.1 proxy\r\n") -> None:
        self.refusal = refusal
        """Sent in place of doing anything, if there is one."""
        self.via = via
        self.heads: list[str] = []

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client."""
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                return
            self.heads.append(head.decode())
            if self.refusal:
                writer.write(self.refusal)
                return
            method, target, _ = head.decode().split("\r\n")[0].split()
            if method == "CONNECT":
                await _join(reader, writer, int(target.rpartition(":")[2]))
                return
            await self._pass_on(head, reader, writer)

    async def _pass_on(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        method, address, _ = head.split(b"\r\n")[0].split()
        host, _, path = address.removeprefix(b"http://").partition(b"/")
        length = head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]
        body = await reader.readexactly(int(length or 0))
        store_reader, store = await asyncio.open_connection("127.0.0.1", int(host.rpartition(b":")[2]))
        store.write(head.replace(b"%b %b" % (method, address), b"%b /%b" % (method, path), 1) + body)
        answer = await store_reader.readuntil(b"\r\n\r\n")
        length = answer.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]
        writer.write(answer.replace(b"\r\n", b"\r\n" + self.via, 1) + await store_reader.readexactly(int(length)))
        store.close()


async def _join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    store_reader, store = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
    await asyncio.gather(_copy(reader, store), _copy(store_reader, writer))


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    sink.close()

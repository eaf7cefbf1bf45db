"""A receiver over a real socket, which behaves as a test says."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from tests.mllp_client import control_id_of

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def control_id(block: bytes) -> str:
    """Return MSH-10 of a message."""
    return block.partition(b"\r")[0].split(b"|")[9].decode()


def ack(block: bytes, code: str = "AA", named: str | None = None) -> bytes:
    """Return the octets of the acknowledgement of a message."""
    named = control_id(block) if named is None else named
    return f"\x0bMSH|^~\\&|R|R|S|S|||ACK|{code}-{named}|P|2.5\rMSA|{code}|{named}\r\x1c\r".encode()


class Receiver:
    """Takes each block, keeps it, and sends what *answer* returns for it; None hangs up."""

    def __init__(self, answer: Callable[[bytes], bytes | None] = ack) -> None:
        self.answer = answer
        self.blocks: list[bytes] = []
        self.connections = 0
        self.port = 0
        self.closes_behind = False
        self.open: set[asyncio.StreamWriter] = set()
        self.came = asyncio.Event()

    @property
    def ids(self) -> list[str]:
        """The control IDs that came, in their order."""
        return [control_id(each) for each in self.blocks]

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self.connections += 1
        self.open.add(writer)
        try:
            while True:
                block = (await reader.readuntil(b"\x1c\r")).strip(b"\x0b\x1c\r\n") + b"\r"
                self.blocks.append(block)
                self.came.set()
                reply = self.answer(block)
                if reply is None:
                    return
                writer.write(reply)
                if self.closes_behind:
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            self.open.discard(writer)
            writer.close()


@asynccontextmanager
async def receiving(
    answer: Callable[[bytes], bytes | None] = ack, tls: ssl.SSLContext | None = None, port: int = 0
) -> AsyncIterator[Receiver]:
    """Serve a receiver."""
    receiver = Receiver(answer)
    server = await asyncio.start_server(receiver.talk, "127.0.0.1", port, ssl=tls, limit=1 << 26)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for each in tuple(receiver.open):
            each.close()


__all__ = ["Receiver", "ack", "control_id", "control_id_of", "receiving"]

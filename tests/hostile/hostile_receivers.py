"""Receivers over MLLP that do what they like with a message, or instead of an answer to it.

``python -m tests.hostile.hostile_receivers PORT NAME`` runs one of them.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from tests.hostile.raw import noise

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
MIB = 1 << 20
LOWEST_PRIORITY = 19
"""It would be on another machine: the gateway that is measured goes first."""


def ack(block: bytes) -> bytes:
    """Return the acknowledgement of a block."""
    return b"\x0bMSH|^~\\&|R|R|S|S|||ACK|1|P|2.5\rMSA|AA|%b\r\x1c\r" % block.split(b"|", 10)[9]


def instead(*pieces: bytes, times: int = 1) -> Talk:
    """Return a receiver that says *pieces* so many times instead of an answer."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\x1c\r")
        for _ in range(times):
            for piece in pieces:
                writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)  # drain() does not give way while there is room
            if writer.transport.is_closing():
                return
        await reader.read()

    return talk


def behind(*pieces: bytes, times: int) -> Talk:
    """Return a receiver that answers rightly, and then does not stop talking."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        block = await reader.readuntil(b"\x1c\r")
        writer.write(ack(block))
        for _ in range(times):
            for piece in pieces or (ack(block),):
                writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)  # drain() does not give way while there is room
            if writer.transport.is_closing():
                return
        await reader.read()

    return talk


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one octet a time, and never finish."""
    block = await reader.readuntil(b"\x1c\r")
    for octet in ack(block)[:-1]:
        writer.write(bytes([octet]))
        await asyncio.sleep(0.02)
    while True:
        writer.write(b"\x1c")
        await writer.drain()
        await asyncio.sleep(0.02)


async def unread(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Read nothing."""
    reader._transport.pause_reading()  # type: ignore[attr-defined]
    await asyncio.Event().wait()


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reset the connection in the middle of the message."""
    await reader.readexactly(10)
    writer.transport.abort()


async def before(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Talk before anything was asked."""
    writer.write(b"220 mail.ward.example ESMTP\r\n")
    await asyncio.Event().wait()


REFUSING: Mapping[str, Talk] = {
    "an endless block": instead(b"\x0b", *[b"A" * MIB] * 64),
    "blocks without an end": instead(b"\x0bMSH|^~\\&|", times=100_000),
    "empty blocks for ever": instead(b"\x0b\x1c\r" * 10_000, times=10_000),
    "answers to others for ever": instead(ack(b"|||||||||OTHER|") * 1000, times=1000),
    "random octets": instead(noise(MIB, 1), times=8),
    "HTTP": instead(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
    "a header of 8 MiB": instead(b"\x0bMSH" + b"|" * 8 * MIB + b"\rMSA|AA\r\x1c\r"),
    "a million segments": instead(b"\x0bMSH|^~\\&|\r" + b"MSA|AA|X\r" * 1_000_000 + b"\x1c\r"),
    "drip": drip,
    "unread": unread,
    "reset": reset,
    "before": before,
}
"""No message may count as stored."""
TALKATIVE: Mapping[str, Talk] = {
    "its answer for ever": behind(times=1_000_000),
    "stray octets for ever": behind(b"\r\n" * 10_000, times=10_000),
    "empty blocks behind": behind(b"\x0b\x1c\r" * 10_000, times=10_000),
}
"""The message is stored; what follows must not keep the gateway busy."""


@asynccontextmanager
async def hostile_receivers(talks: Mapping[str, Talk], port: int = 0) -> AsyncIterator[list[int]]:
    """Serve each; yield their ports. A *port* is for one alone."""
    talking: set[asyncio.Task[None]] = set()

    def quiet(talk: Talk) -> Talk:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            talking.add(task)
            task.add_done_callback(talking.discard)
            with suppress(OSError, EOFError, RuntimeError, asyncio.CancelledError):
                await talk(reader, writer)
            writer.close()

        return serve

    async with AsyncExitStack() as stack:
        ports = []
        for talk in talks.values():
            server = await asyncio.start_server(quiet(talk), "127.0.0.1", port)
            stack.callback(server.close)
            ports.append(int(server.sockets[0].getsockname()[1]))
        yield ports
    for each in talking:
        each.cancel()
    if talking:
        await asyncio.wait(talking)


async def main(port: int, name: str) -> None:
    """Serve until the process is ended."""
    async with hostile_receivers({name: {**REFUSING, **TALKATIVE}[name]}, port):
        await asyncio.Event().wait()


if __name__ == "__main__":
    os.nice(LOWEST_PRIORITY)
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))

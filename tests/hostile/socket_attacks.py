"""What hostile peers do with bare connections, to any listener."""

import asyncio
import socket
import struct

from tests.hostile.raw import crowd, stranger

COME_AND_GO = 10_000
AT_ONCE = 500
"""Fewer than the usual limit of file descriptors; as many as wait to be accepted."""
RESET = struct.pack("ii", 1, 0)


async def come_and_go(port: int, count: int = COME_AND_GO) -> None:
    """Thousands of connections that leave at once without an octet, in order or by a reset."""
    for first in range(0, count, AT_ONCE):
        sockets = [_connect(port, number) for number in range(first, min(first + AT_ONCE, count))]
        try:
            await asyncio.sleep(0.01)
        finally:
            for number, sock in enumerate(sockets):
                if number % 2:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                sock.close()
        await asyncio.sleep(0.01)


def _connect(port: int, number: int) -> socket.socket:
    """Begin to connect from one of many addresses, and do not wait for it."""
    sock = socket.socket()
    sock.setblocking(False)
    sock.bind((f"127.0.9.{number % 200 + 1}", 0))
    sock.connect_ex(("127.0.0.1", port))
    return sock


async def silent(port: int) -> None:
    """Say nothing on as many connections as one address may have, and more."""

    async def act(number: int) -> None:
        async with stranger(port, 0):
            await asyncio.sleep(1.5)

    await crowd(300, act, at_once=300)


async def half_closed(port: int) -> None:
    """End our own side of the connection at once."""

    async def act(number: int) -> None:
        async with stranger(port, number) as peer:
            peer.end()
            await peer.read_all()

    await crowd(500, act)


async def hello_in_tls(port: int) -> None:
    """Begin a TLS handshake with a listener that speaks in the clear."""

    async def act(number: int) -> None:
        async with stranger(port, number) as peer:
            await peer.send(bytes.fromhex("16030100c8010000c40303") + bytes(194))
            await peer.read_all(bool)  # the connection's end, or an A-ABORT

    await crowd(100, act)


ATTACKS = {each.__name__: each for each in (come_and_go, silent, half_closed, hello_in_tls)}

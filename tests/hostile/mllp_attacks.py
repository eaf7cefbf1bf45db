"""What hostile peers do to an MLLP listener."""

import asyncio
from contextlib import suppress

from tests.hostile.raw import crowd, noise, stranger
from tests.mllp_client import adt

END = b"\x1c\r"


def block(payload: bytes) -> bytes:
    """Return one MLLP block."""
    return b"\x0b" + payload + END


async def random_octets(port: int) -> None:
    """Noise, bare and inside of a block."""

    async def act(number: int) -> None:
        async with stranger(port, number) as peer:
            await peer.send((b"\x0b" if number % 2 else b"") + noise(8192, number))

    await crowd(200, act)


async def endless_block(port: int) -> None:
    """Begin a block that does not end: far more than max_block, and none of it may pile up."""

    async def act(number: int) -> None:
        async with stranger(port, number) as peer:
            await peer.send(b"\x0b" + bytes(16 << 20))
            assert b"MSA" not in await peer.read_all()

    await crowd(8, act)


async def starts_without_end(port: int) -> None:
    """Begin blocks over and over without ending one: that is no message, and comes to an end."""

    async def act(number: int) -> None:
        async with stranger(port, number) as peer:
            await peer.send((b"\x0b" + block(adt("R"))[:-2]) * (1 << 14))
            assert await peer.read_all() == b""

    await crowd(20, act)


async def stalled_block(port: int) -> None:
    """Stop in the middle of a block: that is cut off after message_seconds."""

    async def act(number: int) -> None:
        async with stranger(port, number) as peer:
            await peer.send(block(adt("S"))[: 20 + number])
            assert await peer.read_all() == b""

    await crowd(60, act, at_once=60)


async def one_octet_at_a_time(port: int) -> None:
    """Let a message come in octet by octet, slowly but within the limit: it gets its answer."""

    async def act(number: int) -> None:
        async with stranger(port, number) as peer:
            for octet in block(adt("T")[:50]):
                await peer.send(bytes([octet]))
                await asyncio.sleep(0.004)
            assert await peer.read_until(END, 1) == 1

    await crowd(40, act)


async def tiny_blocks(port: int) -> None:
    """As many messages as octets allow, none of which names its type: each of them gets its negative answer."""
    count = 40_000
    async with stranger(port) as peer, asyncio.TaskGroup() as group:
        answers = group.create_task(peer.read_until(END, count))
        await peer.send(block(b"MSH|^~\\&|") * count)
        assert await answers == count


async def batch_bomb(port: int) -> None:
    """Blocks that hold thousands of messages, as many as are taken at once and one more."""
    for header, count, answers in (
        (b"BHS|^~\\&|\r", 9_990, 1),
        (b"", 9_990, 9_990),
        (b"", 10_001, 1),
        (b"", 100_000, 1),
    ):
        async with stranger(port) as peer:
            await peer.send(block(header + b"MSH|^~\\&|\r" * count))
            assert await peer.read_until(END, answers) == answers


async def pipelining_flood(port: int) -> None:
    """Thousands of messages before the first answer is read: each gets its own."""
    count = 3000

    async def act(number: int) -> None:
        async with stranger(port, number) as peer, asyncio.TaskGroup() as group:
            answers = group.create_task(peer.read_until(END, count))
            await peer.send(b"".join(block(adt(f"P{each}")) for each in range(count)))
            assert await answers == count

    await crowd(2, act)


async def never_read(port: int) -> None:
    """Send and never read: such a peer is dropped after write_seconds, and nothing piles up for it."""
    async with stranger(port, receive_buffer=4096) as peer:
        with suppress(TimeoutError):  # what TCP still holds for it may keep it from noticing
            async with asyncio.timeout(60):
                await peer.send(block(b"MSH|^~\\&|") * 1_000_000)


async def half_closed_flood(port: int) -> None:
    """Peers that close their own side behind the message still get their answer, and then the end."""

    async def act(number: int) -> None:
        async with stranger(port, number) as peer:
            await peer.send(block(adt(f"H{number}")))
            peer.end()
            assert (await peer.read_all()).count(b"MSA|AA|") == 1

    await crowd(300, act)


async def stray_flood(port: int) -> None:
    """Octets between blocks are skipped, but not for ever."""

    async def act(number: int) -> None:
        async with stranger(port, number) as peer:
            await peer.send(b"\r\n\0 " * (1 << 18))
            assert await peer.read_all() == b""

    await crowd(8, act)


ATTACKS = {
    each.__name__: each
    for each in (
        random_octets,
        endless_block,
        starts_without_end,
        stalled_block,
        one_octet_at_a_time,
        tiny_blocks,
        batch_bomb,
        pipelining_flood,
        never_read,
        half_closed_flood,
        stray_flood,
    )
}

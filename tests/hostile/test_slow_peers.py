"""Peers that take their time, and those who hold places: what time limits and limits for one address have to stop."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.adapters.dimse.raw_peer import CT, command_set, p_data
from tests.hostile.dimse_attacks import PROPOSAL, has_last_word
from tests.hostile.raw import Stranger, stranger
from tests.hostile.regulars import at_work
from tests.hostile.ward import ward

pytestmark = pytest.mark.slow

PATIENCE = 20
"""Seconds, of which message_seconds is one: a message may not take so long to trickle in."""
ABORT_BY_USER = bytes.fromhex("07000000000400000000")
STORE = command_set(e0002=CT, e0100=1, e0110=7, e0700=2, e0800=1, e1000="1.2.3.9")


async def trickle(peer: Stranger, octet: bytes, is_over: Callable[[], bool] = lambda: False) -> float:
    """Send *octet* five times a second; return the seconds until the gateway has enough of it, at most PATIENCE."""
    loop = asyncio.get_running_loop()
    begin = loop.time()
    while loop.time() - begin < PATIENCE and not is_over() and await peer.send(octet):
        await asyncio.sleep(0.2)
    return loop.time() - begin


async def test_trickling_block(tmp_path: Path) -> None:
    """A block that never ends although its peer is never silent is cut off."""
    async with ward(tmp_path, idle_seconds=30) as gateway, stranger(gateway.ports.hl7) as peer:
        await peer.send(b"\x0bMSH|^~\\&|")
        assert await trickle(peer, b"x") < PATIENCE


async def test_trickling_data_set(tmp_path: Path) -> None:
    """A data set that never ends although its peer is never silent is aborted."""
    async with ward(tmp_path, idle_seconds=30) as gateway, stranger(gateway.ports.dicom) as peer:
        await peer.send(PROPOSAL + p_data(3, 3, STORE))
        answer = asyncio.create_task(peer.read_all(has_last_word))
        assert await trickle(peer, p_data(3, 0, b"x"), answer.done) < PATIENCE
        assert ABORT_BY_USER in await answer


async def test_silent_sockets_of_one_address(tmp_path: Path) -> None:
    """An address that holds as many silent sockets as it can get keeps no other peer from an association."""
    async with ward(tmp_path, max_connections=20, max_connections_per_peer=10) as gateway:
        silent = [await asyncio.open_connection("127.0.0.1", gateway.ports.dicom) for _ in range(300)]
        try:
            async with stranger(gateway.ports.dicom, 1) as peer:
                await peer.send(PROPOSAL)
                assert await peer.read_until(b"1.2.840.10008.3.1.1.1", 1) == 1, "there was no A-ASSOCIATE-AC"
        finally:
            for _, writer in silent:
                writer.transport.abort()


async def test_silent_connections_of_one_address(tmp_path: Path) -> None:
    """An address that holds as many silent MLLP connections as it can get keeps nobody else from an answer."""
    async with ward(tmp_path, max_connections=20, max_connections_per_peer=10) as gateway:
        silent = [await asyncio.open_connection("127.0.0.1", gateway.ports.hl7) for _ in range(100)]
        try:
            async with at_work(gateway.ports) as regulars:
                await regulars.answered()
        finally:
            for _, writer in silent:
                writer.transport.abort()
        await gateway.at_rest()

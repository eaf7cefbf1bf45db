"""The last answers of a peer are not lost, however TCP splits them and whatever follows."""

import asyncio
import socket
import struct
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from adapters.dimse.requesting.association import associate
from adapters.dimse.requesting.connection import AssociationEnded
from adapters.dimse.requesting.reasons import NO_RESPONSE
from adapters.dimse.requesting.sender import send
from gateway.contract.sending import Address, SendOptions
from tests.adapters.dimse.raw_peer import ABORT, CT, EXPLICIT, RELEASE_RP, RELEASE_RQ, command_set, p_data
from tests.adapters.dimse.requesting.test_association import CLOSED, LENGTH, odd_accept
from tests.dicom_files import make_multi_frame, make_series

HERE = "127.0.0.1"
ACCEPT = odd_accept(LENGTH, EXPLICIT)
STORED = p_data(1, 3, command_set(e0002=CT, e0100=0x8001, e0120=1, e0800=0x101, e0900=0))
REFUSED = p_data(1, 3, command_set(e0002=CT, e0100=0x8001, e0120=1, e0800=0x101, e0900=0xA700))
RELEASE_OCTETS = 4
END_OF_DATA_SET = 2  # the message control header (PS3.8 E.2)
CONTEXTS = {1: (CT, EXPLICIT)}


async def read_pdu(reader: asyncio.StreamReader) -> bytes:
    """Return what follows the header of the next PDU."""
    header = await reader.readexactly(6)
    return await reader.readexactly(struct.unpack_from(">L", header, 2)[0])


@asynccontextmanager
async def peer(*said: bytes, resets: bool = False) -> AsyncIterator[Address]:
    """Run a peer that takes one instance, says all of *said* (a turn of the loop between two), and is gone."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await read_pdu(reader)
            writer.write(ACCEPT)
            while (await read_pdu(reader))[5] != END_OF_DATA_SET:
                pass
            for octets in said:
                writer.write(octets)
                await asyncio.sleep(0)
        if resets:
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.close()

    async with await asyncio.start_server(serve, HERE) as server:
        yield Address(HERE, server.sockets[0].getsockname()[1], "PEER")


BEHIND = {"nothing": b"", "an abort": ABORT, "a release": RELEASE_RQ, "the answer to a release": RELEASE_RP}


@pytest.mark.parametrize("said", BEHIND.values(), ids=BEHIND)
async def test_answer_and_gone(said: bytes, tmp_path: Path) -> None:
    """The answer to the last instance counts, although the peer ends the connection right after it."""
    async with peer(STORED + said) as address:
        results = [each async for each in send(address, make_series(tmp_path, 1))]
    assert [("0000", "")] == [(each.status, each.reason) for each in results]


@pytest.mark.parametrize("at", range(1, len(STORED) + len(RELEASE_RQ), 3))
async def test_answer_cut_anywhere(at: int, tmp_path: Path) -> None:
    """The result does not depend on how TCP splits the answer and the release after it."""
    whole = STORED + RELEASE_RQ
    async with peer(whole[:at], whole[at:]) as address:
        results = [each async for each in send(address, make_series(tmp_path, 1))]
    assert [("0000", "")] == [(each.status, each.reason) for each in results]


UNTRUE = {(None, "the connection was reset"), (None, CLOSED), (None, NO_RESPONSE)}
EARLY = {"refused": (REFUSED, {("A700", "")}), "stored": (STORED, UNTRUE)}


@pytest.mark.parametrize(("answer", "expected"), EARLY.values(), ids=EARLY)
async def test_early_answer_and_reset(answer: bytes, expected: set[tuple[str | None, str]], tmp_path: Path) -> None:
    """A refusal before the whole request, followed by a reset, is read: it is still in the socket.

    One that says so early that it has stored the instance cannot have, and is not believed.
    """

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_pdu(reader)
        writer.write(ACCEPT)
        await reader.readexactly(100_000)
        writer.write(answer)
        await writer.drain()
        writer.close()  # what is unread makes it a reset

    path = tmp_path / "big.dcm"
    make_multi_frame(path, 48 << 20)
    async with await asyncio.start_server(serve, HERE) as server:
        address = Address(HERE, server.sockets[0].getsockname()[1], "PEER")
        (result,) = [each async for each in send(address, [path])]
    assert (result.status, result.reason) in expected


async def test_broken_off_in_the_middle(tmp_path: Path) -> None:
    """The remaining files are sent over another association; the unanswered instance is sent once more."""
    files, taken = make_series(tmp_path, 4), list[int]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.append(0)
        await read_pdu(reader)
        writer.write(ACCEPT)
        for number in (1, 2):  # an association has two requests here, of which one is answered
            while (pdu := await read_pdu(reader))[5:6] != bytes([END_OF_DATA_SET]):
                if len(pdu) == RELEASE_OCTETS:  # the last association has one request
                    writer.close()
                    return
            taken[-1] += 1
            if number == 1:
                writer.write(STORED)
        writer.write(ABORT)
        writer.close()

    async with await asyncio.start_server(serve, HERE) as server:
        address = Address(HERE, server.sockets[0].getsockname()[1], "PEER")
        results = [each async for each in send(address, files)]
    assert [(path, "0000") for path in files] == [(each.path, each.status) for each in results]
    assert [2, 2, 2] == taken[:3]


async def test_a_peer_that_always_aborts(tmp_path: Path) -> None:
    """A peer that never answers is given up after some attempts; each file has the reason."""
    async with peer(ABORT) as address:
        results = [each async for each in send(address, make_series(tmp_path, 5))]
    aborted = "the peer aborted the association"
    gave_up = f"not sent: 3 associations in a row ended without an answer: {aborted}"
    assert [aborted] * 2 + [gave_up] * 3 == [each.reason for each in results]


async def test_time_out_is_our_own() -> None:
    """After a time-out the reason does not say that the peer aborted."""
    never = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_pdu(reader)
        writer.write(ACCEPT)
        await never.wait()
        writer.close()

    async def nothing() -> AsyncIterator[bytes]:
        yield b"ab"

    async with await asyncio.start_server(serve, HERE) as server:
        address = Address(HERE, server.sockets[0].getsockname()[1], "PEER")
        with pytest.raises(AssociationEnded, match=r"no answer in 0\.1 s") as caught:
            async with associate(address, CONTEXTS, SendOptions(timeout=0.1)) as association:
                await association.store((CT, EXPLICIT), "1.2.3", nothing())
        never.set()
    assert caught.value.ended is None


async def test_both_release() -> None:
    """If both sides release at the same time, the peer gets its answer and the release completes."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_pdu(reader)
        writer.write(ACCEPT)
        heard.append(await reader.readexactly(len(RELEASE_RQ)))
        writer.write(RELEASE_RQ)
        heard.append(await reader.readexactly(len(RELEASE_RP)))
        writer.write(RELEASE_RP)
        heard.append(await reader.read())
        writer.close()

    async with await asyncio.start_server(serve, HERE) as server:
        async with associate(Address(HERE, server.sockets[0].getsockname()[1], "PEER"), CONTEXTS):
            pass
        async with asyncio.timeout(60):
            while len(heard) < 3:
                await asyncio.sleep(0.01)
    assert [RELEASE_RQ, RELEASE_RP, b""] == heard


async def test_aborted_by_our_own_fault() -> None:
    """A block that ends with an exception aborts the association with source "service user"."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_pdu(reader)
        writer.write(ACCEPT)
        heard.append(await reader.readexactly(len(ABORT)))
        writer.close()

    async with await asyncio.start_server(serve, HERE) as server:
        with pytest.raises(ZeroDivisionError):
            async with associate(Address(HERE, server.sockets[0].getsockname()[1], "PEER"), CONTEXTS):
                raise ZeroDivisionError
        async with asyncio.timeout(60):
            while not heard:
                await asyncio.sleep(0.01)
    assert [ABORT] == heard


async def test_large_instance_is_streamed(tmp_path: Path) -> None:
    """An instance of any size takes a few megabytes of memory."""
    path = tmp_path / "big.dcm"
    make_multi_frame(path, 64 << 20)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_pdu(reader)
        writer.write(ACCEPT)
        while (await read_pdu(reader))[5] != END_OF_DATA_SET:
            pass
        writer.write(STORED)
        await read_pdu(reader)
        writer.close()

    tracemalloc.start()
    try:
        async with await asyncio.start_server(serve, HERE) as server:
            address = Address(HERE, server.sockets[0].getsockname()[1], "PEER")
            (result,) = [each async for each in send(address, [path])]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert ("0000", True) == (result.status, peak < 12 << 20)

"""Messages in files are sent, and each answer is reported."""

import asyncio
from pathlib import Path

from adapters.mllp.sending.commands import send
from gateway.contract.outcome import Refused
from gateway.contract.sending import NO_ANSWER, Address, SendOptions
from tests.adapters.mllp.conftest import Serve
from tests.adapters.mllp.fakes import FakeDelivery
from tests.mllp_client import adt
from tests.ports import free_port


async def test_answers(serve: Serve, delivery: FakeDelivery, tmp_path: Path) -> None:
    """Each message of each file has its line: its control ID, its answer, and whether that is positive."""
    first, second = tmp_path / "first.hl7", tmp_path / "second.hl7"
    first.write_bytes(adt("A") + adt("B"))
    second.write_bytes(adt("C"))
    delivery.outcomes["B"] = Refused("no")
    listener = await serve()
    found = [each async for each in send(Address("127.0.0.1", listener.port), [first, second])]
    assert [("A", "AA", True), ("B", "AE", False), ("C", "AA", True)] == [
        (each.identifier, each.answer, each.positive) for each in found
    ]
    assert [str(first), str(first), str(second)] == [each.source for each in found]


CLOSED = "the peer closed the connection without an answer"


async def test_nobody_answers(tmp_path: Path) -> None:
    """A closed connection is reported; messages after the unanswered one are reported as not sent."""
    path = tmp_path / "two.hl7"
    path.write_bytes(adt("A") + adt("B"))

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\x1c\r")
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        address = Address("127.0.0.1", server.sockets[0].getsockname()[1])
        found = [each async for each in send(address, [path])]
    assert [("A", CLOSED), ("B", f"not sent: {CLOSED}")] == [(each.identifier, each.detail) for each in found]
    assert [NO_ANSWER] * 2 == [each.answer for each in found]


async def test_no_connection(tmp_path: Path) -> None:
    """Without a peer every message says why it was not sent."""
    path = tmp_path / "two.hl7"
    path.write_bytes(adt("A") + adt("B"))
    found = [each async for each in send(Address("127.0.0.1", free_port()), [path])]
    assert ["not sent: no connection: connection refused"] * 2 == [each.detail for each in found]


async def test_no_such_host(tmp_path: Path) -> None:
    """An invalid host name is reported like one that cannot be resolved."""
    path = tmp_path / "one.hl7"
    path.write_bytes(adt("A"))
    (only,) = [each async for each in send(Address("a..b", 1), [path])]
    assert "not sent: no connection: the host name cannot be resolved" == only.detail


async def test_no_answer_in_time(tmp_path: Path) -> None:
    """The reason contains the time-out."""
    path, never = tmp_path / "one.hl7", asyncio.Event()
    path.write_bytes(adt("A"))

    async def stay(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await never.wait()
        writer.close()

    async with await asyncio.start_server(stay, "127.0.0.1", 0) as server:
        address = Address("127.0.0.1", server.sockets[0].getsockname()[1])
        (only,) = [each async for each in send(address, [path], SendOptions(timeout=0.1))]
        never.set()
    assert "no answer in 0.1 s" == only.detail


async def test_no_mllp(tmp_path: Path) -> None:
    """An answer in another protocol is reported with the framing error."""
    path = tmp_path / "one.hl7"
    path.write_bytes(adt("A"))

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\x1c\r")
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        address = Address("127.0.0.1", server.sockets[0].getsockname()[1])
        (only,) = [each async for each in send(address, [path])]
    assert only.detail.startswith("the answer is not MLLP: ")


async def test_files_without_messages(serve: Serve, tmp_path: Path) -> None:
    """A file that has no message, or cannot be read, has its line; those beside it are sent."""
    absent, empty, good = tmp_path / "absent.hl7", tmp_path / "empty.hl7", tmp_path / "good.hl7"
    empty.write_bytes(b"hello")
    good.write_bytes(adt("C"))
    listener = await serve()
    found = [each async for each in send(Address("127.0.0.1", listener.port), [absent, empty, tmp_path, good])]
    assert [
        "not sent: the file cannot be read: no such file or directory",
        "not sent: the file holds no HL7v2 message",
        "not sent: the file cannot be read: is a directory",
        "Application accept",
    ] == [each.detail for each in found]
    assert [False, False, False, True] == [each.positive for each in found]

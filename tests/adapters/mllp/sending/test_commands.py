"""Messages in files are sent, and each answer is told."""

import asyncio
from pathlib import Path

from adapters.mllp.sending.commands import send
from gateway.contract.outcome import Refused
from gateway.contract.sending import Address
from tests.adapters.mllp.conftest import Serve
from tests.adapters.mllp.fakes import FakeDelivery
from tests.mllp_client import adt


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


async def test_nobody_answers(tmp_path: Path) -> None:
    """A peer that hangs up is told in one line, and nothing more is sent."""
    path = tmp_path / "two.hl7"
    path.write_bytes(adt("A") + adt("B"))
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        address = Address("127.0.0.1", server.sockets[0].getsockname()[1])
        (only,) = [each async for each in send(address, [path])]
    assert not only.positive

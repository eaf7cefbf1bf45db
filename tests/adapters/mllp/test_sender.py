"""The client."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from adapters.hl7.acknowledgement import answer_code, is_positive
from adapters.mllp.framing import frame
from adapters.mllp.sender import MllpSender
from gateway.message import Refused
from tests.adapters.mllp.conftest import Serve
from tests.adapters.mllp.fakes import FakeDelivery
from tests.mllp_client import adt

Conversation = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
async def peer() -> AsyncIterator[Callable[[Conversation], Awaitable[int]]]:
    """Start a peer that behaves as the test says; return its port."""
    servers: list[asyncio.Server] = []

    async def start(conversation: Conversation) -> int:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await conversation(reader, writer)
            writer.close()

        servers.append(await asyncio.start_server(talk, "127.0.0.1", 0))
        port: int = servers[-1].sockets[0].getsockname()[1]
        return port

    yield start
    for server in servers:
        server.close()


def answering(*answers: bytes) -> Conversation:
    """Return a conversation that answers the first message with *answers* and waits for the end."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\x1c\r")
        writer.write(b"".join(answers))
        await reader.read()

    return talk


Peer = Callable[[Conversation], Awaitable[int]]


def ack(control_id: str, code: str = "AA") -> bytes:
    """Return an acknowledgement."""
    return f"MSH|^~\\&|\rMSA|{code}|{control_id}\r".encode()


async def test_send(serve: Serve, delivery: FakeDelivery) -> None:
    """One connection sends any number of messages, each with its answer."""
    listener = await serve()
    delivery.outcomes = {"C2": Refused("bad")}
    async with MllpSender("127.0.0.1", listener.port, 5) as sender:
        answers = [await sender.send(adt(control_id)) for control_id in ("C1", "C2", "C3")]
    assert ["AA", "AE", "AA"] == [answer_code(answer) for answer in answers]
    assert [True, False, True] == [is_positive(answer) for answer in answers]


async def test_two_answers(serve: Serve) -> None:
    """Of two answers the first is returned; the second is not taken for the next message's."""
    listener = await serve()
    enhanced = b"MSH|^~\\&|A|B|C|D|||ADT^A01|C1|P|2.5|||AL|AL\r"
    async with MllpSender("127.0.0.1", listener.port, 5) as sender:
        assert "CA" == answer_code(await sender.send(enhanced))
        assert b"|C2\r" in await sender.send(adt("C2"))


ANSWERS = {
    "its own": (frame(ack("C1")), ack("C1")),
    "in a batch": (frame(b"BHS|^~\\&|\r" + ack("C1") + b"BTS|1\r"), b"BHS|^~\\&|\r" + ack("C1") + b"BTS|1\r"),
    "after a stray one": (frame(ack("C0")) + b"\r\n" + frame(ack("C1")), ack("C1")),
    "without an ID": (frame(ack("")), ack("")),
}


@pytest.mark.parametrize(("wire", "expected"), ANSWERS.values(), ids=ANSWERS)
async def test_answers(wire: bytes, expected: bytes, peer: Peer) -> None:
    """The answer is the block that does not name another message."""
    async with MllpSender("127.0.0.1", await peer(answering(wire)), 5) as sender:
        assert expected == await sender.send(adt("C1"))


async def test_no_answer(peer: Peer) -> None:
    """A peer that does not answer in time is given up, and the connection with it."""
    async with MllpSender("127.0.0.1", await peer(answering()), 0.05) as sender:
        with pytest.raises(TimeoutError):
            await sender.send(adt("C1"))
        with pytest.raises(ConnectionError):
            await sender.send(adt("C2"))


async def test_closed_without_an_answer(peer: Peer) -> None:
    """A peer that hangs up is a ConnectionError."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\x1c\r")

    async with MllpSender("127.0.0.1", await peer(hang_up), 5) as sender:
        with pytest.raises(ConnectionError, match="without an answer"):
            await sender.send(adt("C1"))


async def test_not_mllp(peer: Peer) -> None:
    """A peer that speaks something else is a ConnectionError that shows nothing of what it said."""
    async with MllpSender("127.0.0.1", await peer(answering(b"SECRET")), 5) as sender:
        with pytest.raises(ConnectionError, match="the answer is not MLLP") as caught:
            await sender.send(adt("C1"))
    assert "SECRET" not in str(caught.value)


async def test_nobody_there(serve: Serve) -> None:
    """A port where nobody listens is an OSError."""
    listener = await serve()
    listener.stop_accepting()
    with pytest.raises(OSError, match=r"[Cc]onnect"):
        async with MllpSender("127.0.0.1", listener.port, 5):
            pass

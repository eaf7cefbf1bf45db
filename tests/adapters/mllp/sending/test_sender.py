"""The client."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from adapters.hl7.acknowledgement import answer_code, is_positive
from adapters.mllp.framing import frame
from adapters.mllp.sending.sender import MllpSender
from gateway.contract.outcome import Outcome, Refused, Stored
from tests.adapters.mllp.conftest import Serve
from tests.adapters.mllp.fakes import FakeDelivery, FakeMeter
from tests.mllp_client import adt
from tests.slow_peer import read_slowly, slow_peer

Conversation = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Peer = Callable[[Conversation], Awaitable[int]]


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


def ack(control_id: str, code: str = "AA") -> bytes:
    """Return an acknowledgement."""
    return f"MSH|^~\\&|\rMSA|{code}|{control_id}\r".encode()


async def test_send(serve: Serve, delivery: FakeDelivery) -> None:
    """One connection sends any number of messages, each with its answer."""
    listener = await serve()
    delivery.outcomes = {"C2": Refused("bad")}
    async with MllpSender("127.0.0.1", listener.port, 5) as sender:
        answers = [await sender.send(adt(control_id)) or b"" for control_id in ("C1", "C2", "C3")]
    assert ["AA", "AE", "AA"] == [answer_code(answer) for answer in answers]
    assert [True, False, True] == [is_positive(answer) for answer in answers]


async def test_two_answers(serve: Serve) -> None:
    """Of two answers the first is returned; the second is not taken for the next message's."""
    listener = await serve()
    enhanced = b"MSH|^~\\&|A|B|C|D|||ADT^A01|C1|P|2.5|||AL|AL\r"
    async with MllpSender("127.0.0.1", listener.port, 5) as sender:
        assert "CA" == answer_code(await sender.send(enhanced) or b"")
        assert b"|C2\r" in (await sender.send(adt("C2")) or b"")


def asking(control_id: str, commit: str, application: str, message_type: str = "ADT^A01") -> bytes:
    """Return a message with conditions in MSH-15 and MSH-16."""
    return f"MSH|^~\\&|A|B|C|D|||{message_type}|{control_id}|P|2.5|||{commit}|{application}\r".encode()


UNANSWERED: dict[str, tuple[tuple[str, ...], Outcome]] = {
    "never": (("NE", "NE"), Stored()),
    "never a commit acknowledgement": (("NE", ""), Stored()),
    "on error, and there is none": (("ER", "NE"), Stored()),
    "on success, and it is not": (("NE", "SU"), Refused("bad")),
    "an acknowledgement": (("", "", "ACK"), Stored()),
    "an acknowledgement, never": (("NE", "NE", "ACK^A01"), Stored()),
}


@pytest.mark.parametrize(("asked", "outcome"), UNANSWERED.values(), ids=UNANSWERED)
async def test_a_message_that_gets_no_answer(
    asked: tuple[str, ...], outcome: Outcome, serve: Serve, delivery: FakeDelivery, meter: FakeMeter
) -> None:
    """A message that asks for no answer is not waited for; the next one gets its own, and each arrives."""
    listener = await serve()
    delivery.outcomes = {"C1": outcome, "C3": outcome}
    async with MllpSender("127.0.0.1", listener.port, 30, quiet=0.3) as sender:
        assert await sender.send(asking("C1", *asked)) is None
        assert "AA" == answer_code(await sender.send(adt("C2")) or b"")
        assert await sender.send(asking("C3", *asked)) is None
    assert 3 == len(meter.sizes)


ANSWERED: dict[str, tuple[tuple[str, ...], Outcome, str]] = {
    "on error": (("ER", "NE"), Refused("bad"), "CE"),
    "on success": (("NE", "SU"), Stored(), "AA"),
    "one or the other": (("ER", "SU"), Stored(), "AA"),
    "an acknowledgement, always": (("AL", "NE", "ACK"), Stored(), "CA"),
}


@pytest.mark.parametrize(("asked", "outcome", "expected"), ANSWERED.values(), ids=ANSWERED)
async def test_an_answer_to_some_outcomes(
    asked: tuple[str, ...], outcome: Outcome, expected: str, serve: Serve, delivery: FakeDelivery
) -> None:
    """If an answer is possible, the client waits for it."""
    listener = await serve()
    delivery.outcome = outcome
    async with MllpSender("127.0.0.1", listener.port, 30, quiet=20) as sender:
        assert expected == answer_code(await sender.send(asking("C1", *asked)) or b"")


async def test_an_answer_that_nobody_asked_for(peer: Peer) -> None:
    """An unexpected answer does not end the connection, and is not taken for the answer to another message."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for control_id in ("C1", "C2", "C3"):
            await reader.readuntil(b"\x1c\r")
            writer.write(frame(ack(control_id)))
        received.append(await reader.read())

    received: list[bytes] = []
    async with MllpSender("127.0.0.1", await peer(talk), 5) as sender:
        assert await sender.send(asking("C1", "NE", "NE")) is None
        assert ack("C2") == await sender.send(adt("C2"))
        assert await sender.send(asking("C3", "NE", "NE")) is None
    async with asyncio.timeout(30):
        while not received:
            await asyncio.sleep(0.01)
    assert [b""] == received


async def test_an_unread_answer_is_waited_for_no_longer_than_quiet(peer: Peer) -> None:
    """The client does not wait for ever for a peer to close its side."""

    async def stay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        await done.wait()

    done = asyncio.Event()
    async with MllpSender("127.0.0.1", await peer(stay), 30, quiet=0.05) as sender:
        assert await sender.send(asking("C1", "NE", "NE")) is None
    done.set()


ANSWERS = {
    "its own": (frame(ack("C1")), ack("C1")),
    "in a batch": (frame(b"BHS|^~\\&|\r" + ack("C1") + b"BTS|1\r"), b"BHS|^~\\&|\r" + ack("C1") + b"BTS|1\r"),
    "after stray octets": (b"\r\n" + frame(ack("C1")), ack("C1")),
}


@pytest.mark.parametrize(("wire", "expected"), ANSWERS.values(), ids=ANSWERS)
async def test_answers(wire: bytes, expected: bytes, peer: Peer) -> None:
    """The answer is the block that does not name another message."""
    async with MllpSender("127.0.0.1", await peer(answering(wire)), 5) as sender:
        assert expected == await sender.send(adt("C1"))


NO_ANSWERS = {"about another message": ack("C0"), "without an ID": ack(""), "without a known code": ack("C1", "OK")}


@pytest.mark.parametrize("block", NO_ANSWERS.values(), ids=NO_ANSWERS)
async def test_no_answers(block: bytes, peer: Peer) -> None:
    """A block that does not name the message, or says nothing, is no answer, whatever its code."""
    async with MllpSender("127.0.0.1", await peer(answering(frame(block))), 5) as sender:
        with pytest.raises(ConnectionError):
            await sender.send(adt("C1"))


async def test_message_without_a_control_id(serve: Serve) -> None:
    """It has a connection of its own, on which its answer can be no other's."""
    listener = await serve()
    async with MllpSender("127.0.0.1", listener.port, 5) as sender:
        answers = [await sender.send(adt(control_id)) or b"" for control_id in ("C1", "", "", "C1")]
    assert ["AA"] * 4 == [answer_code(answer) for answer in answers]


async def test_no_answer(peer: Peer) -> None:
    """After a time-out the next message has a new connection, so that a late answer is not taken for its own."""
    answer = b""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\x1c\r")
        writer.write(answer)
        await reader.read()

    async with MllpSender("127.0.0.1", await peer(talk), 0.3) as sender:
        with pytest.raises(TimeoutError):
            await sender.send(adt("C1"))
        answer = frame(ack("C2"))
        assert ack("C2") == await sender.send(adt("C2"))


async def test_peer_that_is_slow() -> None:
    """A peer that takes a message more slowly than the time limit, but steadily, is waited for."""
    message = adt("C1") + b"OBX|1|ED|" + b"A" * 1_400_000 + b"\r"

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_slowly(reader, len(frame(message)))
        writer.write(frame(ack("C1")))
        await reader.read()

    async with slow_peer(serve) as port, MllpSender("127.0.0.1", port, 3) as sender:
        assert ack("C1") == await sender.send(message)


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

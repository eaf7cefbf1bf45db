"""One connected peer, over a real loopback socket."""

import asyncio
import errno
import socket
import ssl
import struct
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from structlog.testing import capture_logs

from adapters.mllp.framing import frame
from adapters.mllp.listener import MllpListener
from adapters.mllp.serving.backlog import MOST_QUEUED, MOST_QUEUED_OCTETS
from adapters.mllp.serving.connection import Connection
from adapters.mllp.serving.report import Report
from gateway.contract.meter import Rejection
from gateway.contract.outcome import Stored, Unavailable
from tests.adapters.mllp.conftest import Serve
from tests.adapters.mllp.fakes import FakeDelivery, FakeMeter
from tests.mllp_client import MllpClient, adt, code_of, control_id_of, mllp_client

SECRET = b"MSH|^~\\&|A|B|C|D|||ADT^A01|C1|P|2.5\rPID|1||SECRET^PATIENT\r"


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that has no event of its own."""
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.001)


async def ended(client: MllpClient) -> bytes:
    """Return what still comes until the listener closes."""
    async with asyncio.timeout(60):
        return await client.reader.read()


def connection(listener: MllpListener) -> Connection:
    """Return the listener's one connection."""
    (only,) = listener._service.connections
    return only


async def test_message(serve: Serve, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """A message arrives as it was sent and is acknowledged by its control ID."""
    listener = await serve()
    async with mllp_client(listener.port) as client:
        for control_id in ("C1", "C2"):
            answer = await client.ask(adt(control_id))
            assert ("AA", control_id) == (code_of(answer), control_id_of(answer))
        assert 1 == meter.connections
    assert [adt("C1"), adt("C2")] == delivery.payloads
    assert "127.0.0.1" == delivery.messages[0].facts["peer_ip"]
    assert (["AA", "AA"], [len(adt("C1"))] * 2, 1) == (meter.answers, meter.sizes, meter.ever_connected)


async def test_one_octet_at_a_time(serve: Serve, delivery: FakeDelivery) -> None:
    """A peer that writes octet by octet is understood."""
    listener = await serve()
    async with mllp_client(listener.port) as client:
        for octet in frame(adt("C1")):
            client.writer.write(bytes([octet]))
            await client.writer.drain()
        assert "C1" == control_id_of(await client.answer())
    assert [adt("C1")] == delivery.payloads


async def test_pipelined(serve: Serve, delivery: FakeDelivery) -> None:
    """Any number of blocks may be under way; the answers come in their order."""
    listener = await serve()
    names = [f"C{number}" for number in range(500)]
    async with mllp_client(listener.port) as client:
        client.writer.write(b"".join(frame(adt(name)) for name in names))
        assert names == [control_id_of(await client.answer()) for _ in names]
    assert [adt(name) for name in names] == delivery.payloads


async def test_others_get_their_turn(serve: Serve, meter: FakeMeter) -> None:
    """A batch of a thousand messages is logged in portions, between which other tasks run."""
    listener, told = await serve(), [0]

    async def watch() -> None:
        while told[-1] < 1000:
            told.append(len(meter.answers))
            await asyncio.sleep(0)

    watcher = asyncio.create_task(watch())
    async with mllp_client(listener.port) as client:
        assert 1000 == (await client.ask(b"BHS|^~\\&|\r" + b"MSH|^~\\&|\r" * 1000)).count(b"MSA|AE")
        await watcher
    assert max(after - before for before, after in pairwise(told)) <= MOST_QUEUED


async def test_one_after_another(serve: Serve, delivery: FakeDelivery) -> None:
    """The second of two pipelined messages waits for the outcome of the first."""
    listener = await serve()
    delivery.hold()
    async with mllp_client(listener.port) as client:
        client.writer.write(frame(adt("C1")) + frame(adt("C2")))
        await until(lambda: len(connection(listener)._incoming) == 1)
        assert 1 == len(delivery.messages)
        delivery.may_go_on.set()
        assert ["C1", "C2"] == [control_id_of(await client.answer()) for _ in range(2)]


async def test_large_block(serve: Serve, delivery: FakeDelivery) -> None:
    """A block as large as the limit goes through."""
    payload = adt("C1") + b"OBX|1|ED|" + b"x" * 5_000_000
    listener = await serve(max_block=len(payload))
    async with mllp_client(listener.port) as client:
        assert "AA" == code_of(await client.ask(payload))
    assert [payload] == delivery.payloads


async def test_strays_between_blocks(serve: Serve, meter: FakeMeter) -> None:
    """Line ends, NULs and spaces between blocks are skipped and counted."""
    listener = await serve()
    async with mllp_client(listener.port) as client:
        client.writer.write(b"\r\n" + frame(adt("C1")) + b"\0 \n" + frame(adt("C2")))
        assert ["C1", "C2"] == [control_id_of(await client.answer()) for _ in range(2)]
    assert 5 == meter.stray


async def test_block_end_without_cr(serve: Serve) -> None:
    """A peer that leaves out the last CR is served by `block_end: 1c`."""
    listener = await serve(block_end="1c")
    async with mllp_client(listener.port) as client:
        client.writer.write(b"\x0b" + adt("C1") + b"\x1c")
        assert "C1" == control_id_of(await client.answer())


async def test_two_answers(serve: Serve, meter: FakeMeter) -> None:
    """In enhanced mode the commit acknowledgement comes first, the application one as a block of its own."""
    listener = await serve()
    async with mllp_client(listener.port) as client:
        client.writer.write(frame(b"MSH|^~\\&|A|B|C|D|||ADT^A01|C1|P|2.5|||AL|AL\r"))
        assert ["CA", "AA"] == [code_of(await client.answer()) for _ in range(2)]
    assert ["CA", "AA"] == meter.answers


class Turns:
    """A transport that notes what is written in which turn of the event loop."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self.writes: list[tuple[int, bytes]] = []
        self._transport = transport
        self._turn = 0
        self._count()

    def _count(self) -> None:
        self._turn += 1
        asyncio.get_running_loop().call_soon(self._count)

    def write(self, data: bytes) -> None:
        """Note it and pass it on."""
        self.writes.append((self._turn, data))
        self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


APART = {
    "commit and application acknowledgement": (b"MSH|^~\\&|A|B|C|D|||ADT^A01|C1|P|2.5|||AL|AL\r", 2),
    "bare messages": (adt("C1") + adt("C2") + adt("C3"), 3),
    "a batch": (b"BHS|^~\\&|\r" + adt("C1") + adt("C2"), 1),
}


@pytest.mark.parametrize(("payload", "count"), APART.values(), ids=APART)
async def test_each_block_is_a_write(serve: Serve, payload: bytes, count: int) -> None:
    """The answers to one block are written one by one: some clients take what one read brings for one answer."""
    listener = await serve()
    async with mllp_client(listener.port) as client:
        assert "AA" == code_of(await client.ask(adt("C0")))
        (peer,) = listener._service.connections
        peer._writer._transport = turns = Turns(peer._writer._transport)  # type: ignore[assignment]
        client.writer.write(frame(payload))
        for _ in range(count):
            await client.answer()
    assert count == len(turns.writes) == len({turn for turn, _ in turns.writes})
    assert all(1 == data.count(b"\x0b") for _, data in turns.writes)


async def test_no_answer_wanted(serve: Serve, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """A message that wants no answer, and an acknowledgement, get none; the next message gets its own."""
    listener = await serve()
    async with mllp_client(listener.port) as client:
        client.writer.write(frame(b"MSH|^~\\&|A|B|C|D|||ADT^A01|C1|P|2.5|||NE|NE\r"))
        client.writer.write(frame(b"MSH|^~\\&|A|B|C|D|||ACK^A01|C2|P|2.5\rMSA|AA|X\r"))
        assert "C3" == control_id_of(await client.ask(adt("C3")))
    assert ["none", "none", "AA"] == meter.answers
    assert 2 == len(delivery.messages)
    assert 3 == len(meter.sizes)


async def test_half_closed(serve: Serve, meter: FakeMeter) -> None:
    """A peer that shuts its sending side gets every answer, then the end."""
    listener = await serve()
    async with mllp_client(listener.port) as client:
        client.writer.write(frame(adt("C1")) + frame(adt("C2")))
        client.writer.write_eof()
        assert 2 == (await ended(client)).count(b"\rMSA|AA|")
    assert [] == meter.rejections


async def test_half_closed_while_delivering(serve: Serve, delivery: FakeDelivery) -> None:
    """The end of the peer's stream does not cancel the message that is being delivered."""
    listener = await serve()
    delivery.hold()
    async with mllp_client(listener.port) as client:
        client.writer.write(frame(adt("C1")))
        await delivery.began.wait()
        client.writer.write_eof()
        await until(lambda: connection(listener)._incoming.is_at_end)
        delivery.may_go_on.set()
        assert b"\rMSA|AA|C1\r" in await ended(client)


async def test_end_inside_a_block(serve: Serve, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """A block that never ends is not a message; the whole one before it is answered."""
    listener = await serve()
    async with mllp_client(listener.port) as client:
        client.writer.write(frame(adt("C1")) + b"\x0b" + adt("C2"))
        client.writer.write_eof()
        assert 1 == (await ended(client)).count(b"\rMSA|AA|C1")
    assert [adt("C1")] == delivery.payloads
    assert [Rejection.PEER_LOST] == meter.rejections


async def test_reset_inside_a_block(serve: Serve, meter: FakeMeter) -> None:
    """A connection that is reset inside a block is counted as a lost peer."""
    listener = await serve()
    async with mllp_client(listener.port) as client:
        client.writer.write(b"\x0bMSH")
        await until(lambda: bool(listener._service.connections) and connection(listener)._incoming.inside_block)
        reset(client)
        await until(lambda: not listener.tasks)
    assert [Rejection.PEER_LOST] == meter.rejections


async def test_probe(serve: Serve, meter: FakeMeter) -> None:
    """A load balancer that connects and leaves is no error, and leaves no line above debug."""
    listener = await serve()
    with capture_logs() as logs:
        for leave in (reset, lambda client: client.writer.close()):
            async with mllp_client(listener.port) as client:
                await until(lambda: meter.connections == 1)
                leave(client)
                await until(lambda: not listener.tasks)
    assert {"debug"} == {entry["log_level"] for entry in logs}
    assert [] == meter.rejections


def reset(client: MllpClient) -> None:
    """Close so that the other side gets a reset."""
    sock = client.writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.writer.transport.abort()


BROKEN = {
    "noise": (b"GET /SECRET HTTP/1.1\r\n", Rejection.BROKEN_FRAMING),
    "too large": (b"\x0b" + b"x" * 5000, Rejection.TOO_LARGE),
    "no header": (frame(b"PID|1||SECRET\r"), Rejection.NO_HEADER),
    "too many strays": (b" " * 70_000, Rejection.BROKEN_FRAMING),
    "an end byte in the middle": (b"\x0bMSH|^~\\&|A\x1cSECRET\x1c\r", Rejection.BROKEN_FRAMING),
    "begun again too often": (b"\x0b" * 100, Rejection.BROKEN_FRAMING),
}


@pytest.mark.parametrize(("wire", "reason"), BROKEN.values(), ids=BROKEN)
async def test_broken(wire: bytes, reason: Rejection, serve: Serve, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """A stream that cannot be read on is closed and counted; good blocks before it are delivered and answered."""
    listener = await serve(max_block=1000)
    with capture_logs() as logs:
        async with mllp_client(listener.port) as client:
            client.writer.write(frame(adt("C1")) + wire)
            answers = await ended(client)
    assert answers.startswith(b"\x0bMSH")
    assert 1 == answers.count(b"\x0b")
    assert [adt("C1")] == delivery.payloads
    assert [reason] == meter.rejections
    (entry,) = [entry for entry in logs if entry["event"] == "peer_rejected"]
    assert ("warning", reason.value) == (entry["log_level"], entry["reason"])
    assert "SECRET" not in repr(logs)


async def test_too_large_is_answered(serve: Serve, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """A sender that reads only after it has sent all of a too large block still gets the refusal."""
    listener = await serve(max_block=1000)
    with capture_logs() as logs:
        async with mllp_client(listener.port) as client:
            client.writer.write(frame(adt("C1")) + frame(adt("C2") + b"OBX|1|TX|||SECRET" * 1_000_000))
            await client.writer.drain()
            answers = [await client.answer() for _ in range(2)]
            assert b"" == await ended(client)
    assert [("C1", "AA"), ("C2", "AE")] == [(control_id_of(answer), code_of(answer)) for answer in answers]
    assert b"The block is larger than max_block allows" in answers[1]
    assert [adt("C1")] == delivery.payloads
    assert ([Rejection.TOO_LARGE], ["AA", "AE"]) == (meter.rejections, meter.answers)
    assert "SECRET" not in repr(logs)


async def test_tls_on_a_plain_port(serve: Serve, meter: FakeMeter) -> None:
    """TLS on a listener without TLS is reported as such."""
    listener = await serve()
    with capture_logs() as logs:
        client = ssl.create_default_context()
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.open_connection("127.0.0.1", listener.port, ssl=client, server_hostname="hilum.example")
    assert [Rejection.TLS_ON_PLAIN_PORT] == meter.rejections
    assert ["TLS on a port that does not speak it"] == [entry["fault"] for entry in logs if "fault" in entry]


BETWEEN = {
    "an empty block": frame(b""),
    "empty blocks": frame(b"") * 5,
    "a block of a line end": frame(b"\r"),
    "a byte-order mark": b"\xef\xbb\xbf",
    "a byte-order mark in a block": frame(b"\xef\xbb\xbf"),
    "tabs": b"\t\t",
    "stray ends": b"\x1c\r\x1c\r",
    "a line end, a tab and an empty block": b"\r\n\t" + frame(b""),
}


@pytest.mark.parametrize("release", [1, 2])
@pytest.mark.parametrize("between", BETWEEN.values(), ids=BETWEEN)
async def test_between_blocks(serve: Serve, meter: FakeMeter, between: bytes, release: int) -> None:
    """What stands between blocks is skipped and counted; the connection goes on, and nothing answers it."""
    listener = await serve(mllp_release=release)
    async with mllp_client(listener.port) as client:
        client.writer.write(between + frame(adt("C1")) + between + frame(adt("C2")))
        answers = [await client.answer() for _ in range(2)]
    assert ["AA", "AA"] == [code_of(each) for each in answers] if release == 1 else [b"\x06"] * 2 == answers
    assert 2 * len(between) == meter.stray
    assert [] == meter.rejections


async def test_begun_again(serve: Serve, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """What a sender that begins again sent before is dropped, counted and logged; the whole message is answered."""
    listener = await serve()
    with capture_logs() as logs:
        async with mllp_client(listener.port) as client:
            client.writer.write(b"\x0b" + adt("SECRET")[:60] + frame(adt("C2")) + b"\x0b" + frame(adt("C3")))
            assert ["C2", "C3"] == [control_id_of(await client.answer()) for _ in range(2)]
    assert [adt("C2"), adt("C3")] == delivery.payloads
    assert ([Rejection.BLOCK_RESTARTED], 1) == (meter.rejections, meter.stray)
    (entry,) = [entry for entry in logs if entry["event"] == "block_dropped"]
    assert ("warning", "block_restarted", 60, 61) == tuple(
        entry[key] for key in ("log_level", "reason", "octets", "offset")
    )
    assert "SECRET" not in repr(logs)


TEXTS = {
    "in a text": (b"one\x0btwo\r",),
    "several": (b"one\x0btwo\x0bthree\r",),
    "at the end of a text": (b"one\x0b\r",),
    "behind a message that was begun again": (b"on\x0b" + adt("C1") + b"OBX|1|TX|||one\x0btwo\r",),
    "in two reads": (b"one\x0b", b"two\r"),
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
async def test_a_vertical_tab(serve: Serve, delivery: FakeDelivery, meter: FakeMeter, text: tuple[bytes, ...]) -> None:
    """A message with a vertical tab in a text is answered AE, and the connection goes on with the next one."""
    listener = await serve()
    with capture_logs() as logs:
        async with mllp_client(listener.port) as client:
            client.writer.write(b"\x0b" + adt("C1") + b"OBX|1|TX|||SECRET")
            for part in text:
                client.writer.write(part)
                await client.writer.drain()
            client.writer.write(b"\x1c\r" + frame(adt("C2")) + b"\x0b" + adt("C3")[:40] + frame(adt("C4")))
            answers = [await client.answer() for _ in range(3)]
    assert [("AE", "C1"), ("AA", "C2"), ("AA", "C4")] == [(code_of(each), control_id_of(each)) for each in answers]
    assert [adt("C2"), adt("C4")] == delivery.payloads
    assert {Rejection.BLOCK_RESTARTED} == {*meter.rejections}
    assert "SECRET" not in repr(logs)


async def test_end_without_cr_before_the_next_block(serve: Serve, delivery: FakeDelivery) -> None:
    """Two messages with only the end byte between them are two, each with its answer."""
    listener = await serve()
    async with mllp_client(listener.port) as client:
        client.writer.write(frame(adt("C1"))[:-1] + frame(adt("C2")))
        assert ["C1", "C2"] == [control_id_of(await client.answer()) for _ in range(2)]
    assert [adt("C1"), adt("C2")] == delivery.payloads


async def test_idle(serve: Serve, meter: FakeMeter) -> None:
    """A peer that is silent for too long is closed."""
    listener = await serve(idle_seconds=0.05)
    async with mllp_client(listener.port) as client:
        assert b"" == await ended(client)
    assert [Rejection.IDLE_TIMEOUT] == meter.rejections


async def test_not_idle(serve: Serve, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """A peer that waits for its answer is not idle; it is once the answer is out."""
    listener = await serve(idle_seconds=0.05)
    delivery.hold()
    async with mllp_client(listener.port) as client:
        client.writer.write(frame(adt("C1")))
        await delivery.began.wait()
        passed = asyncio.Event()
        asyncio.get_running_loop().call_later(0.15, passed.set)
        await passed.wait()
        assert [] == meter.rejections
        delivery.may_go_on.set()
        assert b"\rMSA|AA|C1\r" in await ended(client)
    assert [Rejection.IDLE_TIMEOUT] == meter.rejections


async def test_stall(serve: Serve, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """A peer that stalls inside a block is let go, its earlier block answered."""
    listener = await serve(message_seconds=0.05)
    async with mllp_client(listener.port) as client:
        client.writer.write(frame(adt("C1")) + b"\x0bMSH|^~\\&|")
        assert b"\rMSA|AA|C1\r" in await ended(client)
    assert [Rejection.MESSAGE_TIMEOUT] == meter.rejections
    assert 1 == len(delivery.messages)


LARGE_REPLY = b"MSH|^~\\&|STORE\rMSA|AA|C1\rNTE|" + b"x" * 12_000_000 + b"\r"


async def test_peer_that_does_not_read(serve: Serve, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """A peer that does not read its answer is dropped, and its answer not counted as given."""
    delivery.outcome = Stored(reply=LARGE_REPLY)
    listener = await serve(write_seconds=0.05)
    async with mllp_client(listener.port) as client:
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        client.writer.write(frame(adt("C1")))
        await until(lambda: bool(meter.rejections))
        await until(lambda: not listener.tasks)
        # A reset: else the system would keep the answers for the peer, after its place is given to another.
        assert errno.ECONNRESET == client.writer.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    assert [Rejection.WRITE_TIMEOUT] == meter.rejections
    assert [] == meter.answers


async def test_peer_that_reads_slowly(serve: Serve, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """An answer larger than every buffer on the way arrives whole."""
    delivery.outcome = Stored(reply=LARGE_REPLY)
    listener = await serve()
    async with mllp_client(listener.port) as client:
        client.writer.write(frame(adt("C1")))
        assert frame(LARGE_REPLY) == await client.reader.readexactly(len(LARGE_REPLY) + 3)
    assert ["AA"] == meter.answers


async def test_back_pressure(serve: Serve, delivery: FakeDelivery) -> None:
    """While one message is delivered, only a bounded amount is queued behind it; nothing is lost afterwards."""
    listener = await serve()
    delivery.hold()
    names = [f"C{number}" for number in range(600)]
    async with mllp_client(listener.port) as client:
        client.writer.write(b"".join(frame(adt(name) + b"NTE|" + b"x" * 20_000) for name in names))
        await until(lambda: bool(listener._service.connections) and connection(listener)._gate.is_closed)
        assert connection(listener)._incoming.octets < 2 * MOST_QUEUED_OCTETS
        delivery.may_go_on.set()
        assert names == [control_id_of(await client.answer()) for _ in names]


async def test_limit_per_listener(serve: Serve, meter: FakeMeter) -> None:
    """One peer more than the limit is turned away at once; when someone leaves there is a place again."""
    listener = await serve(max_connections=1)
    async with mllp_client(listener.port) as first:
        assert "AA" == code_of(await first.ask(adt("C1")))
        async with mllp_client(listener.port) as second:
            assert b"" == await ended(second)
    await until(lambda: not listener.tasks)
    async with mllp_client(listener.port) as third:
        assert "AA" == code_of(await third.ask(adt("C2")))
    assert [Rejection.CONNECTION_LIMIT] == meter.rejections
    assert 2 == meter.ever_connected


async def test_limit_per_peer(serve: Serve, meter: FakeMeter) -> None:
    """One address cannot take all the places."""
    listener = await serve(max_connections_per_peer=1)
    async with mllp_client(listener.port) as first, mllp_client(listener.port) as second:
        assert b"" == await ended(second)
        assert "AA" == code_of(await first.ask(adt("C1")))
    assert [Rejection.PEER_LIMIT] == meter.rejections


async def test_failing_delivery(serve: Serve, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """An exception of our own answers AR and 207; the connection lives on."""
    delivery.outcomes = {"C1": RuntimeError("SECRET")}
    listener = await serve()
    with capture_logs() as logs:
        async with mllp_client(listener.port) as client:
            answer = await client.ask(adt("C1"))
            assert "AR" == code_of(answer)
            assert b"207^" in answer
            assert "AA" == code_of(await client.ask(adt("C2")))
    assert [Rejection.INTERNAL_ERROR] == meter.rejections
    assert "SECRET" not in repr(logs)


async def test_failing_connection(serve: Serve, meter: FakeMeter, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of our own outside the delivery costs its own connection only."""
    listener = await serve()
    async with mllp_client(listener.port) as bystander:
        await bystander.ask(adt("C1"))
        with monkeypatch.context() as patch, capture_logs() as logs:
            patch.setattr(Report, "settled_few", lambda *_args, **_rest: 1 // 0)
            async with mllp_client(listener.port) as client:
                client.writer.write(frame(SECRET))
                await until(lambda: meter.rejections == [Rejection.INTERNAL_ERROR])
                await until(lambda: len(listener.tasks) == 1)
        assert "AA" == code_of(await bystander.ask(adt("C2")))
    assert "SECRET" not in repr(logs)
    assert ["ZeroDivisionError"] == [entry["error"] for entry in logs if entry["event"] == "peer_rejected"]


async def test_when_unavailable_close(serve: Serve, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """With `when_unavailable: close` the connection ends without an answer."""
    delivery.outcome = Unavailable("store is down")
    listener = await serve(when_unavailable="close")
    with capture_logs() as logs:
        async with mllp_client(listener.port) as client:
            client.writer.write(frame(adt("C1")) + frame(adt("C2")))
            assert b"" == await ended(client)
    assert 1 == len(delivery.messages)
    assert ["none"] == meter.answers
    (entry,) = [entry for entry in logs if entry["event"] == "message_unanswered"]
    assert ("C1", "store is down") == (entry["control_id"], entry["reason"])


async def test_peer_lost_while_delivering(serve: Serve, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """A message whose peer has gone is delivered to its end, what was queued behind it is not begun."""
    listener = await serve()
    delivery.hold()
    with capture_logs() as logs:
        async with mllp_client(listener.port) as client:
            client.writer.write(frame(adt("C1")) + frame(adt("C2")))
            await until(lambda: bool(delivery.messages) and bool(connection(listener)._incoming))
            reset(client)
            await until(lambda: meter.connections == 0)
        delivery.may_go_on.set()
        await until(lambda: not listener.tasks)
    assert {"C1": 1} == delivery.finished
    assert [Rejection.PEER_LOST] == meter.rejections
    assert [] == meter.answers
    (entry,) = [entry for entry in logs if entry["event"] == "answer_undeliverable"]
    assert ("C1", "stored") == (entry["control_id"], entry["outcome"])


async def test_drain_idle(serve: Serve) -> None:
    """An idle peer, and one that has not finished its block, leave at once; nobody new is let in."""
    listener = await serve()
    async with mllp_client(listener.port) as idle, mllp_client(listener.port) as half:
        await idle.ask(adt("C1"))
        half.writer.write(b"\x0bMSH")
        await until(lambda: any(each._incoming.inside_block for each in listener._service.connections))
        listener.stop_accepting()
        assert [b"", b""] == [await ended(idle), await ended(half)]
        await until(lambda: not listener.tasks)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", listener.port)


async def test_drain_busy(serve: Serve, delivery: FakeDelivery) -> None:
    """A busy peer gets the answer it waits for; what it had sent behind that stays undelivered and unanswered."""
    listener = await serve()
    delivery.hold()
    async with mllp_client(listener.port) as client:
        client.writer.write(b"".join(frame(adt(f"C{number}") + b"NTE|" + b"x" * 100_000) for number in range(50)))
        await until(lambda: bool(delivery.messages) and connection(listener)._gate.is_closed)
        listener.stop_accepting()
        delivery.may_go_on.set()
        answers = await ended(client)
    assert 1 == answers.count(b"\x0b")
    assert b"\rMSA|AA|C0\r" in answers
    assert {"C0": 1} == delivery.finished


async def test_late_connection(serve: Serve, meter: FakeMeter) -> None:
    """A connection that the kernel accepted before the port was closed is aborted, and not counted."""
    listener = await serve()
    listener._service.stopping = True
    async with mllp_client(listener.port) as client:
        assert b"" == await ended(client)
    assert (0, []) == (meter.ever_connected, meter.rejections)


async def test_cancel(serve: Serve, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """Cancelling the task of a connection tears down its delivery and cuts the peer off, unanswered."""
    listener = await serve()
    delivery.hold()
    async with mllp_client(listener.port) as client:
        client.writer.write(frame(adt("C1")))
        await delivery.began.wait()
        (task,) = listener.tasks
        task.cancel()
        assert b"" == await ended(client)
    await until(lambda: meter.connections == 0)
    assert task.cancelled()
    assert {} == delivery.finished


async def test_log_of_a_message(serve: Serve) -> None:
    """The line about an answered message names it, says what became of it, and holds no payload."""
    listener = await serve()
    with capture_logs() as logs:
        async with mllp_client(listener.port) as client:
            await client.ask(SECRET)
            await until(lambda: any(entry["event"] == "message_answered" for entry in logs))
    (entry,) = [entry for entry in logs if entry["event"] == "message_answered"]
    assert ("info", "adt", "C1", "AA", "stored") == tuple(
        entry[key] for key in ("log_level", "listener", "control_id", "answer", "outcome")
    )
    assert entry["peer"].startswith("127.0.0.1:")
    assert "SECRET" not in repr(logs)

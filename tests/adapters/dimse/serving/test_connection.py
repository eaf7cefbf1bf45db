"""The shell over a real loopback socket: what a peer does, what comes back, and what becomes of the delivery."""

import asyncio
import errno
import socket
import ssl
import struct

import pytest
from structlog.testing import capture_logs

from adapters.dimse.serving.turns import MOST_AT_ONCE
from gateway.contract.message import Message
from gateway.contract.meter import Rejection
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from tests.adapters.dimse.conftest import Connect, Listen
from tests.adapters.dimse.fakes import KeepingStore, RecordingMeter, StuckStore, until
from tests.adapters.dimse.raw_peer import (
    ABORT,
    CT,
    EXPLICIT,
    RELEASE_RP,
    RELEASE_RQ,
    associate_rq,
    command_of,
    command_set,
    echo_rq,
    p_data,
    store_rq,
)
from tests.dicom_files import data_set

DATA = bytes(range(256)) * 200
STORE = command_set(e0002=CT, e0100=1, e0110=7, e0800=1, e1000="1.2.3")
ABORT_UNEXPECTED = bytes.fromhex("07000000000400000202")
ABORT_INVALID = bytes.fromhex("07000000000400000206")
ABORT_UNRECOGNIZED = bytes.fromhex("07000000000400000201")
ABORT_BY_USER = bytes.fromhex("07000000000400000000")


async def test_echo(listen: Listen, connect: Connect, meter: RecordingMeter) -> None:
    """A C-ECHO is answered, and is no message."""
    peer = await connect(await listen())
    assert b"\2" == (await peer.associate())[:1]
    await peer.send(echo_rq(), echo_rq(2))
    assert [0, 0] == [await peer.status(), await peer.status()]
    assert ([], []) == (meter.sizes, meter.answers)


@pytest.mark.parametrize("step", [7, 1000, 1 << 20], ids=lambda step: f"{step} octets a write")
async def test_store(listen: Listen, connect: Connect, meter: RecordingMeter, store: KeepingStore, step: int) -> None:
    """Instances of one association arrive byte for byte, one after the other, however TCP cuts them."""
    peer = await connect(await listen())
    await peer.associate()
    for number in range(3):
        wire = store_rq(DATA, uid=f"1.2.{number}", message_id=number, max_pdu=8000)
        await peer.send(*(wire[at : at + step] for at in range(0, len(wire), step)))
        response = command_of(await peer.receive())
        assert (0, number, f"1.2.{number}") == (
            response.Status,
            response.MessageIDBeingRespondedTo,
            response.AffectedSOPInstanceUID,
        )
    await peer.send(RELEASE_RQ)
    assert RELEASE_RP == await peer.receive()
    assert [DATA] * 3 == [data_set(body) for body in store.bodies.values()]
    assert ([len(DATA)] * 3, ["0000"] * 3) == (meter.sizes, meter.answers)


async def test_odd_items(listen: Listen, connect: Connect, store: KeepingStore) -> None:
    """A peer that describes itself against the standard is served; the log names it and the item, not the value."""
    odd = struct.pack(">BxH", 0x55, 24) + b"A_VERSION_NAME_OF_24_CHR" + struct.pack(">BxH", 0x52, 70) + b"1" * 70
    request = associate_rq(calling="CT1") + odd
    at = request.index(b"\x50\0\0")
    request = (
        b"\1\0"
        + struct.pack(">L", len(request) - 6)
        + request[6 : at + 2]
        + (struct.pack(">H", len(request) - at - 4) + request[at + 4 :])
    )
    peer = await connect(await listen())
    with capture_logs() as lines:
        await peer.send(request)
        assert b"\2" == (await peer.receive())[:1]
        await peer.send(store_rq(DATA))
        assert 0 == await peer.status()
    assert DATA == data_set(store.bodies["1.2.3"])
    (accepted,) = [line for line in lines if line["event"] == "association_accepted"]
    assert ("CT1", ("implementation_version_name", "implementation_class_uid")) == (
        accepted["calling_ae_title"],
        accepted["odd_items"],
    )
    assert "A_VERSION" not in str(lines)


async def test_message(listen: Listen, connect: Connect, store: KeepingStore) -> None:
    """Routes see who sent what to whom."""
    peer = await connect(await listen())
    await peer.associate(calling="CT1")
    await peer.send(store_rq(DATA))
    await peer.status()
    (message,) = store.messages
    assert {
        "protocol": "dimse",
        "listener": "modalities",
        "peer_ip": "127.0.0.1",
        "calling_ae_title": "CT1",
        "called_ae_title": "HILUM",
        "sop_class_uid": CT,
        "transfer_syntax_uid": EXPLICIT,
    } == message.facts
    assert {"sop_instance_uid": "1.2.3"} == message.identifiers


async def test_others_get_their_turn(listen: Listen, connect: Connect, store: KeepingStore) -> None:
    """An instance in a thousand tiny PDUs, all in one read, is taken in portions between which the loop turns."""
    listener = await listen()
    peer = await connect(listener)
    await peer.associate()
    (connection,) = listener._service.connections
    connection.data_received(p_data(3, 3, STORE) + p_data(3, 0, b"x") * 1000 + p_data(3, 2, b"y"))
    assert connection._delivery.instance is not None
    assert connection._delivery.instance.body.received <= MOST_AT_ONCE
    assert 0 == await peer.status()
    assert b"x" * 1000 + b"y" == data_set(store.bodies["1.2.3"])


async def test_the_body_flows_while_it_arrives(listen: Listen, connect: Connect) -> None:
    """The store has the beginning of an instance before its end is sent."""
    stuck = StuckStore(chunks=2)
    peer = await connect(await listen(stuck))
    await peer.associate()
    wire = store_rq(DATA, max_pdu=8000)
    await peer.send(wire[: len(wire) // 2])
    await stuck.is_reached.wait()
    stuck.go_on.set()
    await peer.send(wire[len(wire) // 2 :])
    assert 0 == await peer.status()


async def test_slow_store_slows_the_peer(listen: Listen, connect: Connect) -> None:
    """A store that does not take the instance stops the peer; the held octets stay within the window and one read."""
    stuck = StuckStore(chunks=1)
    listener = await listen(stuck, window_bytes=65536, message_seconds=0.2)
    peer = await connect(listener)
    await peer.associate()
    size = 40_000_000
    sending = asyncio.create_task(peer.send(store_rq(bytes(size), max_pdu=16384)))
    await stuck.is_reached.wait()
    (connection,) = listener._service.connections
    await until(lambda: connection._delivery.instance is not None and connection._delivery.instance.body._is_paused)
    assert connection._delivery.instance is not None
    await asyncio.sleep(0.5)  # longer than message_seconds: the peer must not be blamed for our store
    held = connection._delivery.instance.body._held
    assert 65536 < held < 65536 + 300_000
    assert not sending.done()
    stuck.go_on.set()
    await sending
    assert 0 == await peer.status()
    assert stuck.octets > size


EARLY: dict[str, tuple[Outcome, int, str]] = {
    "unavailable": (Unavailable("the store does not answer"), 0xA700, "the store does not answer"),
    "refused": (Refused("not for me", code="A900"), 0xA900, "not for me"),
    "stored, which cannot be": (Stored(), 0xA700, "the store answered before it had the whole instance"),
}


@pytest.mark.parametrize(("outcome", "status", "comment"), EARLY.values(), ids=EARLY)
async def test_early_outcome(
    listen: Listen, connect: Connect, meter: RecordingMeter, outcome: Outcome, status: int, comment: str
) -> None:
    """When the outcome is there before the data set, the rest is read over and then answered; the association lives."""

    async def deliver(message: Message) -> Outcome:
        async for _ in message.body.chunks():
            return outcome
        raise AssertionError

    peer = await connect(await listen(deliver, window_bytes=65536))
    await peer.associate()
    for _ in range(2):
        await peer.send(store_rq(bytes(1_000_000)))
        response = command_of(await peer.receive())
        assert (status, comment[:64]) == (response.Status, response.ErrorComment)
    assert [1_000_000] * 2 == meter.sizes


REASONS: dict[str, tuple[Outcome, int, str]] = {
    "refused": (
        Refused("the store says C122: no such series", code="C122"),
        0xC122,
        "the store says C122: no such series",
    ),
    "unavailable": (Unavailable("the store answered 503"), 0xA700, "the store answered 503"),
    "longer than an LO": (Refused("r\n" + "x" * 90), 0xC000, "r " + "x" * 62),
}


@pytest.mark.parametrize(("outcome", "status", "comment"), REASONS.values(), ids=REASONS)
async def test_error_comment(listen: Listen, connect: Connect, outcome: Outcome, status: int, comment: str) -> None:
    """The reason of the outcome is the Error Comment of the response, and stands in the log whole."""

    async def deliver(message: Message) -> Outcome:
        async for _ in message.body.chunks():
            pass
        return outcome

    peer = await connect(await listen(deliver))
    await peer.associate()
    with capture_logs() as lines:
        await peer.send(store_rq(DATA))
        response = command_of(await peer.receive())
    assert (status, comment) == (response.Status, response.ErrorComment)
    assert not isinstance(outcome, Stored)
    assert [outcome.reason] == [line["reason"] for line in lines if line["event"] == "instance_answered"]


async def test_our_bug(listen: Listen, connect: Connect, meter: RecordingMeter) -> None:
    """An exception of ours is answered 0110; its text is not logged, and the association lives on."""

    async def deliver(message: Message) -> Outcome:
        raise ValueError("DOE^JOHN")

    peer = await connect(await listen(deliver))
    await peer.associate()
    with capture_logs() as lines:
        for _ in range(2):
            await peer.send(store_rq(DATA))
            assert 0x0110 == await peer.status()
    assert [Rejection.INTERNAL_ERROR] * 2 == meter.rejections
    assert "DOE" not in str(lines)
    assert ["ValueError"] * 2 == [line["error"] for line in lines if line["event"] == "delivery_failed"]


async def test_a_delivery_that_cancels_itself(listen: Listen, connect: Connect) -> None:
    """A cancellation that Hilum did not ask for is an internal error too, and is answered."""

    async def deliver(message: Message) -> Outcome:
        raise asyncio.CancelledError

    peer = await connect(await listen(deliver))
    await peer.associate()
    await peer.send(store_rq(DATA))
    assert 0x0110 == await peer.status()


NOT_OFFERED: dict[str, tuple[bytes, int]] = {
    "no instance UID": (command_set(e0002=CT, e0100=1, e0110=7, e0800=1), 0x0117),
    "a payload for a UID": (command_set(e0002=CT, e0100=1, e0110=7, e0800=1, e1000="DOE^JOHN"), 0x0117),
    "a class that is not stored": (
        command_set(e0002="1.2.840.10008.1.1", e0100=1, e0110=7, e0800=1, e1000="1.2"),
        0x0122,
    ),
}


@pytest.mark.parametrize(("command", "status"), NOT_OFFERED.values(), ids=NOT_OFFERED)
async def test_not_offered(
    listen: Listen, connect: Connect, store: KeepingStore, meter: RecordingMeter, command: bytes, status: int
) -> None:
    """An instance without UID, or of a class that is not storage, never reaches a destination."""
    peer = await connect(await listen())
    await peer.associate()
    with capture_logs() as lines:
        await peer.send(p_data(3, 3, command), p_data(3, 2, DATA[:8000]))
        assert status == await peer.status()
    assert [] == store.messages
    assert [f"{status:04X}"] == meter.answers
    assert "DOE" not in str(lines)


BROKEN: dict[str, tuple[bytes, bytes]] = {
    "an unknown PDU": (b"\x09\0\0\0\0\4", ABORT_UNRECOGNIZED),
    "a PDU over the negotiated length": (p_data(3, 0, bytes(131072)), ABORT_INVALID),
    "a value longer than its PDU": (b"\4\0\0\0\0\x08\0\0\0\7\3\0ab", ABORT_INVALID),
    "a command in the middle of a data set": (echo_rq(), ABORT_UNEXPECTED),
    "a release in the middle of a data set": (RELEASE_RQ, ABORT_UNEXPECTED),
    "a second association request": (associate_rq(), ABORT_UNEXPECTED),
    "a context that was not accepted": (p_data(9, 0, b"ab"), ABORT_INVALID),
}


@pytest.mark.parametrize(("wire", "abort"), BROKEN.values(), ids=BROKEN)
async def test_protocol_error_mid_instance(
    listen: Listen, connect: Connect, meter: RecordingMeter, wire: bytes, abort: bytes
) -> None:
    """A peer that breaks the protocol is aborted, the half-sent request is torn down, and nothing was received."""
    stuck = StuckStore(chunks=2)
    peer = await connect(await listen(stuck))
    await peer.associate()
    await peer.send(p_data(3, 3, STORE), p_data(3, 0, DATA[:8000]))
    await stuck.is_reached.wait()
    await peer.send(wire)
    assert abort == await peer.receive()
    await stuck.is_cancelled.wait()
    assert ([], [], [Rejection.PROTOCOL_ERROR]) == (meter.sizes, meter.answers, meter.rejections)


LEAVING = {
    "A-ABORT": (Rejection.PEER_ABORTED, ABORT),
    "reset": (Rejection.PEER_LOST, b""),
    "half-closed": (Rejection.PEER_LOST, None),
}


@pytest.mark.parametrize("is_whole", [False, True], ids=["mid-instance", "before the answer"])
@pytest.mark.parametrize(("reason", "last"), LEAVING.values(), ids=LEAVING)
async def test_peer_leaves(
    listen: Listen, connect: Connect, meter: RecordingMeter, reason: Rejection, last: bytes | None, is_whole: bool
) -> None:
    """When a peer disconnects before its answer, the half-sent request to the store is cancelled."""
    stuck = StuckStore(chunks=2)
    listener = await listen(stuck)
    peer = await connect(listener)
    await peer.associate()
    await peer.send(p_data(3, 3, STORE), p_data(3, 2 if is_whole else 0, DATA[:8000]))
    await stuck.is_reached.wait()
    if last:
        await peer.send(last)
    elif last is None:
        peer.writer.write_eof()
    else:
        peer.vanish()
    await stuck.is_cancelled.wait()
    await until(lambda: not listener.tasks)
    assert ([], [reason], 0) == (meter.answers, meter.rejections, meter.connections)
    assert [8000] * is_whole == meter.sizes


async def test_release_before_the_answer(listen: Listen, connect: Connect) -> None:
    """A release waits for the answer that is due."""
    stuck = StuckStore(chunks=1)
    peer = await connect(await listen(stuck))
    await peer.associate()
    await peer.send(store_rq(DATA), RELEASE_RQ)
    await stuck.is_reached.wait()
    stuck.go_on.set()
    assert 0 == await peer.status()
    assert RELEASE_RP == await peer.receive()


async def test_silent_connection(listen: Listen, connect: Connect, meter: RecordingMeter) -> None:
    """A connection without a request is closed when the ARTIM timer runs out."""
    peer = await connect(await listen(artim_seconds=0.05))
    assert b"" == await peer.receive()
    assert [Rejection.IDLE_TIMEOUT] == meter.rejections


@pytest.mark.parametrize(
    ("request_", "answer"), [({"called": "OTHER"}, b"\3"), ({"called": "HILUM"}, b"\2")], ids=["rejected", "released"]
)
async def test_peer_does_not_hang_up(listen: Listen, connect: Connect, request_: dict[str, str], answer: bytes) -> None:
    """After rejection or release the connection is closed when the ARTIM timer runs out."""
    peer = await connect(await listen(artim_seconds=0.05))
    assert answer == (await peer.associate(**request_))[:1]
    if answer == b"\2":
        await peer.send(RELEASE_RQ)
        assert RELEASE_RP == await peer.receive()
    assert b"" == await peer.receive()


async def test_tls_on_a_plain_port(listen: Listen, meter: RecordingMeter) -> None:
    """TLS on a listener without TLS is reported as such."""
    listener = await listen()
    with capture_logs() as logs, pytest.raises((ssl.SSLError, ConnectionError)):
        await asyncio.open_connection("127.0.0.1", listener.port, ssl=ssl.create_default_context())
    assert [Rejection.TLS_ON_PLAIN_PORT] == meter.rejections
    assert ["tls_on_plain_port"] == [each["by"] for each in logs if each["event"] == "association_aborted"]


async def test_idle_association(listen: Listen, connect: Connect, meter: RecordingMeter) -> None:
    """An association on which nothing happens is aborted."""
    peer = await connect(await listen(idle_seconds=0.05))
    await peer.associate()
    assert ABORT_BY_USER == await peer.receive()
    assert [Rejection.IDLE_TIMEOUT] == meter.rejections


@pytest.mark.parametrize("start", [p_data(3, 3, STORE), b"\4\0\0"], ids=["mid-instance", "mid-PDU"])
async def test_stalled_message(listen: Listen, connect: Connect, meter: RecordingMeter, start: bytes) -> None:
    """A peer that stalls inside a message is aborted, and the association is finished."""
    peer = await connect(await listen(message_seconds=0.05))
    await peer.associate()
    await peer.send(start)
    assert ABORT_BY_USER == await peer.receive()
    assert [Rejection.MESSAGE_TIMEOUT] == meter.rejections
    await peer.send(store_rq(DATA))
    assert ([], []) == (meter.sizes, meter.answers)


async def test_slow_answer_is_no_timeout(listen: Listen, connect: Connect, meter: RecordingMeter) -> None:
    """While the store takes time to answer, the peer counts neither as idle nor as stalled."""
    stuck = StuckStore(chunks=1)
    peer = await connect(await listen(stuck, idle_seconds=1, message_seconds=1))
    await peer.associate()
    await peer.send(store_rq(DATA))
    await stuck.is_reached.wait()
    await asyncio.sleep(2)  # what is shown is that nothing happens
    stuck.go_on.set()
    assert 0 == await peer.status()


async def test_peer_that_does_not_read(listen: Listen, meter: RecordingMeter) -> None:
    """A peer that sends requests and reads no answers is not read either, and is cut off after write_seconds."""
    listener = await listen(write_seconds=0.2)
    mute = socket.socket()
    mute.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    mute.setblocking(False)
    loop = asyncio.get_running_loop()
    with mute:
        await loop.sock_connect(mute, ("127.0.0.1", listener.port))
        await loop.sock_sendall(mute, associate_rq())

        async def flood() -> None:
            while True:
                await loop.sock_sendall(mute, echo_rq() * 1000)

        with pytest.raises(ConnectionError):
            await asyncio.wait_for(flood(), 20)
    assert Rejection.WRITE_TIMEOUT in meter.rejections
    await until(lambda: not listener.tasks)


async def test_peer_that_does_not_read_is_reset(listen: Listen) -> None:
    """The system drops the answers for a peer that was cut off because it does not read them."""
    listener, loop = await listen(write_seconds=0.1, message_seconds=9), asyncio.get_running_loop()
    with socket.socket() as mute:
        mute.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        mute.setblocking(False)
        await loop.sock_connect(mute, ("127.0.0.1", listener.port))
        await loop.sock_sendall(mute, associate_rq())
        await until(lambda: listener._service.connections)
        (connection,) = listener._service.connections
        connection._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        while listener.tasks:
            if connection._watch.blocked_since is None:
                await loop.sock_sendall(mute, echo_rq() * 10)
            await asyncio.sleep(0.002)  # all of it is read: nothing that lies unread may be the cause of a reset
        assert errno.ECONNRESET == mute.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)


async def test_limits(listen: Listen, connect: Connect, meter: RecordingMeter) -> None:
    """One association too many is rejected in the protocol; silent sockets do not count."""
    listener = await listen(max_connections=1)
    silent, first, second = [await connect(listener) for _ in range(3)]
    assert b"\2" == (await first.associate())[:1]
    assert bytes((0, 2, 3, 2)) == (await second.associate())[-4:]
    assert [Rejection.CONNECTION_LIMIT] == meter.rejections
    await first.send(RELEASE_RQ)
    await first.receive()
    assert b"\2" == (await silent.associate())[:1]
    assert 1 == meter.connections


async def test_too_many_silent_sockets(
    listen: Listen, connect: Connect, meter: RecordingMeter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sockets without an association are bounded, too; one more is closed without an answer."""
    monkeypatch.setattr("adapters.dimse.service.SPARE_SOCKETS", 1)
    listener = await listen(max_connections=1)
    for _ in range(2):
        await connect(listener)
    assert b"" == await (await connect(listener)).receive()
    assert [Rejection.CONNECTION_LIMIT] == meter.rejections


async def test_limit_of_one_address(listen: Listen, connect: Connect, meter: RecordingMeter) -> None:
    """The limit for one IP address is counted apart."""
    listener = await listen(max_connections_per_peer=1)
    first, second = await connect(listener), await connect(listener)
    await first.associate()
    assert bytes((0, 2, 3, 2)) == (await second.associate())[-4:]
    assert [Rejection.PEER_LIMIT] == meter.rejections


async def test_probe(listen: Listen, connect: Connect, meter: RecordingMeter) -> None:
    """A load balancer that connects and leaves is no fault, and no log line above debug."""
    listener = await listen()
    with capture_logs() as lines:
        (await connect(listener)).writer.close()
        await until(lambda: len(lines) == 2)
    assert [] == meter.rejections
    assert ["debug", "debug"] == [line["log_level"] for line in lines]


async def test_log(listen: Listen, connect: Connect) -> None:
    """An answered instance can be followed by its UID, its titles and our own name for it; no octet of it is there."""
    peer = await connect(await listen())
    with capture_logs() as lines:
        await peer.associate(calling="CT1")
        await peer.send(store_rq(b"DOE^JOHN" * 10))
        await peer.status()
        await peer.send(RELEASE_RQ)
        await peer.receive()
    assert ["association_accepted", "instance_answered", "association_released"] == [line["event"] for line in lines]
    names = {"sop_instance_uid": "1.2.3", "calling_ae_title": "CT1"}
    assert {**names, "answer": "0000", "outcome": "stored", "octets": 80}.items() <= lines[1].items()
    assert lines[1]["message_id"]
    assert "DOE" not in str(lines)

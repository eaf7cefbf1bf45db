"""Peers that send requests before they have their answers, over a loopback socket: served in order, and bounded."""

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.dimse.serving.turns import MOST_AT_ONCE
from gateway.contract.message import Message
from gateway.contract.meter import Pause, Rejection
from gateway.contract.outcome import Outcome, Stored
from gateway.limits.shared import ProcessLimits
from tests.adapters.dimse.conftest import Connect, Listen
from tests.adapters.dimse.fakes import KeepingStore, RecordingMeter, StuckStore, until
from tests.adapters.dimse.raw_peer import (
    ABORT,
    RELEASE_RP,
    RELEASE_RQ,
    RawPeer,
    command_of,
    command_set,
    echo_rq,
    p_data,
    store_rq,
)
from tests.dicom_files import data_set
from tests.faults.commit_mode import committing, records
from tests.faults.peers import ct
from tests.running import running_gateway

CANCEL = p_data(3, 3, command_set(e0100=0xFFF, e0120=1, e0800=0x101))


async def responses(peer: RawPeer, count: int) -> list[tuple[int, int]]:
    """Return message ID and status of the next responses."""
    commands = [command_of(await peer.receive()) for _ in range(count)]
    return [(command.MessageIDBeingRespondedTo, command.Status) for command in commands]


SIZES = {"empty": 1, "small": 100, "of a PDU": 16000, "of many PDUs": 300_000, "over the window": 3_000_000}


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
async def test_all_before_any_answer(listen: Listen, connect: Connect, store: KeepingStore, size: int) -> None:
    """Every instance of a peer that reads no answer before it has sent them all is stored, and answered in order."""
    peer = await connect(await listen())
    await peer.associate()
    data = {f"1.2.{number}": bytes((number,)) * size for number in range(12)}
    wire = [store_rq(octets, uid=uid, message_id=number) for number, (uid, octets) in enumerate(data.items())]
    await peer.send(*wire, RELEASE_RQ)
    assert [(number, 0) for number in range(12)] == await responses(peer, 12)
    assert RELEASE_RP == await peer.receive()
    assert data == {uid: data_set(body) for uid, body in store.bodies.items()}


async def test_one_at_a_time(listen: Listen, connect: Connect) -> None:
    """The next instance is offered to the store when the one before it is answered, not earlier."""
    at_once: list[int] = []
    inside = 0

    async def deliver(message: Message) -> Outcome:
        nonlocal inside
        inside += 1
        at_once.append(inside)
        async for _ in message.body.chunks():
            await asyncio.sleep(0)
        inside -= 1
        return Stored()

    peer = await connect(await listen(deliver))
    await peer.associate()
    await peer.send(*(store_rq(bytes(50_000), uid=f"1.{number}", message_id=number) for number in range(8)))
    await responses(peer, 8)
    assert [1] * 8 == at_once


async def test_other_requests_among_them(listen: Listen, connect: Connect) -> None:
    """An echo behind an instance has its answer after it; a C-CANCEL there has none and changes nothing."""
    stuck = StuckStore()
    peer = await connect(await listen(stuck))
    await peer.associate()
    await peer.send(store_rq(b"a" * 100, message_id=1), CANCEL, echo_rq(2), store_rq(b"b" * 100, message_id=3), CANCEL)
    await stuck.is_reached.wait()
    stuck.go_on.set()
    assert [(1, 0), (2, 0), (3, 0)] == await responses(peer, 3)
    await peer.send(echo_rq(4))
    assert [(4, 0)] == await responses(peer, 1)


async def test_bounded(listen: Listen, connect: Connect, meter: RecordingMeter) -> None:
    """A peer that sends on and on is not read beyond the window while its first answer is due; then all is answered."""
    stuck = StuckStore()
    listener = await listen(stuck, window_bytes=65536)
    peer = await connect(listener)
    await peer.associate()
    size = 20_000_000
    sending = asyncio.create_task(
        peer.send(store_rq(b"first", message_id=0), *(store_rq(bytes(size), message_id=n) for n in (1, 2)))
    )
    await stuck.is_reached.wait()
    await until(lambda: Pause.QUEUE in meter.pauses)
    (connection,) = listener._service.connections
    assert 65536 < connection._acceptor.backlog.held < 65536 + 300_000
    assert not sending.done()
    stuck.go_on.set()
    await sending
    assert [(0, 0), (1, 0), (2, 0)] == await responses(peer, 3)
    assert not connection._acceptor.backlog.held


async def test_many_tiny_ones(listen: Listen, connect: Connect) -> None:
    """Thousands of echoes behind an instance are answered, a few at each turn of the loop, in order."""
    stuck = StuckStore()
    listener = await listen(stuck, window_bytes=65536)
    peer = await connect(listener)
    await peer.associate()
    count = 2000
    sending = asyncio.create_task(peer.send(store_rq(b"a", message_id=0), *(echo_rq(n) for n in range(1, count))))
    await stuck.is_reached.wait()
    stuck.go_on.set()
    assert [(number, 0) for number in range(count)] == await responses(peer, count)
    await sending


async def test_others_get_their_turn(listen: Listen, connect: Connect) -> None:
    """Queued requests are handled in portions, between which other tasks run."""
    stuck = StuckStore()
    listener = await listen(stuck)
    peer = await connect(listener)
    await peer.associate()
    wire = store_rq(b"a", message_id=0) + b"".join(echo_rq(number) for number in range(1, 1000))
    (connection,) = listener._service.connections
    before = connection._watch.octets
    await peer.send(wire)
    await until(lambda: connection._watch.octets == before + len(wire) and not connection._reader.has_more, 30)
    seen: list[int] = []
    handled = connection._handle
    connection._handle = lambda event: (seen.append(0), handled(event))[1]  # type: ignore[method-assign, func-returns-value]
    stuck.go_on.set()
    while not seen:
        await asyncio.sleep(0)
    assert len(seen) <= MOST_AT_ONCE + 1, "and the answer"
    assert 1000 == len(await responses(peer, 1000))


async def test_memory_is_counted(meter: RecordingMeter, listen: Listen, connect: Connect) -> None:
    """Queued requests count as held memory until they are handled."""
    limits, stuck = ProcessLimits(1 << 26), StuckStore()
    peer = await connect(await listen(stuck, limits=limits))
    await peer.associate()
    await peer.send(*(store_rq(bytes(100_000), message_id=number) for number in range(3)))
    await stuck.is_reached.wait()
    await until(lambda: limits.in_flight_octets > 200_000)
    stuck.go_on.set()
    assert [(0, 0), (1, 0), (2, 0)] == await responses(peer, 3)
    assert 0 == limits.in_flight_octets


LEAVING = {"A-ABORT": (Rejection.PEER_ABORTED, ABORT), "reset": (Rejection.PEER_LOST, b"")}


@pytest.mark.parametrize(("reason", "last"), LEAVING.values(), ids=LEAVING)
async def test_peer_leaves(
    listen: Listen, connect: Connect, meter: RecordingMeter, reason: Rejection, last: bytes
) -> None:
    """When a peer disconnects, its queued requests and the one in progress are dropped."""
    limits, stuck = ProcessLimits(1 << 26), StuckStore()
    listener = await listen(stuck, limits=limits)
    peer = await connect(listener)
    await peer.associate()
    await peer.send(*(store_rq(bytes(1000), message_id=number) for number in range(3)))
    await stuck.is_reached.wait()
    await peer.send(last)
    if not last:
        peer.vanish()
    await stuck.is_cancelled.wait()
    await until(lambda: not listener.tasks)
    assert ([], [reason], [1000], 0) == (meter.answers, meter.rejections, meter.sizes, limits.in_flight_octets)


async def test_the_first_answer_is_not_lost(listen: Listen, connect: Connect) -> None:
    """A peer that breaks the protocol behind an instance has the answer to that before it is aborted."""
    peer = await connect(await listen())
    await peer.associate()
    await peer.send(store_rq(b"a", message_id=5), p_data(3, 2, b"a data set of nothing"))
    assert [(5, 0)] == await responses(peer, 1)
    assert bytes.fromhex("07000000000400000202") == await peer.receive()


async def test_draining(listen: Listen, connect: Connect) -> None:
    """A listener that stops answers the instance in progress and takes none of those that wait."""
    stuck = StuckStore()
    listener = await listen(stuck)
    peer = await connect(listener)
    await peer.associate()
    await peer.send(*(store_rq(b"a", message_id=number) for number in range(3)))
    await stuck.is_reached.wait()
    (connection,) = listener._service.connections
    await until(lambda: connection._acceptor.backlog)
    listener.stop_accepting()
    stuck.go_on.set()
    assert [(0, 0)] == await responses(peer, 1)
    assert ABORT == await peer.receive()


async def test_half_a_message_that_waits(listen: Listen, connect: Connect, meter: RecordingMeter) -> None:
    """A peer that stalls inside a message behind another is timed out when that has been answered."""
    stuck = StuckStore()
    peer = await connect(await listen(stuck, message_seconds=0.1))
    await peer.associate()
    await peer.send(store_rq(b"a", message_id=1), store_rq(bytes(1000), message_id=2)[:-3])
    await stuck.is_reached.wait()
    await asyncio.sleep(0.3)  # what is shown is that nothing happens
    stuck.go_on.set()
    assert [(1, 0)] == await responses(peer, 1)
    assert ABORT == await peer.receive()
    assert [Rejection.MESSAGE_TIMEOUT] == meter.rejections


async def test_messages_per_second(listen: Listen, connect: Connect) -> None:
    """Requests that are sent ahead do not escape the rate limit."""
    listener = await listen(messages_per_second=100, limits=ProcessLimits(1 << 26))
    peer = await connect(listener)
    await peer.associate()
    begun = asyncio.get_running_loop().time()
    await peer.send(*(store_rq(b"a", message_id=number) for number in range(150)))
    await responses(peer, 150)
    assert asyncio.get_running_loop().time() - begun > 0.3  # 100 at once at most, then one each hundredth


async def test_sizes(listen: Listen, connect: Connect, store: KeepingStore) -> None:
    """Instances of any size, and echoes among them, are answered one by one in their order."""
    listener = await listen(window_bytes=65536)
    peer = await connect(listener)
    await peer.associate()
    sizes = (1, 100_000, 3_000_000, 20, 500_000)
    sending = asyncio.create_task(
        peer.send(
            *(store_rq(bytes(size), uid=f"1.2.{size}", message_id=n) for n, size in enumerate(sizes)),
            *(echo_rq(number) for number in range(5, 500)),
            RELEASE_RQ,
        )
    )
    assert [(number, 0) for number in range(500)] == await responses(peer, 500)
    await sending
    assert RELEASE_RP == await peer.receive()
    assert {"1.2.1": 1, "1.2.100000": 100_000, "1.2.3000000": 3_000_000, "1.2.20": 20, "1.2.500000": 500_000} == {
        uid: len(data_set(body)) for uid, body in store.bodies.items()
    }


async def test_commit(tmp_path: Path) -> None:
    """In commit mode each is in the spool before its answer, in the order sent."""
    text = committing(
        tmp_path, {"out": 'kind: dicomweb, url: "http://127.0.0.1:9"'}, listener="kind: dimse, port: 0, order_by: peer"
    )
    uids = [f"1.2.{number}" for number in range(20)]
    with capture_logs():
        async with running_gateway(text) as running:
            peer = await RawPeer.connect(running.ports["in"])
            await peer.associate()
            await peer.send(*(store_rq(ct(uid, 5000), uid=uid, message_id=n) for n, uid in enumerate(uids)))
            assert [(number, 0) for number in range(20)] == await responses(peer, 20)
            kept = await records(tmp_path)
            peer.vanish()
    assert uids == [record.identifiers["sop_instance_uid"] for record in kept]

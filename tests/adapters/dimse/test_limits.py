"""Each limit of a DIMSE listener over a loopback socket: what its peer gets, and that others are served meanwhile."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from adapters.dimse.listener import DimseListener
from gateway.contract.message import Message
from gateway.contract.meter import Pause, Rejection
from gateway.contract.outcome import Outcome
from gateway.limits.shared import ProcessLimits
from tests.adapters.dimse.conftest import Connect, Listen
from tests.adapters.dimse.fakes import KeepingStore, RecordingMeter, StuckStore, until
from tests.adapters.dimse.raw_peer import (
    CT,
    EXPLICIT,
    RELEASE_RQ,
    RawPeer,
    associate_rq,
    command_of,
    command_set,
    echo_rq,
    p_data,
    store_rq,
)

NEIGHBOUR = "127.0.0.2"
ABORT_BY_USER = bytes.fromhex("07000000000400000000")
MEMORY = 1 << 20
LARGE = bytes(3 * MEMORY)
STORE = command_set(e0002=CT, e0100=1, e0110=7, e0800=1, e1000="1.2.3")


@asynccontextmanager
async def served(listener: DimseListener, address: str = NEIGHBOUR) -> AsyncIterator[None]:
    """Assert that a peer from *address* gets its answers while the block runs."""

    async def talk() -> None:
        await peer.associate(calling="NEIGHBOUR")
        for number in range(10_000):
            await peer.send(store_rq(bytes(1000), uid=f"1.2.{number}"))
            async with asyncio.timeout(60):
                assert 0 == await peer.status()
            if leaving.is_set():
                return
            await asyncio.sleep(0.005)

    leaving = asyncio.Event()
    peer = await RawPeer.connect(listener.port, address)
    talking = asyncio.create_task(talk())
    try:
        yield
    finally:
        leaving.set()
        await talking
        peer.vanish()


async def test_strangers(listen: Listen, connect: Connect, meter: RecordingMeter) -> None:
    """A connection from outside the allowed networks is closed before its request; those from inside are served."""
    listener = await listen(allow_networks=[f"{NEIGHBOUR}/32"])
    async with served(listener):
        assert b"" == await (await connect(listener)).receive()
    assert [Rejection.NETWORK] == meter.rejections


@pytest.mark.parametrize(
    ("request_", "triple", "reason"),
    [
        ({"calling": "STRANGER"}, (1, 1, 3), Rejection.CALLING_AE_TITLE),
        ({"called": "OTHER"}, (1, 1, 7), Rejection.CALLED_AE_TITLE),
    ],
    ids=["calling", "called"],
)
async def test_unknown_titles(
    listen: Listen,
    connect: Connect,
    meter: RecordingMeter,
    request_: dict[str, str],
    triple: tuple[int, ...],
    reason: str,
) -> None:
    """An unknown title is rejected in the association: nothing is accepted and then aborted, nothing else comes."""
    listener = await listen(calling_ae_titles=["TESTER", "NEIGHBOUR"], artim_seconds=0.2)
    async with served(listener):
        peer = await connect(listener)
        answer = await peer.associate(**request_)
        assert (3, triple) == (answer[0], tuple(answer[-3:]))
        await peer.send(store_rq(bytes(100)))  # as a peer does that did not read the answer
        assert b"" == await peer.receive()
    assert [reason] == meter.rejections


async def test_peers(listen: Listen, connect: Connect, store: KeepingStore, meter: RecordingMeter) -> None:
    """A peer that an entry names by its title gets the settings of the entry; others get those of the listener."""
    peers = {"ct": {"calling_ae_titles": ["CT1"], "max_connections": 1, "transfer_syntaxes": ["1.2.840.10008.1.2"]}}
    listener = await listen(peers=peers)
    special, second, usual = [await connect(listener) for _ in range(3)]
    await special.associate(calling="CT1")
    await usual.associate(calling="MR1")
    assert bytes((0, 2, 3, 2)) == (await second.associate(calling="CT1"))[-4:]
    for number, peer in enumerate((special, usual)):
        await peer.send(store_rq(bytes(100), uid=f"1.2.{number}"))
        assert 0 == await peer.status()
    assert ["1.2.840.10008.1.2", EXPLICIT] == [each.facts["transfer_syntax_uid"] for each in store.messages]
    assert [Rejection.PEER_LIMIT] == meter.rejections
    await special.send(RELEASE_RQ)
    await special.receive()
    assert 2 == (await (await connect(listener)).associate(calling="CT1"))[0]


async def test_silent_sockets_of_one_address(
    listen: Listen, connect: Connect, meter: RecordingMeter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flood of sockets that ask for nothing is cut where its address has enough of them; others come in."""
    monkeypatch.setattr("adapters.dimse.service.SPARE_SOCKETS_PER_PEER", 3)
    listener = await listen(max_connections_per_peer=2)
    flood = [await connect(listener) for _ in range(20)]
    async with served(listener):
        assert [b""] * 15 == [await peer.receive() for peer in flood[5:]]
    assert [Rejection.PEER_LIMIT] * 15 == meter.rejections


SILENT: dict[str, tuple[int, int]] = {"sockets": (0, 0), "unfinished requests": (100, 0), "associations": (0, 1)}
"""Octets of an unfinished request, and whether there is an association."""


@pytest.mark.parametrize(("octets", "associates"), SILENT.values(), ids=SILENT)
async def test_crowd(
    listen: Listen,
    connect: Connect,
    meter: RecordingMeter,
    monkeypatch: pytest.MonkeyPatch,
    octets: int,
    associates: int,
) -> None:
    """Silent and unfinished peers of a few addresses keep out no peer that has delivered before."""
    monkeypatch.setattr("adapters.dimse.service.SPARE_SOCKETS", 10)
    listener = await listen(max_connections=10, max_connections_per_peer=10)
    good = await connect(listener, NEIGHBOUR)
    await good.associate()
    await good.send(store_rq(bytes(100)), RELEASE_RQ)
    assert 0 == await good.status()
    good.vanish()
    await until(lambda: not listener.tasks)
    crowd = [await connect(listener, f"127.0.0.{3 + number % 3}") for number in range(40)]
    for peer in crowd:
        await peer.send(associate_rq()[:octets])
        if associates:
            await peer.associate()
    again = await connect(listener, NEIGHBOUR)
    async with asyncio.timeout(5):
        assert 2 == (await again.associate())[0]
        await again.send(store_rq(bytes(100)))
        assert 0 == await again.status()
    assert {Rejection.CONNECTION_LIMIT, Rejection.DISPLACED} & set(meter.rejections)


async def test_idle_association_makes_room(
    listen: Listen, connect: Connect, meter: RecordingMeter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An association without a message is aborted when another peer needs the place; a busy one is not."""
    monkeypatch.setattr("gateway.contract.places.GRACE_SECONDS", -1)
    listener = await listen(max_connections=2)
    working, idle, third = [await connect(listener, f"127.0.0.{number}") for number in (1, 2, 3)]
    await working.associate()
    await idle.associate()
    await working.send(p_data(3, 3, STORE), p_data(3, 0, b"x"))
    await until(lambda: sum(not each.is_idle() for each in listener._service.connections) == 1)
    assert 2 == (await third.associate())[0]
    assert ABORT_BY_USER == await idle.receive()
    await working.send(p_data(3, 2, b"x"))
    assert 0 == await working.status()
    assert [Rejection.DISPLACED] == meter.rejections


async def test_too_many_items(listen: Listen, connect: Connect, meter: RecordingMeter) -> None:
    """A request with more transfer syntaxes than anybody needs is rejected as over the local limit."""
    listener = await listen()
    async with served(listener):
        peer = await connect(listener)
        answer = await peer.associate(contexts=[(CT, [f"1.2.{each}" for each in range(1, 130)])])
        assert bytes((0, 2, 3, 2)) == answer[-4:]
    assert [Rejection.TOO_MANY_ITEMS] == meter.rejections


async def test_largest_request(listen: Listen, connect: Connect, meter: RecordingMeter) -> None:
    """A request as large as the standard allows is taken."""
    peer = await connect(await listen())
    contexts = [(f"{CT}.{each}", [f"1.2.3.{syntax}" for syntax in range(1, 101)]) for each in range(1, 129)]
    assert 2 == (await peer.associate(contexts=contexts))[0]


def unfinished(size: int, calling: str = "STRANGER") -> bytes:
    """Return the beginning of a request of *size* octets, all but the last one."""
    fixed = associate_rq(calling=calling)[6:74]
    return struct.pack(">BxL", 1, size) + fixed + bytes(size - len(fixed) - 1)


async def test_unfinished_requests(listen: Listen, connect: Connect, meter: RecordingMeter) -> None:
    """Unfinished association requests count as memory; few long ones of unknown peers are read at the same time."""
    limits = ProcessLimits(1 << 30)
    listener = await listen(limits=limits)
    async with served(listener):
        strangers = [await connect(listener) for _ in range(10)]
        for peer in strangers:
            await peer.send(unfinished(1 << 20))
        rejected = [await peer.receive() for peer in strangers[4:]]
        await until(lambda: limits.in_flight_octets >= 4 << 20)
    assert [bytes((0, 2, 3, 2))] * 6 == [answer[-4:] for answer in rejected]
    assert [Rejection.TOO_LARGE] * 6 == meter.rejections
    assert 4 << 20 <= limits.in_flight_octets < (4 << 20) + 100_000
    for peer in strangers:
        peer.vanish()
    await until(lambda: not limits.in_flight_octets)


async def test_unfinished_short_requests(listen: Listen, connect: Connect, meter: RecordingMeter) -> None:
    """Short unfinished requests count as memory too, also those that come within an association."""
    limits = ProcessLimits(1 << 30)
    listener = await listen(limits=limits)
    first, second = await connect(listener), await connect(listener)
    await second.associate()
    for peer in (first, second):
        await peer.send(unfinished(50_000))
    await until(lambda: limits.in_flight_octets == 2 * 50_005)
    for peer in (first, second):
        peer.vanish()
    await until(lambda: not limits.in_flight_octets)


@pytest.mark.parametrize(
    "settings",
    [
        {"peers": {"ct": {"calling_ae_titles": ["KNOWN"]}}},
        {"peers": {"ct": {"networks": ["127.0.0.1/32"]}}},
        {"calling_ae_titles": ["KNOWN", "STRANGER"]},
    ],
    ids=["its title", "its network", "a caller"],
)
async def test_long_request_of_a_known_peer(
    listen: Listen, connect: Connect, meter: RecordingMeter, settings: dict[str, Any]
) -> None:
    """Unknown peers with long requests do not keep out a peer that the configuration names."""
    listener = await listen(**settings)
    strangers = [await connect(listener, NEIGHBOUR) for _ in range(10)]
    for stranger in strangers:
        await stranger.send(unfinished(100_000))
    peer = await connect(listener)
    contexts = [(f"{CT}.{each}", [f"1.2.3.{syntax}" for syntax in range(1, 101)]) for each in range(1, 129)]
    assert 2 == (await peer.associate(calling="KNOWN", contexts=contexts))[0]


async def test_nothing_is_kept_after_an_abort(listen: Listen, connect: Connect, meter: RecordingMeter) -> None:
    """A peer that sends on after a protocol error fills no memory while the listener waits for it to disconnect."""
    limits = ProcessLimits(1 << 30)
    listener = await listen(limits=limits)
    peer = await connect(listener)
    await peer.send(b"\x09\0\0\0\0\0")
    assert 7 == (await peer.receive())[0]
    for _ in range(20):
        await peer.send(bytes(100_000))
    (connection,) = listener._service.connections
    assert 0 == connection._reader.held == limits.in_flight_octets


async def test_slow_loris(listen: Listen, connect: Connect, meter: RecordingMeter) -> None:
    """An instance that comes in octet by octet is refused as too slow, although its peer never stalls."""
    listener = await listen(message_seconds=0.5, min_bytes_per_second=10_000)
    async with served(listener):
        peer = await connect(listener)
        await peer.associate()
        await peer.send(p_data(3, 3, STORE))
        receiving = asyncio.create_task(peer.receive())
        for _ in range(1000):
            if receiving.done():
                break
            await peer.send(p_data(3, 0, b"x"))
            await asyncio.sleep(0.01)
        assert ABORT_BY_USER == await receiving
    assert [Rejection.TOO_SLOW] == meter.rejections


async def test_messages_per_second(
    listen: Listen, connect: Connect, store: KeepingStore, meter: RecordingMeter
) -> None:
    """A peer that sends too many messages a second, C-ECHO or C-STORE, is slowed down; others are not slowed."""
    peers = {"ct": {"networks": ["127.0.0.1/32"], "messages_per_second": 20}}
    listener = await listen(limits=ProcessLimits(1 << 24), peers=peers)
    peer = await connect(listener)
    await peer.associate()
    started = asyncio.get_running_loop().time()
    async with served(listener):
        for number in range(15):
            for request in (store_rq(bytes(100), uid=f"2.3.{number}"), echo_rq()):
                await peer.send(request)
                assert 0 == await peer.status()
    assert 0.4 < asyncio.get_running_loop().time() - started  # 20 at once, then half a second for 10 more
    assert Pause.RATE in meter.pauses
    assert 15 == sum(uid.startswith("2.3.") for uid in store.bodies)
    assert [] == meter.rejections


async def test_slowed_down_peers_leave_at_once(listen: Listen, connect: Connect, meter: RecordingMeter) -> None:
    """Stopping does not wait for the rate limit of a peer."""
    listener = await listen(limits=ProcessLimits(1 << 24), messages_per_second=0.01)
    peer = await connect(listener)
    await peer.associate()
    await until(lambda: meter.pauses == [Pause.RATE])
    listener.stop_accepting()
    assert ABORT_BY_USER == await peer.receive()


async def test_memory(listen: Listen, connect: Connect, meter: RecordingMeter) -> None:
    """When all together hold too much an instance is read only as fast as the store takes it; others are served."""
    limits = ProcessLimits(MEMORY)
    favourite = limits.account(lambda: None, lambda: None)
    favourite.update(MEMORY + 1)
    stuck = StuckStore()
    keeping = KeepingStore()

    async def deliver(message: Message) -> Outcome:
        return await (keeping if message.facts["calling_ae_title"] == "NEIGHBOUR" else stuck)(message)

    listener = await listen(deliver, limits=limits, message_seconds=0.2)
    async with served(listener):
        peer = await connect(listener)
        await peer.associate()
        sending = asyncio.create_task(peer.send(store_rq(LARGE)))
        await until(lambda: Pause.MEMORY in meter.pauses)
        await asyncio.sleep(0.4)  # longer than message_seconds: the peer is not to be blamed
        assert limits.in_flight_octets < MEMORY + 400_000
        stuck.go_on.set()
        await sending
        assert 0 == await peer.status()
    assert [] == meter.rejections
    assert Pause.STORE not in meter.pauses
    assert MEMORY + 1 == limits.in_flight_octets


async def test_memory_is_given_back(listen: Listen, connect: Connect, meter: RecordingMeter) -> None:
    """A peer that vanishes in the middle of an instance holds nothing afterwards."""
    limits = ProcessLimits(MEMORY)
    stuck = StuckStore()
    listener = await listen(stuck, limits=limits)
    peer = await connect(listener)
    await peer.associate()
    await peer.send(p_data(3, 3, STORE), *[p_data(3, 0, bytes(100_000)) for _ in range(5)])
    await until(lambda: limits.in_flight_octets > 300_000)
    peer.vanish()
    await until(lambda: not listener.tasks)
    assert 0 == limits.in_flight_octets


async def test_exhausted(listen: Listen, connect: Connect, store: KeepingStore, meter: RecordingMeter) -> None:
    """When pausing is not enough an instance is read over and answered A700; the association lives on."""
    limits = ProcessLimits(MEMORY)
    favourite, hog = (limits.account(lambda: None, lambda: None) for _ in range(2))
    favourite.update(MEMORY + 1)
    hog.update(2 * MEMORY)
    peer = await connect(await listen(limits=limits))
    await peer.associate()
    await peer.send(store_rq(LARGE))
    response = command_of(await peer.receive())
    assert (0xA700, "the gateway's memory limit is reached; send it again later") == (
        response.Status,
        response.ErrorComment,
    )
    assert [] == store.messages
    assert 3 * MEMORY + 1 == limits.in_flight_octets
    favourite.update(0)
    await peer.send(store_rq(LARGE))
    assert 0 == await peer.status()
    assert [Rejection.MEMORY_LIMIT] == meter.rejections


async def test_pauses_for_the_store(listen: Listen, connect: Connect, meter: RecordingMeter) -> None:
    """A store that is slower than the peer is counted as a pause, not as a fault."""
    stuck = StuckStore()
    peer = await connect(await listen(stuck, window_bytes=65536))
    await peer.associate()
    sending = asyncio.create_task(peer.send(store_rq(LARGE)))
    await until(lambda: Pause.STORE in meter.pauses)
    stuck.go_on.set()
    await sending
    assert 0 == await peer.status()
    assert {Pause.STORE} == set(meter.pauses)


async def test_request_over_the_limit_is_not_decoded(
    listen: Listen, connect: Connect, meter: RecordingMeter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no association is possible, the request costs no more than reading its titles."""
    listener = await listen(max_connections=1)
    await (await connect(listener)).associate()
    monkeypatch.setattr("adapters.dimse.protocol.association.decode_proposal", lambda _: 1 // 0)
    assert bytes((0, 2, 3, 2)) == (await (await connect(listener)).associate())[-4:]
    assert [Rejection.CONNECTION_LIMIT] == meter.rejections

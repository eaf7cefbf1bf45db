"""Each limit of an MLLP listener over a loopback socket: what its peer gets, and that others are served meanwhile."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

from adapters.mllp.framing import frame
from gateway.contract.meter import Pause, Rejection
from gateway.contract.outcome import Unavailable
from gateway.limits.shared import ProcessLimits
from tests.adapters.mllp.conftest import Serve
from tests.adapters.mllp.fakes import FakeDelivery, FakeMeter
from tests.adapters.mllp.serving.test_connection import connection, ended, reset, until
from tests.mllp_client import MllpClient, adt, code_of, control_id_of, mllp_client

NEIGHBOUR = "127.0.0.2"
LARGE = b"OBX|1|ED|" + b"x" * 300_000
MEMORY = 1 << 20
HUGE = LARGE * 6


@asynccontextmanager
async def served(port: int, address: str = NEIGHBOUR) -> AsyncIterator[None]:
    """Assert that a peer from *address* gets its answers while the block runs."""

    async def talk(client: MllpClient) -> None:
        for number in range(10_000):
            async with asyncio.timeout(60):
                assert ("AA", f"N{number}") == (
                    code_of(answer := await client.ask(adt(f"N{number}"))),
                    control_id_of(answer),
                )
            if leaving.is_set():
                return
            await asyncio.sleep(0.005)

    leaving = asyncio.Event()
    async with mllp_client(port, address=address) as client:
        talking = asyncio.create_task(talk(client))
        try:
            yield
        finally:
            leaving.set()
            await talking


async def trickle(client: MllpClient, octets: int = 10_000) -> None:
    """Send an octet now and then, until the listener closes the connection."""
    for _ in range(octets):
        if client.reader.at_eof():
            return
        client.writer.write(b"x")
        await asyncio.sleep(0.01)


async def test_strangers(serve: Serve, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """A connection from outside the allowed networks is closed without an answer; those from inside are served."""
    listener = await serve(allow_networks=[f"{NEIGHBOUR}/32"])
    async with served(listener.port), mllp_client(listener.port) as stranger:
        stranger.writer.write(frame(adt("C1")))
        with contextlib.suppress(ConnectionError):
            assert b"" == await ended(stranger)
    assert [Rejection.NETWORK] == meter.rejections
    assert b"C1" not in b"".join(delivery.payloads)


async def test_peers(serve: Serve, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """A peer with an entry gets the answers, the character set and the limits of its entry; others the listener's."""
    peers = {
        "lab": {
            "networks": ["127.0.0.2/32"],
            "charset": "8859/1",
            "answers": {"unavailable": "AE"},
            "max_block": 1000,
            "max_connections": 1,
        }
    }
    delivery.outcome = Unavailable("the store is down")
    listener = await serve(peers=peers)
    async with mllp_client(listener.port) as usual, mllp_client(listener.port, address="127.0.0.2") as special:
        assert ["AR", "AE"] == [code_of(await each.ask(adt("C1"))) for each in (usual, special)]
        async with mllp_client(listener.port, address="127.0.0.2") as second:
            assert b"" == await ended(second)
        special.writer.write(b"\x0b" + bytes(2000))
        usual.writer.write(b"\x0b" + bytes(2000))
        assert b"" == await ended(special)
    assert [None, "8859/1"] == [message.charset for message in delivery.messages]
    assert [Rejection.PEER_LIMIT, Rejection.TOO_LARGE] == meter.rejections[:2]


async def test_first_message(serve: Serve, meter: FakeMeter) -> None:
    """A peer that has sent no message is closed long before one that idles between messages, stray octets or not."""
    listener = await serve(first_message_seconds=0.1)
    async with mllp_client(listener.port, address=NEIGHBOUR) as known:
        await known.ask(adt("C1"))
        async with mllp_client(listener.port) as silent, mllp_client(listener.port) as straying:
            for _ in range(3):
                straying.writer.write(b"\r")
                await asyncio.sleep(0.02)
            assert [b"", b""] == [await ended(silent), await ended(straying)]
        assert "AA" == code_of(await known.ask(adt("C2")))
    assert [Rejection.FIRST_MESSAGE_TIMEOUT] * 2 == meter.rejections


@pytest.mark.parametrize("sent", [b"", b"\r", b"\x0bMSH|^~\\&|", b"\x0bx\x1c\r"])
async def test_crowd(serve: Serve, meter: FakeMeter, sent: bytes) -> None:
    """Silent and unfinished peers of a few addresses keep out no peer that has delivered before."""
    listener = await serve(max_connections=10, max_connections_per_peer=5)
    async with mllp_client(listener.port, address=NEIGHBOUR) as good:
        await good.ask(adt("C1"))
    await until(lambda: not listener.tasks)
    async with contextlib.AsyncExitStack() as stack:
        for number in range(20):
            address = f"127.0.0.{3 + number % 4}"
            client = await stack.enter_async_context(mllp_client(listener.port, address=address))
            client.writer.write(sent)
        async with mllp_client(listener.port, address=NEIGHBOUR) as good, asyncio.timeout(5):
            assert "AA" == code_of(await good.ask(adt("C2")))
    assert {Rejection.CONNECTION_LIMIT, Rejection.DISPLACED, Rejection.NO_HEADER} & set(meter.rejections)


async def test_silent_peer_makes_room(serve: Serve, meter: FakeMeter, monkeypatch: pytest.MonkeyPatch) -> None:
    """A peer that has sent nothing is closed when another needs the place; one that had an answer is not."""
    monkeypatch.setattr("gateway.contract.places.GRACE_SECONDS", -1)
    listener = await serve(max_connections=2)
    async with (
        mllp_client(listener.port) as answered,
        mllp_client(listener.port, address="127.0.0.3") as silent,
    ):
        await answered.ask(adt("C1"))
        await until(lambda: len(listener._service.connections) == 2)
        async with mllp_client(listener.port, address=NEIGHBOUR) as third:
            assert "AA" == code_of(await third.ask(adt("C2")))
            assert b"" == await ended(silent)
            async with mllp_client(listener.port, address="127.0.0.4") as fourth:
                assert b"" == await ended(fourth)
        assert "AA" == code_of(await answered.ask(adt("C3")))
    assert [Rejection.DISPLACED, Rejection.CONNECTION_LIMIT] == meter.rejections


async def test_slow_loris(serve: Serve, meter: FakeMeter) -> None:
    """A block that comes in octet by octet is refused as too slow, although its peer never stalls."""
    listener = await serve(message_seconds=0.5, min_bytes_per_second=1000)
    async with served(listener.port), mllp_client(listener.port) as loris:
        loris.writer.write(b"\x0bMSH|^~\\&|")
        await asyncio.wait_for(trickle(loris), 5)
        assert b"" == await ended(loris)
    assert [Rejection.TOO_SLOW] == meter.rejections


async def test_our_pauses_are_not_the_peers_fault(serve: Serve, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """A peer that is not read because its messages wait for the store has not stalled, however long that takes."""
    listener = await serve(message_seconds=0.1, min_bytes_per_second=10_000_000)
    delivery.hold()
    names = [f"C{number}" for number in range(10)]
    async with mllp_client(listener.port) as client:
        client.writer.write(b"".join(frame(adt(name) + LARGE) for name in names))
        await until(lambda: bool(listener._service.connections) and connection(listener)._gate.is_closed)
        await asyncio.sleep(0.3)  # what is shown is that nothing happens
        assert [] == meter.rejections
        delivery.may_go_on.set()
        assert names == [control_id_of(await client.answer()) for _ in names]
    assert [] == meter.rejections
    assert {Pause.QUEUE} == set(meter.pauses)


async def test_burst_whose_end_comes_later(serve: Serve, meter: FakeMeter) -> None:
    """On an old connection a burst of messages is not slow, though its last part comes in a packet of its own."""
    listener = await serve(message_seconds=0.2)
    names = [f"C{number}" for number in range(30)]
    octets = b"".join(frame(adt(name)) for name in names)
    cut = octets.index(b"C25")
    async with mllp_client(listener.port) as client:
        await asyncio.sleep(0.3)  # older than message_seconds
        for part in (octets[:cut], octets[cut:-20], octets[-20:]):
            client.writer.write(part)
            await asyncio.sleep(0.01)
        assert names == [control_id_of(await client.answer()) for _ in names]
    assert [] == meter.rejections


async def test_slowed_down_peers_are_not_to_blame(serve: Serve, meter: FakeMeter) -> None:
    """A peer that is not read because of its rate has neither stalled nor gone idle."""
    limits: dict[str, Any] = {"message_seconds": 0.1, "idle_seconds": 0.1, "messages_per_second": 2}
    listener = await serve(limits=ProcessLimits(1 << 24), **limits)
    async with mllp_client(listener.port) as client:
        whole = frame(adt("C1")) + frame(adt("C2"))
        client.writer.write(whole + frame(adt("C3"))[:30])
        assert ["C1", "C2"] == [control_id_of(await client.answer()) for _ in range(2)]
        await asyncio.sleep(0.3)  # of the half second for which it is not read; what is shown is that nothing happens
        assert [] == meter.rejections
        client.writer.write(frame(adt("C3"))[30:])
        assert "C3" == control_id_of(await client.answer())


async def test_messages_per_second(serve: Serve, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """A peer that sends too many messages a second is slowed down and loses none; others are not slowed."""
    peers = {"lab": {"networks": ["127.0.0.1/32"], "messages_per_second": 50}}
    listener = await serve(limits=ProcessLimits(1 << 24), peers=peers)
    names = [f"C{number}" for number in range(75)]
    started = asyncio.get_running_loop().time()
    async with served(listener.port), mllp_client(listener.port) as first, mllp_client(listener.port) as second:
        for client, part in ((first, names[:40]), (second, names[40:])):
            client.writer.write(b"".join(frame(adt(name)) for name in part))
        assert names[:40] == [control_id_of(await first.answer()) for _ in range(40)]
        assert names[40:] == [control_id_of(await second.answer()) for _ in range(35)]
        assert 0.4 < asyncio.get_running_loop().time() - started  # 50 at once, 25 more take half a second
    assert [] == meter.rejections
    assert Pause.RATE in meter.pauses
    assert len(names) == sum(b"A01|C" in payload for payload in delivery.payloads)


async def test_slowed_down_peers_leave_at_once(serve: Serve, meter: FakeMeter) -> None:
    """Stopping does not wait for the rate limit of a peer, and a peer that has gone gives its place back."""
    listener = await serve(limits=ProcessLimits(1 << 24), messages_per_second=0.01)
    async with mllp_client(listener.port) as client, mllp_client(listener.port, address=NEIGHBOUR) as other:
        for each in (client, other):
            assert "AA" == code_of(await each.ask(adt("C1")))
        await until(lambda: meter.pauses == [Pause.RATE] * 2)
        listener.stop_accepting()
        assert [b"", b""] == [await ended(client), await ended(other)]


async def test_memory(serve: Serve, meter: FakeMeter) -> None:
    """When all together hold too much the large ones take turns, and the small ones are served on."""
    limits = ProcessLimits(MEMORY)
    listener = await serve(limits=limits)
    async with served(listener.port), mllp_client(listener.port) as first, mllp_client(listener.port) as second:
        wire = frame(adt("C1") + HUGE)
        first.writer.write(wire[:-100_000])
        await until(lambda: limits.in_flight_octets > len(HUGE) - 100_000)
        second.writer.write(frame(adt("C2") + HUGE * 5))
        await until(lambda: Pause.MEMORY in meter.pauses)
        assert limits.in_flight_octets < len(HUGE) + 300_000
        first.writer.write(wire[-100_000:])
        assert ["C1", "C2"] == [control_id_of(await each.answer()) for each in (first, second)]
    assert [] == meter.rejections
    await until(lambda: not listener.tasks)
    assert 0 == limits.in_flight_octets


async def test_memory_is_given_back(serve: Serve, delivery: FakeDelivery) -> None:
    """A peer that vanishes with its blocks queued and half sent holds nothing afterwards."""
    limits = ProcessLimits(1 << 24)
    listener = await serve(limits=limits)
    delivery.hold()
    async with mllp_client(listener.port) as client:
        client.writer.write(frame(adt("C1")) + frame(adt("C2") + LARGE) + b"\x0b" + LARGE)
        await until(lambda: limits.in_flight_octets > 600_000)
        reset(client)
        await until(lambda: 0 < limits.in_flight_octets < 1000)  # the message whose delivery is under way
        delivery.may_go_on.set()
        await until(lambda: not listener.tasks)
    assert 0 == limits.in_flight_octets


async def test_no_room_for_the_rest(serve: Serve, meter: FakeMeter) -> None:
    """A block that waits for memory that others hold is given up in the end, with the memory limit as the reason."""
    limits = ProcessLimits(MEMORY)
    listener = await serve(limits=limits, message_seconds=0.3, min_bytes_per_second=0)
    async with served(listener.port), mllp_client(listener.port) as loris, mllp_client(listener.port) as client:
        loris.writer.write(b"\x0b" + HUGE)
        await until(lambda: limits.in_flight_octets >= len(HUGE))
        trickling = asyncio.create_task(trickle(loris))
        client.writer.write(b"\x0b" + LARGE)
        assert b"" == await ended(client)
        assert Rejection.MEMORY_LIMIT in meter.rejections  # on a busy machine the loris may be too slow, too
        trickling.cancel()


async def test_exhausted(serve: Serve, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """When pausing is not enough a message is answered AR at once and not delivered; later it is taken."""
    limits = ProcessLimits(MEMORY)
    favourite, hog = (limits.account(lambda: None, lambda: None) for _ in range(2))
    favourite.update(MEMORY + 1)
    hog.update(2 * MEMORY)
    listener = await serve(limits=limits)
    async with mllp_client(listener.port) as client:
        answer = await client.ask(adt("C1"))
        assert ("AR", "C1") == (code_of(answer), control_id_of(answer))
        assert b"207^" in answer
        assert b"send this one again later" in answer
        favourite.update(0)
        assert "AA" == code_of(await client.ask(adt("C1")))
    assert [adt("C1")] == delivery.payloads
    assert [Rejection.MEMORY_LIMIT] == meter.rejections


async def test_pauses_are_no_noise(serve: Serve, meter: FakeMeter) -> None:
    """A pause leaves no log line above debug: the metrics count it."""
    listener = await serve(limits=ProcessLimits(1 << 24), messages_per_second=0.01)
    with capture_logs() as logs:
        async with mllp_client(listener.port) as client:
            await client.ask(adt("C1"))
            await until(lambda: meter.pauses == [Pause.RATE])
    assert ["debug"] == [each["log_level"] for each in logs if each["event"] == "reading_paused"]

"""What operators are told of HL7 peers: through a listener, from what a peer really sends."""

import asyncio

import pytest
from structlog.testing import capture_logs

from adapters.mllp.likeness import EXPECTED, LINE_FEED
from gateway.contract.causes import Cause, Diagnosis, Notice
from gateway.contract.sockets import reset_at_close
from gateway.limits.shared import ProcessLimits
from tests.adapters.mllp.conftest import Serve
from tests.adapters.mllp.fakes import FakeDelivery, FakeMeter
from tests.mllp_client import adt, mllp_client
from tests.waiting import until


async def noticed(meter: FakeMeter, count: int = 1) -> list[Notice]:
    """Return what was noticed, once there is so much."""
    await until(lambda: len(meter.notices) >= count)
    assert len(meter.notices) == count
    return meter.notices


async def test_ordinary_peer(serve: Serve, meter: FakeMeter) -> None:
    """Nothing is noticed of a peer that sends a message and leaves, nor of a probe that only connects."""
    listener = await serve()
    async with mllp_client(listener.port):
        pass
    async with mllp_client(listener.port) as peer:
        await peer.ask(adt("1"))
    await until(lambda: not listener.tasks)
    assert meter.notices == []


async def test_line_feed(serve: Serve, meter: FakeMeter) -> None:
    """A peer whose blocks begin with LF is told of, in the log as well, without what it has sent."""
    listener = await serve()
    with capture_logs() as logs:
        async with mllp_client(listener.port) as peer:
            peer.writer.write(b"\n" + adt("1") + b"\x1c\r")
            (notice,) = await noticed(meter)
    assert (notice.peer, notice.peer_ip, notice.diagnosis.cause) == ("127.0.0.1", "127.0.0.1", Cause.FRAMING)
    details = notice.diagnosis.details
    assert (details["looks_like"], details["expected"], details["octet"]) == (LINE_FEED, EXPECTED, "letter")
    (line,) = [each for each in logs if each["event"] == "peer_rejected"]
    assert line["looks_like"] == LINE_FEED


async def test_unclear_end(serve: Serve, meter: FakeMeter) -> None:
    """A block whose end is not clear is told of by the name of the peer that has sent others before."""
    listener = await serve()
    async with mllp_client(listener.port) as peer:
        await peer.ask(adt("1"))
        peer.writer.write(b"\x0b" + adt("2") + b"\x1cX")
        (notice,) = await noticed(meter)
    assert (notice.peer, notice.diagnosis.cause) == ("TEST|WARD", Cause.FRAMING)
    assert "looks_like" not in notice.diagnosis.details


async def test_tls_on_a_plain_port(serve: Serve, meter: FakeMeter) -> None:
    """A peer that speaks TLS is told of with the port."""
    listener = await serve()
    async with mllp_client(listener.port) as peer:
        peer.writer.write(b"\x16\x03\x01\x02\x00\x01\x00")
        (notice,) = await noticed(meter)
    details = {"port": str(listener.port)}
    assert notice == Notice(Diagnosis(Cause.TLS_ON_PLAIN_PORT, details), "127.0.0.1", "127.0.0.1")


async def test_network(serve: Serve, meter: FakeMeter) -> None:
    """A peer from another network is told of."""
    listener = await serve(allow_networks=["127.0.0.2/32"])
    async with mllp_client(listener.port):
        (notice,) = await noticed(meter)
    assert notice == Notice(Diagnosis(Cause.NETWORK_NOT_ALLOWED), "127.0.0.1", "127.0.0.1")


async def test_limit(serve: Serve, meter: FakeMeter) -> None:
    """A peer with too many connections is told of with how many it may have."""
    listener = await serve(max_connections_per_peer=1)
    async with mllp_client(listener.port) as first:
        await first.ask(adt("1"))
        async with mllp_client(listener.port):
            (notice,) = await noticed(meter)
    details = {"limit": "peer_limit", "connections": "1", "most": "1"}
    assert notice == Notice(Diagnosis(Cause.PEER_LIMIT, details), "127.0.0.1", "127.0.0.1")


async def test_rate(serve: Serve, meter: FakeMeter) -> None:
    """A peer that is slowed down is told of by name, with the rate that is allowed."""
    listener = await serve(limits=ProcessLimits(1 << 24), messages_per_second=2)
    async with mllp_client(listener.port) as peer:
        for number in range(4):
            peer.writer.write(b"\x0b" + adt(str(number)) + b"\x1c\r")
        await until(lambda: meter.notices)
    assert meter.notices[0] == Notice(Diagnosis(Cause.RATE, {"allowed": "2"}), "TEST|WARD", "127.0.0.1")


async def test_peer_that_is_gone(serve: Serve, meter: FakeMeter, delivery: FakeDelivery) -> None:
    """A peer that leaves before its answer is told of, with how long it waited and how long the answer took."""
    listener = await serve()
    delivery.hold()
    with capture_logs() as logs:
        async with mllp_client(listener.port) as peer:
            peer.writer.write(b"\x0b" + adt("1") + b"\x1c\r")
            await asyncio.wait_for(delivery.began.wait(), 60)
            reset_at_close(peer.writer.get_extra_info("socket"))
            peer.writer.transport.abort()
            await until(lambda: meter.connections == 0)
        delivery.may_go_on.set()
        (notice,) = await noticed(meter)
        await until(lambda: not listener.tasks)
    assert (notice.peer, notice.diagnosis.cause) == ("TEST|WARD", Cause.PEER_GAVE_UP)
    waited, took = (float(notice.diagnosis.details[name]) for name in ("seconds", "took"))
    assert 0 <= waited <= took < 60
    (line,) = [each for each in logs if each["event"] == "answer_undeliverable"]
    assert 0 <= line["seconds"] < 60


@pytest.mark.parametrize(("shortest", "count"), [(0.0, 1), (600.0, 0)])
async def test_end_of_stream(
    shortest: float, count: int, serve: Serve, meter: FakeMeter, delivery: FakeDelivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A peer that ends its stream has given up if it had waited; if not, it may have closed its own side only."""
    monkeypatch.setattr("adapters.mllp.serving.report.SHORTEST_TIMEOUT", shortest)
    listener = await serve()
    delivery.hold()
    with capture_logs() as logs:
        async with mllp_client(listener.port) as peer:
            peer.writer.write(b"\x0b" + adt("1") + b"\x1c\r")
            await asyncio.wait_for(delivery.began.wait(), 60)
            peer.writer.write_eof()
            (connection,) = listener._service.connections
            await until(lambda: connection._incoming.is_at_end)
            delivery.may_go_on.set()
            await peer.answer()
        await until(lambda: not listener.tasks)
    assert [each.diagnosis.cause for each in meter.notices] == [Cause.PEER_GAVE_UP] * count
    (line,) = [each for each in logs if each["event"] == "message_answered"]
    assert 0 <= line["seconds"] < 60

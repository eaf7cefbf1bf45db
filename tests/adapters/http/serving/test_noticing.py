"""What operators are told of peers over HTTP: through a listener, from what a peer really sends."""

import asyncio
from pathlib import Path

from structlog.testing import capture_logs

from gateway.contract.causes import Cause, Diagnosis, Notice
from gateway.limits.shared import ProcessLimits
from tests.adapters.http.fakes import FakeDelivery, listening, raw, request
from tests.adapters.mllp.fakes import FakeMeter
from tests.waiting import until


async def noticed(meter: FakeMeter, count: int = 1) -> list[Notice]:
    """Return what was noticed, once there is so much."""
    await until(lambda: len(meter.notices) >= count)
    assert len(meter.notices) == count
    return meter.notices


async def test_ordinary_peer() -> None:
    """Nothing is noticed of a peer that gets its answer; the line about it says how long that took."""
    meter = FakeMeter()
    with capture_logs() as logs:
        async with listening(FakeDelivery(), meter) as listener, raw(listener.port) as peer:
            peer.send(request())
            assert (await peer.response()).status == 201
    assert meter.notices == []
    (line,) = [each for each in logs if each["event"] == "request_answered"]
    assert 0 <= line["seconds"] < 60


async def test_token(tmp_path: Path) -> None:
    """A peer without a token is told of."""
    meter, file = FakeMeter(), tmp_path / "token"
    file.write_text("a-token-of-the-laboratory")
    with capture_logs() as logs:
        async with (
            listening(FakeDelivery(), meter, token_files={"lab": str(file)}) as listener,
            raw(listener.port) as peer,
        ):
            peer.send(request())
            assert (await peer.response()).status == 401
            (notice,) = await noticed(meter)
    assert (notice.peer, notice.diagnosis.cause) == ("127.0.0.1", Cause.PEER_TOKEN)
    (line,) = [each for each in logs if each["event"] == "request_refused"]
    assert 0 <= line["seconds"] < 60


async def test_other_protocols() -> None:
    """TLS on a plain port, and what is no HTTP, are told of."""
    for sent, cause in ((b"\x16\x03\x01\x02\0\x01", Cause.TLS_ON_PLAIN_PORT), (b"\x0bMSH|\r\n\r\n", Cause.FRAMING)):
        meter = FakeMeter()
        async with listening(FakeDelivery(), meter) as listener, raw(listener.port) as peer:
            peer.send(sent)
            (notice,) = await noticed(meter)
        assert notice.diagnosis.cause is cause


async def test_network() -> None:
    """A peer from another network is told of."""
    meter = FakeMeter()
    async with listening(FakeDelivery(), meter, allow_networks=["127.0.0.2/32"]) as listener, raw(listener.port):
        (notice,) = await noticed(meter)
    assert notice == Notice(Diagnosis(Cause.NETWORK_NOT_ALLOWED), "127.0.0.1", "127.0.0.1")


async def test_rate() -> None:
    """A peer that asks too often is told of with the rate that is allowed."""
    meter, limits = FakeMeter(), ProcessLimits(1 << 24)
    async with (
        listening(FakeDelivery(), meter, limits=limits, messages_per_second=1) as listener,
        raw(listener.port) as peer,
    ):
        statuses = []
        for _ in range(5):
            peer.send(request())
            statuses.append((await peer.response()).status)
    assert 429 in statuses
    assert meter.notices[0] == Notice(Diagnosis(Cause.RATE, {"allowed": "1"}), "127.0.0.1", "127.0.0.1")


async def test_peer_that_gives_up() -> None:
    """A peer that leaves before its answer is told of, with how long it waited and how long the answer took."""
    meter, delivery = FakeMeter(), FakeDelivery()
    delivery.may_go_on.clear()
    with capture_logs() as logs:
        async with listening(delivery, meter) as listener:
            async with raw(listener.port) as peer:
                peer.send(request())
                await asyncio.wait_for(delivery.began.wait(), 60)
                peer.reset()
                await until(lambda: meter.connections == 0)
            delivery.may_go_on.set()
            (notice,) = await noticed(meter)
    assert notice.diagnosis.cause is Cause.PEER_GAVE_UP
    assert 0 <= float(notice.diagnosis.details["seconds"]) <= float(notice.diagnosis.details["took"]) < 60
    (line,) = [each for each in logs if each["event"] == "answer_undeliverable"]
    assert 0 <= line["seconds"] < 60

"""One request: who sends it, its size, its body, its delivery."""

import asyncio
import json
from pathlib import Path

import pytest
import structlog

from adapters.http.serving.exchange import SMALL
from gateway.contract.meter import Rejection
from gateway.contract.outcome import Stored
from gateway.limits.shared import ProcessLimits
from tests.adapters.http.conftest import Serve
from tests.adapters.http.fakes import PATIENT, FakeDelivery, ask, raw, request
from tests.adapters.mllp.fakes import FakeMeter

TOKEN = "0123456789abcdef"
REFUSED = {
    "a read": (request("GET /fhir/Patient/1", None), 405, None),
    "an unknown address": (request("POST /Patient"), 404, None),
    "another media type": (request(Content_Type="text/plain"), 415, None),
    "an answer in XML": (request(Accept="application/fhir+xml"), 406, None),
    "another expectation": (request(Expect="a-miracle"), 417, None),
    "no body": (request(body=b""), 400, None),
    "no JSON": (request(body=b"{Doe}"), 400, Rejection.PROTOCOL_ERROR),
    "too large": (request(Content_Length=str(10**17), body=b"{"), 413, Rejection.TOO_LARGE),
}


@pytest.mark.parametrize(("octets", "status", "reason"), REFUSED.values(), ids=REFUSED)
async def test_refused(
    serve: Serve, delivery: FakeDelivery, meter: FakeMeter, octets: bytes, status: int, reason: Rejection | None
) -> None:
    """A request that is not delivered has an OperationOutcome, without an octet of the request in it or in the log."""
    with structlog.testing.capture_logs() as lines:
        got = await ask((await serve()).port, octets)
    assert (status, "OperationOutcome") == (got.status, json.loads(got.body)["resourceType"])
    assert ([], [str(status)]) == (delivery.messages, meter.answers)
    assert [reason] * (reason is not None) == meter.rejections
    assert "Doe" not in f"{got}{lines}"


async def test_a_head_of_head(serve: Serve) -> None:
    """A HEAD has no body in its answer, so that the next response is understood."""
    async with raw((await serve()).port) as client:
        client.send(request("HEAD /fhir/Patient/1", None))
        head = await client.reader.readuntil(b"\r\n\r\n")
        client.send(request())
        assert (True, 201) == (b" 405 " in head, (await client.response()).status)


@pytest.mark.parametrize("shown", ["", "Bearer wrong", f"Bearer {TOKEN}"])
async def test_tokens(serve: Serve, tmp_path: Path, delivery: FakeDelivery, meter: FakeMeter, shown: str) -> None:
    """Without the token nobody learns more than that it is needed, whatever is asked for."""
    (tmp_path / "token").write_text(TOKEN)
    port = (await serve(token_files={"lab": str(tmp_path / "token")})).port
    is_known = shown.endswith(TOKEN)
    statuses = [
        (await ask(port, request(line, Authorization=shown))).status
        for line in ("POST /fhir/Patient", "GET /x", "POST /fhir/Patient/$x")
    ]
    assert ([201, 404, 404] if is_known else [401] * 3) == statuses
    assert [Rejection.TOKEN] * (0 if is_known else 3) == meter.rejections
    assert is_known == bool(delivery.messages)


async def test_who_is_asked_for(serve: Serve, tmp_path: Path) -> None:
    """The answer says how to authenticate; the body of a stranger is not read."""
    (tmp_path / "token").write_text(TOKEN)
    port = (await serve(token_files={"lab": str(tmp_path / "token")})).port
    got = await ask(port, request(Content_Length="1000", body=b"{"))
    assert (401, "Bearer", "close") == (got.status, got.headers["www-authenticate"], got.headers["connection"])


async def test_an_endless_body(serve: Serve, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """Chunks without an end are refused as soon as they are too many."""
    async with raw((await serve(max_body=100_000)).port) as client:
        client.send(request(Content_Length="", Transfer_Encoding="chunked", body=b""))

        async def flood() -> None:
            while True:
                client.send(b"1000\r\n" + b" " * 4096 + b"\r\n")
                await client.writer.drain()

        flooding = asyncio.create_task(flood())
        assert 413 == (await client.response()).status
        flooding.cancel()
    assert ([], [Rejection.TOO_LARGE]) == (delivery.messages, meter.rejections)


async def test_the_largest_body(serve: Serve, delivery: FakeDelivery) -> None:
    """A body of exactly the limit is taken."""
    port = (await serve(max_body=len(PATIENT))).port
    assert [201, 413] == [(await ask(port, request(body=PATIENT + b" " * more))).status for more in (0, 1)]
    assert [PATIENT] == delivery.bodies


async def test_continue(serve: Serve, delivery: FakeDelivery) -> None:
    """A peer that asks whether it may send its body is told so, once; for one that is refused, the answer is final."""
    async with raw((await serve()).port) as client:
        octets = request(Expect="100-continue")
        client.send(octets[: -len(PATIENT)])
        assert 100 == (await client.response()).status
        client.send(PATIENT)
        assert 201 == (await client.response()).status
        client.send(request("POST /fhir/x", Expect="100-continue")[: -len(PATIENT)])
        assert 404 == (await client.response()).status
    assert [PATIENT] == delivery.bodies


async def test_a_large_body(serve: Serve, delivery: FakeDelivery) -> None:
    """A large body is checked like a small one, beside the event loop."""
    large = b'{"resourceType":"Binary","data":"' + b"A" * SMALL * 4 + b'"}'
    port = (await serve()).port
    assert 201 == (await ask(port, request("POST /fhir/Binary", large))).status
    assert 400 == (await ask(port, request("POST /fhir/Binary", large[:-1]))).status
    assert [large] == delivery.bodies


async def test_rate(serve: Serve, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """Requests above the rate are answered with 429 and the time to wait, on whatever connection they come."""
    port = (await serve(messages_per_second=0.01, limits=ProcessLimits(1 << 20))).port
    assert 201 == (await ask(port, request())).status
    got = await ask(port, request())
    assert (429, [Rejection.RATE_LIMIT], 1) == (got.status, meter.rejections, len(delivery.messages))
    assert 1 <= int(got.headers["retry-after"]) <= 100


async def test_memory(serve: Serve, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """While there is no memory a request is answered with 503; what it holds is given back with its answer."""
    limits = ProcessLimits(1 << 20)
    port = (await serve(limits=limits)).port
    hogs = [limits.account(lambda: None, lambda: None) for _ in range(2)]
    for hog in hogs:
        hog.update(2 << 20)
    got = await ask(port, request())
    assert (503, [Rejection.MEMORY_LIMIT]) == (got.status, meter.rejections)
    assert "retry-after" in got.headers
    for hog in hogs:
        hog.update(0)
    delivery.may_go_on.clear()
    async with raw(port) as client:
        client.send(request())
        await delivery.began.wait()
        assert len(PATIENT) == limits.in_flight_octets
        delivery.may_go_on.set()
        assert 201 == (await client.response()).status
        assert 0 == limits.in_flight_octets


async def test_a_bug(serve: Serve, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """After a bug the peer gets a 500 without its text, and the next request is served."""
    delivery.outcome = RuntimeError("Doe")
    port = (await serve()).port
    with structlog.testing.capture_logs() as lines:
        got = await ask(port, request())
    assert (500, [Rejection.INTERNAL_ERROR]) == (got.status, meter.rejections)
    assert "Doe" not in f"{got}{lines}"
    delivery.outcome = Stored()
    assert 200 == (await ask(port, request())).status


async def test_the_peer_is_lost_in_its_body(serve: Serve, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """A request that the peer breaks off is not delivered."""
    async with raw((await serve()).port) as client:
        client.send(request(Content_Length="1000"))
        client.reset()
    async with asyncio.timeout(30):
        while not meter.rejections or meter.connections:
            await asyncio.sleep(0.01)
    assert ([], [Rejection.PEER_LOST]) == (delivery.messages, meter.rejections)

"""Binding, stopping, and the whole way of a request."""

import asyncio
import json

import pytest

from adapters.http.listener import HttpListener, bind
from adapters.http.settings import HttpListenerSettings
from gateway.contract.fhir import Interaction
from gateway.contract.listener import Listener
from gateway.contract.outcome import Response, Stored, Unavailable
from tests.adapters.http.conftest import Serve
from tests.adapters.http.fakes import PATIENT, FakeDelivery, ask, raw, request
from tests.adapters.mllp.fakes import FakeMeter


async def test_it_is_a_listener(serve: Serve) -> None:
    """It has the port it got, and what the composition root needs to drain it."""
    listener: Listener = await serve()
    assert isinstance(listener, HttpListener)
    assert 0 < listener.port < 65536
    assert set() == listener.tasks


async def test_the_stores_own_response(serve: Serve, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """The peer gets the status, the ETag, the Location and the body of the store, and is counted."""
    delivery.outcome = Stored(
        response=Response(
            201, (("ETag", 'W/"7"'), ("Location", "https://s/P/1"), ("Content-Type", "application/fhir+json")), b"{}"
        )
    )
    got = await ask((await serve()).port, request())
    assert (201, 'W/"7"', "https://s/P/1", b"{}") == (
        got.status,
        got.headers["etag"],
        got.headers["location"],
        got.body,
    )
    assert "application/fhir+json" == got.headers["content-type"]
    assert ([len(PATIENT)], ["201"], []) == (meter.sizes, meter.answers, meter.rejections)


async def test_what_is_delivered(serve: Serve, delivery: FakeDelivery) -> None:
    """A message has the body octet by octet, the interaction with its conditional headers, and the facts."""
    body = b'{"resourceType": "Patient", "id": "1", "x": 4.10}'
    line = "PUT /fhir/Patient/1?_pretty=true"
    await ask((await serve()).port, request(line, body, If_Match='W/"3"', Prefer="return=minimal", Cookie="c"))
    (message,) = delivery.messages
    headers = (("If-Match", 'W/"3"'), ("Prefer", "return=minimal"), ("Content-Type", "application/fhir+json"))
    assert Interaction("PUT", "Patient/1", headers) == message.interaction
    assert [body] == delivery.bodies
    facts = {"protocol": "http", "listener": "fhir", "peer_ip": "127.0.0.1"}
    assert {**facts, "interaction": "update", "resource_type": "Patient"} == message.facts


async def test_several_requests_on_a_connection(serve: Serve, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """Requests that are sent ahead are answered one after the other, in their order."""
    listener = await serve()
    async with raw(listener.port) as client:
        bodies = [json.dumps({"resourceType": "Patient", "id": str(number)}).encode() for number in range(5)]
        client.send(b"".join(request(body=body) for body in bodies))
        assert [201] * 5 == [(await client.response()).status for _ in bodies]
    assert (bodies, 1) == (delivery.bodies, meter.ever_connected)


async def test_many_peers(serve: Serve, meter: FakeMeter) -> None:
    """Peers are served side by side, one task each."""
    listener = await serve()
    answers = await asyncio.gather(*(ask(listener.port, request()) for _ in range(40)))
    assert ([201] * 40, 40) == ([each.status for each in answers], meter.ever_connected)


async def test_port_taken(serve: Serve, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """A port in use raises an OSError that names the reason."""
    settings = HttpListenerSettings(kind="http", accepts="fhir", port=(await serve()).port)
    with pytest.raises(OSError, match="address already in use"):
        await bind("second", settings, delivery, meter)


async def test_idle_peers_leave_at_once(serve: Serve) -> None:
    """A peer between two requests is disconnected when the listener stops, and nobody else comes in."""
    listener = await serve()
    async with raw(listener.port) as client:
        client.send(request())
        await client.response()
        listener.stop_accepting()
        assert await client.is_closed()
    await asyncio.wait(listener.tasks or [asyncio.create_task(asyncio.sleep(0))], timeout=30)
    assert set() == listener.tasks
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", listener.port)


async def test_a_busy_peer_gets_its_answer(serve: Serve, delivery: FakeDelivery) -> None:
    """A request that is being delivered when the listener stops is answered; then the connection closes."""
    listener = await serve()
    delivery.may_go_on.clear()
    async with raw(listener.port) as client:
        client.send(request() * 2)
        await delivery.began.wait()
        listener.stop_accepting()
        delivery.may_go_on.set()
        got = await client.response()
        assert (201, "close") == (got.status, got.headers["connection"])
        assert await client.is_closed()
    assert 1 == len(delivery.messages)


async def test_cut_off(serve: Serve, delivery: FakeDelivery) -> None:
    """Cancelling a task aborts the delivery and the connection of its peer."""
    listener = await serve()
    delivery.may_go_on.clear()
    async with raw(listener.port) as client:
        client.send(request())
        await delivery.began.wait()
        (task,) = listener.tasks
        task.cancel()
        assert await client.is_closed()
        await asyncio.wait([task])
    assert not delivery.is_finished.is_set()


async def test_the_peer_leaves(serve: Serve, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """A request whose peer leaves is delivered to its end; until then the listener has not drained."""
    listener = await serve()
    delivery.may_go_on.clear()
    async with raw(listener.port) as client:
        client.send(request())
        await delivery.began.wait()
        (task,) = listener.tasks
        client.reset()
    while meter.connections:
        await asyncio.sleep(0)
    assert not task.done()
    delivery.may_go_on.set()
    await asyncio.wait([task], timeout=30)
    assert delivery.is_finished.is_set()
    assert ["peer_lost"] == meter.rejections


async def test_no_store(serve: Serve, delivery: FakeDelivery) -> None:
    """Without a store the peer is told when to come again, by an OperationOutcome."""
    delivery.outcome = Unavailable("the store is away", retry_after=2.1)
    got = await ask((await serve()).port, request())
    assert (503, "3") == (got.status, got.headers["retry-after"])
    issue = {"severity": "error", "code": "transient", "diagnostics": "the store is away"}
    assert {"resourceType": "OperationOutcome", "issue": [issue]} == json.loads(got.body)

"""Commit mode through the whole gateway: who is behind whom, and what a message that is sent again is to each store."""

import asyncio
from pathlib import Path

import pytest

from gateway.spool import State
from tests.adapters.dimse.raw_peer import store_rq
from tests.faults.commit_mode import MLLP, committing, http, until_states
from tests.faults.peers import association, connect, ct, hl7
from tests.faults.sink import Sink
from tests.mllp_client import MllpClient, code_of, mllp_client
from tests.ports import free_port
from tests.running import running_gateway

pytestmark = pytest.mark.timeout(120)

UID = "1.2.3"
DIMSE = "kind: dimse, port: 0"


def poisoned(body: bytes) -> bool:
    """Tell whether the store fails over it, each time."""
    return b"|POISON" in body


async def commit(client: MllpClient, *messages: bytes) -> None:
    """Send messages that are all taken."""
    for message in messages:
        assert "AA" == code_of(await client.ask(message))


async def store(port: int, *data_sets: bytes) -> None:
    """Send instances of one UID, each on an association of its own; all are taken."""
    for data_set in data_sets:
        async with association(port) as peer:
            await peer.send(store_rq(data_set, uid=UID))
            assert 0 == await peer.status()


def dicomweb(sink: Sink) -> str:
    """Return a destination."""
    return f'kind: dicomweb, accept_empty: true, url: "{sink.url}"'


def octets_of(sink: Sink) -> list[int]:
    """Return the number of octets of pixel data in each instance that was kept, which tells them apart."""
    return [octets for body in sink.bodies for octets in (100, 200, 300) if ct(UID, octets) in body]


POISON = [
    pytest.param(2, "none", id="two"),
    pytest.param(50, "none", id="fifty"),
    pytest.param(2, "peer", id="two from another peer", marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("poison", "order_by"), POISON)
async def test_messages_that_always_fail_do_not_stop_the_others(tmp_path: Path, poison: int, order_by: str) -> None:
    """The store answers some messages with 500 each time; the 294 others are delivered, and soon."""
    sink = Sink(free_port(), fails=poisoned)
    messages = [hl7(f"C{number}") for number in range(294)]
    text = committing(tmp_path, http(sink), listener=f"{MLLP}, order_by: {order_by}")
    async with sink.up(), running_gateway(text) as gateway:
        other = await connect(gateway.ports["in"], "127.0.1.1")
        await commit(other, *(hl7(f"POISON{number}") for number in range(poison)))
        other.writer.close()
        await sink.until(lambda sink: len(sink.times) >= 5)  # so often that the breaker opens
        async with mllp_client(gateway.ports["in"]) as client:
            await commit(client, *messages)
        await sink.until_kept(messages, seconds=40)
    assert sorted(messages) == sorted(sink.bodies)


async def test_a_second_listener_for_another_store(tmp_path: Path) -> None:
    """An instance that one store has is delivered to the other one where the second listener sends it, once."""
    one, two = Sink(free_port()), Sink(free_port())
    text = (
        committing(tmp_path, {"one": dicomweb(one), "two": dicomweb(two)}, DIMSE)
        .replace("listeners: {in: {", f"listeners: {{other: {{{DIMSE}, acknowledge: commit}}, in: {{")
        .replace("to: [one, two]}]", "to: [one]}, {from: other, to: [two]}]")
    )
    async with one.up(), two.up(), running_gateway(text) as gateway:
        for listener in ("in", "in", "other", "other"):
            await store(gateway.ports[listener], ct(UID, 100))
        await until_states(tmp_path, {State.DELIVERED: 2})
    assert ([100], [100]) == (octets_of(one), octets_of(two))


async def test_a_destination_that_was_added(tmp_path: Path) -> None:
    """A message that is sent again after a destination was added is delivered to that one only."""
    one, two = Sink(free_port()), Sink(free_port())
    before, after = {"one": http(one)["out"]}, {"one": http(one)["out"], "two": http(two)["out"]}
    async with one.up(), two.up():
        for destinations, delivered in ((before, 1), (after, 2)):
            async with running_gateway(committing(tmp_path, destinations)) as gateway:
                async with mllp_client(gateway.ports["in"]) as client:
                    await commit(client, hl7("C1"))
                await until_states(tmp_path, {State.DELIVERED: delivered})
    assert [hl7("C1")] == one.bodies == two.bodies


@pytest.mark.parametrize("delivered", [False, True], ids=["still waiting", "already delivered"])
async def test_the_first_content_again_after_another(tmp_path: Path, delivered: bool) -> None:
    """Of A, B and A again under one SOP Instance UID the store has A last."""
    sink = Sink(free_port())
    async with running_gateway(committing(tmp_path, {"out": dicomweb(sink)}, DIMSE)) as gateway:
        await store(gateway.ports["in"], ct(UID, 100))
        if delivered:
            async with sink.up():
                await until_states(tmp_path, {State.DELIVERED: 1})
        await store(gateway.ports["in"], ct(UID, 200), ct(UID, 100), ct(UID, 100))
        async with sink.up():
            await until_states(tmp_path, {State.DELIVERED: 3})
    assert [100, 200, 100] == octets_of(sink)


async def test_a_correction_is_not_overwritten(tmp_path: Path) -> None:
    """An instance that has to be tried again is delivered before the later one of its UID, also without order_by."""
    sink = Sink(free_port())
    sink.faults.fail_next(503)
    async with sink.up(), running_gateway(committing(tmp_path, {"out": dicomweb(sink)}, DIMSE)) as gateway:
        await store(gateway.ports["in"], ct(UID, 100), ct(UID, 200))
        await until_states(tmp_path, {State.DELIVERED: 2})
    assert [100, 200] == octets_of(sink)


@pytest.mark.parametrize("first", [hl7("C1"), hl7("C1", 6000)], ids=["small", "large"])
async def test_a_corrected_message_is_not_overtaken(tmp_path: Path, first: bytes) -> None:
    """Two messages of one control ID keep their order, also without order_by."""
    sink = Sink(free_port())
    sink.faults.fail_next(503)
    text = committing(tmp_path, http(sink), listener=f"{MLLP}, order_by: none")
    async with sink.up(), running_gateway(text) as gateway, mllp_client(gateway.ports["in"]) as client:
        await commit(client, first, hl7("C1", 5))
        await until_states(tmp_path, {State.DELIVERED: 2})
    assert [first, hl7("C1", 5)] == sink.bodies


async def test_a_message_without_a_control_id(tmp_path: Path) -> None:
    """Without MSH-10 a message is known again by its content; another one is new."""
    sink = Sink(free_port())
    messages = [hl7("", 5), hl7("", 6)]
    async with sink.up(), running_gateway(committing(tmp_path, http(sink))) as gateway:
        async with mllp_client(gateway.ports["in"]) as client:
            await commit(client, *messages, *messages)
        await until_states(tmp_path, {State.DELIVERED: 2})
        await asyncio.sleep(0)
    assert messages == sink.bodies


async def test_sent_again_after_it_was_refused(tmp_path: Path) -> None:
    """What the store has refused is tried again when the sender sends it again."""
    refused = {"once": True}
    sink = Sink(free_port(), refuses=lambda _: refused.pop("once", False))
    async with sink.up(), running_gateway(committing(tmp_path, http(sink))) as gateway:
        async with mllp_client(gateway.ports["in"]) as client:
            await commit(client, hl7("C1"))
            await until_states(tmp_path, {State.PARKED: 1})
            await commit(client, hl7("C1"))
        await until_states(tmp_path, {State.PARKED: 1, State.DELIVERED: 1})
    assert [hl7("C1")] == sink.bodies

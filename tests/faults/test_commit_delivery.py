"""Commit mode through the whole gateway: what the stores do, what the peers are told, what waits for whom."""

from pathlib import Path

import pytest

from gateway.spool import Selection, SpoolSettings, State, open_for_operator
from tests.adapters.dimse.raw_peer import store_rq
from tests.faults.commit_mode import MLLP, committing, http, records, states, until_states
from tests.faults.peers import ENHANCED, association, connect, ct, hl7
from tests.faults.sink import Sink
from tests.mllp_client import MllpClient, code_of, mllp_client
from tests.ports import free_port
from tests.running import running_gateway


def poisoned(body: bytes) -> bool:
    """Tell whether the store will not have it."""
    return b"|POISON" in body


async def commit(client: MllpClient, *messages: bytes) -> None:
    """Send messages that are all taken."""
    for message in messages:
        assert "AA" == code_of(await client.ask(message))


async def test_one_store_down_does_not_delay_the_other(tmp_path: Path) -> None:
    """Of two destinations the one that works has every message at once, the other, in order, when it is back."""
    down, works = Sink(free_port()), Sink(free_port())
    destinations = {"down": http(down)["out"], "works": http(works)["out"]}
    messages = [hl7(f"C{number}") for number in range(10)]
    async with works.up(), running_gateway(committing(tmp_path, destinations)) as gateway:
        async with mllp_client(gateway.ports["in"]) as client:
            await commit(client, *messages)
        await works.until_kept(messages, seconds=5)
        assert State.WAITING in await states(tmp_path)
        async with down.up():
            await down.until_kept(messages)
    assert messages == works.bodies == down.bodies


async def test_poison_message_is_parked_and_the_rest_goes_on(tmp_path: Path) -> None:
    """A message that the store refuses is tried once and parked with the reason; those behind it are delivered."""
    sink = Sink(free_port(), refuses=poisoned)
    messages = [hl7(control_id) for control_id in ("C1", "POISON", "C2")]
    async with sink.up(), running_gateway(committing(tmp_path, http(sink))) as gateway:
        async with mllp_client(gateway.ports["in"]) as client:
            await commit(client, *messages)
        await until_states(tmp_path, {State.DELIVERED: 2, State.PARKED: 1})
    assert [messages[0], messages[2]] == sink.bodies
    assert 3 == len(sink.times)
    (parked,) = await records(tmp_path, Selection(state=State.PARKED))
    assert ({"control_id": "POISON"}, 1) == (parked.identifiers, parked.attempts)
    assert parked.reason


DECISIONS = {"retried": ["OTHER", "C1", "POISON", "C2"], "discarded": ["OTHER", "C1", "C2"]}


@pytest.mark.parametrize(("decision", "expected"), DECISIONS.items(), ids=DECISIONS)
async def test_park_key_holds_the_key_until_someone_decides(tmp_path: Path, decision: str, expected: list[str]) -> None:
    """With park_key, messages of that sender wait behind the parked one, and go on in order when it is decided."""
    poison = {"refused": True}
    sink = Sink(free_port(), refuses=lambda body: poison["refused"] and poisoned(body))
    text = committing(tmp_path, http(sink, "on_refused: park_key"))
    async with sink.up(), running_gateway(text) as gateway:
        async with mllp_client(gateway.ports["in"]) as client:
            await commit(client, *map(hl7, ("C1", "POISON", "C2")))
        await sink.until(lambda sink: len(sink.times) == 2)
        other = await connect(gateway.ports["in"], "127.0.1.1")
        await commit(other, hl7("OTHER"))
        other.writer.close()
        await until_states(tmp_path, {State.DELIVERED: 2, State.PARKED: 1, State.WAITING: 1})
        poison["refused"] = False
        async with open_for_operator(tmp_path, SpoolSettings()) as operations:
            parked = Selection(state=State.PARKED)
            if decision == "retried":
                assert 1 == await operations.retry(parked)
            else:
                assert 1 == await operations.discard(parked, "a test")
        await sink.until_kept([hl7("C2")])
    kept = [body.split(b"|")[9].decode() for body in sink.bodies]
    assert [each for each in expected if each != "OTHER"] == [each for each in kept if each != "OTHER"]
    assert sorted(expected) == sorted(kept)


async def test_out_of_attempts_is_parked(tmp_path: Path) -> None:
    """A message that fails max_attempts times is parked with the last reason; it is not lost."""
    sink = Sink(free_port())
    sink.faults.fail_next(503, times=2)
    async with sink.up(), running_gateway(committing(tmp_path, http(sink, "max_attempts: 2"))) as gateway:
        async with mllp_client(gateway.ports["in"]) as client:
            await commit(client, hl7("C1"))
        await until_states(tmp_path, {State.PARKED: 1})
    (parked,) = await records(tmp_path)
    assert (parked.reason or "").startswith("given up after 2 attempts")


async def test_retry_after_is_honoured(tmp_path: Path) -> None:
    """A store that asks for 3 seconds has them, though the first pause would be shorter."""
    sink = Sink(free_port())
    sink.faults.fail_next(503, {"Retry-After": "3"})
    async with sink.up(), running_gateway(committing(tmp_path, http(sink))) as gateway:
        async with mllp_client(gateway.ports["in"]) as client:
            await commit(client, hl7("C1"))
        await sink.until_kept([hl7("C1")])
    first, second = sink.times
    assert 3.0 <= second - first < 6.0


async def test_retry_after_is_believed_within_bounds(tmp_path: Path) -> None:
    """A store that asks for a day and is healthy a second later has the message soon."""
    sink = Sink(free_port())
    sink.faults.fail_next(503, {"Retry-After": "86400"})
    async with (
        sink.up(),
        running_gateway(committing(tmp_path, http(sink, "max_retry_after_seconds: 1"))) as gateway,
        mllp_client(gateway.ports["in"]) as client,
    ):
        await commit(client, hl7("C1"))
        await sink.until_kept([hl7("C1")])


async def test_dead_store_is_probed_not_hammered(tmp_path: Path) -> None:
    """With 200 messages waiting, a store that keeps failing is asked by one at a time, after a pause."""
    sink = Sink(free_port())
    sink.faults.fail_next(503, times=10_000)
    text = committing(tmp_path, http(sink, "concurrency: 8"), listener=f"{MLLP}, order_by: none")
    messages = [hl7(f"C{number}") for number in range(200)]
    async with sink.up(), running_gateway(text) as gateway:
        async with mllp_client(gateway.ports["in"]) as client:
            await commit(client, *messages)
        await sink.until(lambda sink: len(sink.times) > 2 and _pause(sink) > 0.9)
        assert len(sink.times) <= 14  # five failures, what was under way by then, and the first probe
        sink.faults.clear()
        await sink.until_kept(messages)
    assert len(messages) == len(sink.bodies)


def _pause(sink: Sink) -> float:
    return sink.times[-1] - sink.times[-2]


REPEATED = {
    "the same again": (3600, hl7("C1"), 1),
    "the same control ID with other content": (3600, hl7("C1", 10), 2),
    "the same again, but nothing is recognised": (0, hl7("C1"), 2),
}


@pytest.mark.parametrize(("window", "second", "expected"), REPEATED.values(), ids=REPEATED)
@pytest.mark.parametrize("delivered", [False, True], ids=["still waiting", "already delivered"])
async def test_duplicate(tmp_path: Path, window: int, second: bytes, expected: int, delivered: bool) -> None:
    """What is sent again gets the same positive answer, and the store gets it once; what differs is new."""
    sink = Sink(free_port())
    text = committing(tmp_path, http(sink), listener=f"{MLLP}, duplicate_window: {window}")
    async with running_gateway(text) as gateway:
        async with mllp_client(gateway.ports["in"]) as client:
            await commit(client, hl7("C1"))
            if delivered:
                async with sink.up():
                    await until_states(tmp_path, {State.DELIVERED: 1})
            await commit(client, second)
        async with sink.up():
            await until_states(tmp_path, {State.DELIVERED: expected})
    assert [hl7("C1"), second][:expected] == sink.bodies


async def test_duplicate_of_another_sender(tmp_path: Path) -> None:
    """Two senders may use one control ID: neither message takes the other's place."""
    sink = Sink(free_port())
    messages = [hl7("C1"), hl7("C1").replace(b"|WARD|", b"|LAB|")]
    async with sink.up(), running_gateway(committing(tmp_path, http(sink))) as gateway:
        async with mllp_client(gateway.ports["in"]) as client:
            await commit(client, *messages)
        await until_states(tmp_path, {State.DELIVERED: 2})
    assert messages == sink.bodies


async def test_duplicate_instance(tmp_path: Path) -> None:
    """An instance sent again on another association is stored once; another one with its UID is delivered too."""
    sink = Sink(free_port())
    text = committing(
        tmp_path, {"out": f'kind: dicomweb, url: "{sink.url}", accept_empty: true'}, listener="kind: dimse, port: 0"
    )
    async with sink.up(), running_gateway(text) as gateway:
        for octets in (100, 100, 200):
            async with association(gateway.ports["in"]) as peer:
                await peer.send(store_rq(ct("1.2.3", octets), uid="1.2.3"))
                assert 0 == await peer.status()
        await until_states(tmp_path, {State.DELIVERED: 2})
    assert [100, 200] == [octets for body in sink.bodies for octets in (100, 200) if ct("1.2.3", octets) in body]


async def test_enhanced_mode(tmp_path: Path) -> None:
    """A sender that asks for a commit acknowledgement gets CA without a store, and CR when there is no room."""
    sink = Sink(free_port())
    limits = f"min_free_bytes: 0, max_bytes: {len(ENHANCED)}"
    async with running_gateway(committing(tmp_path, http(sink), spool=limits)) as gateway:
        async with mllp_client(gateway.ports["in"]) as client:
            assert "CA" == code_of(await client.ask(ENHANCED))
            assert "CR" == code_of(await client.ask(ENHANCED.replace(b"|C1|", b"|C2|")))
        async with sink.up():
            await sink.until_kept([ENHANCED])


async def test_mllp_release_2(tmp_path: Path) -> None:
    """A block is answered by one octet: 06 once it is durable, 15 when there is no room."""
    sink = Sink(free_port())
    limits = f"min_free_bytes: 0, max_bytes: {len(hl7('C1'))}"
    text = committing(tmp_path, http(sink), listener=f"{MLLP}, mllp_release: 2", spool=limits)
    async with running_gateway(text) as gateway:
        async with mllp_client(gateway.ports["in"]) as client:
            assert b"\x06" == await client.ask(hl7("C1"))
            assert b"\x15" == await client.ask(hl7("C2"))
        async with sink.up():
            await sink.until_kept([hl7("C1")])

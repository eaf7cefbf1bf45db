"""The destination against receivers over real sockets."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.mllp.client.answers import EARLIER, UNCONFIRMED
from adapters.mllp.client.destination import HELD, MllpDestination
from adapters.mllp.client.events import Cause
from adapters.mllp.client.loops import LOOP
from adapters.mllp.client.settings import MllpDestinationSettings
from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from gateway.contract.once import OnePerGateway
from gateway.contract.outcome import Refused, Stored, Unavailable
from tests.adapters.mllp.client.receiver import ack, receiving
from tests.mllp_client import adt


def message(control_id: str = "C1", *, queued: bool = True, maybe: bool = False, peer_ip: str = "192.0.2.1") -> Message:
    """Return a message."""
    facts = {"protocol": "mllp", "listener": "adt", "peer_ip": peer_ip}
    body, names = WholeBody(adt(control_id)), {"control_id": control_id}
    return Message("m1", body, facts, names, queued=queued, maybe_stored=maybe)


@asynccontextmanager
async def destination(
    folder: Path, port: int, counts: Counter[str] | None = None, **more: object
) -> AsyncIterator[MllpDestination]:
    """Open a destination for the receiver at *port*."""
    settings = MllpDestinationSettings.model_validate(
        {"kind": "mllp", "host": "127.0.0.1", "port": port, "answer_seconds": 20, **more}
    )
    counts = Counter() if counts is None else counts

    def count(result: str) -> None:
        counts[result] += 1

    async with MllpDestination("lab", settings, OnePerGateway(folder, "destination lab"), count=count) as opened:
        yield opened


async def test_stored(tmp_path: Path) -> None:
    """Messages go over one connection, octet for octet, and the receiver's answer is the reply."""
    async with receiving() as receiver, destination(tmp_path, receiver.port) as lab:
        outcomes = [await lab.deliver(message(name)) for name in ("C1", "C2", "C3")]
    assert [Stored(ack(adt(name))[1:-2]) for name in ("C1", "C2", "C3")] == outcomes
    assert (1, [adt(name) for name in ("C1", "C2", "C3")]) == (receiver.connections, receiver.blocks)


async def test_nobody_there(tmp_path: Path) -> None:
    """Without a connection nothing was sent."""
    async with destination(tmp_path, 1) as lab:
        outcome = await lab.deliver(message())
    assert Unavailable("connection refused") == outcome


async def test_hangs_up(tmp_path: Path) -> None:
    """A receiver that hangs up behind the message may have stored it."""
    async with receiving(lambda _: None) as receiver, destination(tmp_path, receiver.port) as lab:
        assert Unavailable(Cause.CLOSED, maybe_stored=True) == await lab.deliver(message())


async def test_silence(tmp_path: Path) -> None:
    """So may one that says nothing; the next message has a new connection."""
    async with receiving(lambda _: b"") as receiver, destination(tmp_path, receiver.port, answer_seconds=0.1) as lab:
        assert Unavailable(Cause.SILENT, maybe_stored=True) == await lab.deliver(message())
        receiver.answer = ack
        assert Stored(ack(adt("C1"))[1:-2]) == await lab.deliver(message())
    assert 2 == receiver.connections


async def test_cancelled(tmp_path: Path) -> None:
    """A delivery that is cancelled ends its connection, and the next message does not wait for it."""
    async with receiving(lambda _: b"") as receiver, destination(tmp_path, receiver.port) as lab:
        task = asyncio.create_task(lab.deliver(message()))
        await receiver.came.wait()
        task.cancel()
        await asyncio.wait([task])
        receiver.answer = ack
        assert isinstance(await lab.deliver(message("C2")), Stored)
    assert 2 == receiver.connections


async def test_same_control_id(tmp_path: Path) -> None:
    """A control ID is never sent twice on one connection."""
    async with receiving() as receiver, destination(tmp_path, receiver.port) as lab:
        for _ in range(3):
            await lab.deliver(message())
    assert 3 == receiver.connections


async def test_own_closes_are_no_sign(tmp_path: Path) -> None:
    """Connections that Hilum itself closes do not make it think that the receiver keeps none."""
    async with receiving() as receiver, destination(tmp_path, receiver.port) as lab:
        for name in ("C1", "C1", "C1", "C1", "C2", "C3", "C4"):
            await lab.deliver(message(name))
            await asyncio.sleep(0.05)
    assert 4 == receiver.connections


async def test_large_message(tmp_path: Path) -> None:
    """A message larger than every buffer on the way arrives."""
    body = WholeBody(adt("C1") + b"OBX|1|ED|||" + b"A" * 20_000_000 + b"\r")
    async with receiving() as receiver, destination(tmp_path, receiver.port) as lab:
        assert isinstance(await lab.deliver(replace(message(), body=body)), Stored)
    assert [body.data] == receiver.blocks


async def test_idle(tmp_path: Path) -> None:
    """A connection that was idle for too long is closed, and the next message has a new one."""
    async with receiving() as receiver, destination(tmp_path, receiver.port, idle_seconds=0.05) as lab:
        await lab.deliver(message("C1"))
        while receiver.open:
            await asyncio.sleep(0.01)
        await lab.deliver(message("C2"))
    assert 2 == receiver.connections


@pytest.mark.parametrize("octets", [b"X", b"\x0bMSH|^~\\&|\rMSA|AA|C9\r\x1c\r"])
async def test_octets_while_idle(octets: bytes, tmp_path: Path) -> None:
    """A connection on which anything unexpected came is not used again."""
    async with receiving() as receiver, destination(tmp_path, receiver.port) as lab:
        await lab.deliver(message("C1"))
        next(iter(receiver.open)).write(octets)
        while not lab._pool._idle[0].line.is_closed if lab._pool._idle else False:
            await asyncio.sleep(0.01)
        assert isinstance(await lab.deliver(message("C2")), Stored)
    assert 2 == receiver.connections


async def test_closed_while_idle(tmp_path: Path) -> None:
    """A connection whose end has come is not used, also before the event loop has seen it."""
    async with receiving() as receiver, destination(tmp_path, receiver.port, reuse="always") as lab:
        receiver.closes_behind = True
        outcomes = [await lab.deliver(message(f"C{number}")) for number in range(50)]
    lost = [each for each in outcomes if not isinstance(each, Stored)]
    assert all(isinstance(each, Unavailable) and each.maybe_stored for each in lost)
    assert len(receiver.blocks) == 50 - len(lost)


async def test_reuse_auto_after_closes(tmp_path: Path) -> None:
    """After two closes right behind an answer each message has its own connection, and none is lost in the race."""
    async with receiving() as receiver, destination(tmp_path, receiver.port) as lab:
        receiver.closes_behind = True
        outcomes = [await lab.deliver(message(f"C{number}")) for number in range(200)]
    assert 2 >= sum(not isinstance(each, Stored) for each in outcomes)


async def test_reuse_auto_after_repeats(tmp_path: Path) -> None:
    """After two repeated old answers, too: such a receiver processes every old message again."""
    blocks: dict[int, list[bytes]] = {}

    def everything(block: bytes) -> bytes:
        blocks.setdefault(receiver.connections, []).append(block)
        return b"".join(map(ack, blocks[receiver.connections]))

    counts = Counter[str]()
    async with receiving(everything) as receiver, destination(tmp_path, receiver.port, counts) as lab:
        outcomes = [await lab.deliver(message(f"C{number}")) for number in range(10)]
    assert all(isinstance(each, Stored) for each in outcomes)
    assert (8, True) == (receiver.connections, counts["passed_over"] > 0)


async def test_reuse_never(tmp_path: Path) -> None:
    """Each message may have its own connection from the start."""
    async with receiving() as receiver, destination(tmp_path, receiver.port, reuse="never") as lab:
        for number in range(3):
            await lab.deliver(message(f"C{number}"))
    assert 3 == receiver.connections


async def test_lenient(tmp_path: Path) -> None:
    """With a connection for each message, an answer that names none may count."""
    async with receiving(lambda block: ack(block, named="")) as receiver:
        async with destination(tmp_path, receiver.port, reuse="never", lenient_ack=True) as lab:
            assert isinstance(await lab.deliver(message()), Stored)
        async with destination(tmp_path, receiver.port) as lab:
            assert Unavailable(Cause.NAMES_NONE, maybe_stored=True) == await lab.deliver(message())


async def test_several_connections(tmp_path: Path) -> None:
    """As many messages are outstanding as there are connections, one on each."""
    answers = asyncio.Event()
    async with receiving() as receiver, destination(tmp_path, receiver.port, connections=4) as lab:
        receiver.answer = lambda _: b""
        tasks = [asyncio.create_task(lab.deliver(message(f"C{number}"))) for number in range(8)]
        while len(receiver.blocks) < 4:
            await asyncio.sleep(0.01)
        assert 4 == len(receiver.blocks) == receiver.connections
        answers.set()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def test_negative_answers(tmp_path: Path) -> None:
    """A NACK is the reply, octet for octet, whether it is tried again or not."""
    async with receiving(lambda block: ack(block, "AR")) as receiver, destination(tmp_path, receiver.port) as lab:
        later = await lab.deliver(message("C1"))
        receiver.answer = lambda block: ack(block, "AE")
        refused = await lab.deliver(message("C2"))
    assert isinstance(later, Unavailable)
    assert isinstance(refused, Refused)
    assert (ack(adt("C1"), "AR")[1:-2], ack(adt("C2"), "AE")[1:-2]) == (later.reply, refused.reply)


async def test_refused_after_a_maybe(tmp_path: Path) -> None:
    """A refusal of a message that may be stored says so, and the log names its control ID."""
    async with receiving(lambda block: ack(block, "AE")) as receiver, destination(tmp_path, receiver.port) as lab:
        with capture_logs() as lines:
            outcome = await lab.deliver(message(maybe=True))
    assert isinstance(outcome, Refused)
    assert EARLIER in outcome.reason
    assert ["C1"] == [each["control_id"] for each in lines if each["event"] == "message_sent_again"]


ENHANCED = adt("C1").replace(b"|P|2.5.1", b"|P|2.5.1|||AL|AL")


def twice(block: bytes) -> bytes:
    """Return both answers of enhanced mode."""
    return ack(block, "CA") + ack(block)


async def test_both_answers_relayed(tmp_path: Path) -> None:
    """In relay mode both answers of enhanced mode are the reply."""
    async with receiving(twice) as receiver, destination(tmp_path, receiver.port) as lab:
        outcome = await lab.deliver(replace(message(queued=False), body=WholeBody(ENHANCED)))
    assert Stored(ack(ENHANCED, "CA")[1:-2], second=ack(ENHANCED)[1:-2]) == outcome


async def test_commit_settles(tmp_path: Path) -> None:
    """In commit mode the commit acknowledgement settles; the late application acknowledgement is passed over."""
    counts = Counter[str]()
    async with receiving(twice) as receiver, destination(tmp_path, receiver.port, counts) as lab:
        outcome = await lab.deliver(replace(message(), body=WholeBody(ENHANCED)))
        await lab.deliver(message("C2"))
    assert Stored(ack(ENHANCED, "CA")[1:-2]) == outcome
    assert (2, 1) == (counts["passed_over"], receiver.connections)


async def test_application_settles(tmp_path: Path) -> None:
    """With ``settles: application`` only the application acknowledgement counts, on whatever connection it comes."""
    async with (
        receiving(lambda block: ack(block, "CA")) as receiver,
        destination(tmp_path, receiver.port, settles="application", connections=2) as lab,
    ):
        await lab.deliver(message("C0"))
        task = asyncio.create_task(lab.deliver(replace(message(), body=WholeBody(ENHANCED))))
        while "C1" not in receiver.ids:
            await asyncio.sleep(0.01)
        receiver.answer = lambda block: ack(ENHANCED, "AE") + ack(block)
        await lab.deliver(message("C2"))
        outcome = await task
    assert isinstance(outcome, Refused)


@pytest.mark.parametrize(("peer_ip", "expected"), [("127.0.0.1", Stored), ("192.0.2.9", Unavailable)])
async def test_application_answer_at_a_listener(peer_ip: str, expected: type[object], tmp_path: Path) -> None:
    """It may come in at a listener, but from the receiver's own address only."""
    async with (
        receiving(lambda block: ack(block, "CA")) as receiver,
        destination(tmp_path, receiver.port, settles="application", application_seconds=1) as lab,
    ):
        task = asyncio.create_task(lab.deliver(replace(message(), body=WholeBody(ENHANCED))))
        while not task.done():
            for each in (ack(ENHANCED)[1:-2], b"MSH|^~\\&|\rMSA|CA|C1\r", b"nothing"):
                if credit := lab.hear(each, peer_ip):
                    credit()
            await asyncio.sleep(0.01)
    assert expected is type(task.result())


async def test_no_application_answer(tmp_path: Path) -> None:
    """Without it the message may be stored."""
    async with (
        receiving(lambda block: ack(block, "CA")) as receiver,
        destination(tmp_path, receiver.port, settles="application", application_seconds=0.05) as lab,
    ):
        outcome = await lab.deliver(replace(message(), body=WholeBody(ENHANCED)))
    assert isinstance(outcome, Unavailable)
    assert outcome.maybe_stored


NONE = adt("C1").replace(b"|P|2.5.1", b"|P|2.5.1|||NE|NE")


async def test_asks_for_no_answer(tmp_path: Path) -> None:
    """A relayed message that asks for no answer is not confirmed; a queued one is sent so that it is."""
    async with receiving() as receiver, destination(tmp_path, receiver.port) as lab:
        relayed = await lab.deliver(replace(message(queued=False), body=WholeBody(NONE)))
        queued = await lab.deliver(replace(message(), body=WholeBody(NONE)))
    assert (UNCONFIRMED, Stored) == (relayed, type(queued))
    assert [NONE, adt("C1").replace(b"|P|2.5.1", b"|P|2.5.1||||")] == receiver.blocks


async def test_loop(tmp_path: Path) -> None:
    """What comes back from the receiver that has it is refused as a loop, and counted."""
    counts = Counter[str]()
    async with receiving() as receiver, destination(tmp_path, receiver.port, counts) as lab:
        first = await lab.deliver(message(queued=False))
        again = await lab.deliver(message(queued=False))
        back = await lab.deliver(message(queued=False, peer_ip="127.0.0.1"))
    assert (Stored, Stored, LOOP) == (type(first), type(again), back)
    assert 1 == counts["loop"]


async def test_one_process(tmp_path: Path) -> None:
    """While another process holds the destination nothing is sent; then this one takes over."""
    async with receiving() as receiver, destination(tmp_path, receiver.port) as lab:
        async with destination(tmp_path, receiver.port) as successor:
            assert (HELD, HELD.reason) == (await successor.deliver(message()), await successor.probe())
            await lab.__aexit__(None, None, None)
            assert isinstance(await successor.deliver(message()), Stored)
        lab._pool = successor._pool


async def test_probe(tmp_path: Path) -> None:
    """A probe opens a connection and leaves it to the next message; it sends nothing."""
    async with receiving() as receiver, destination(tmp_path, receiver.port) as lab:
        assert (None, None) == (await lab.probe(), await lab.probe())
        await lab.deliver(message())
        assert (1, 1) == (receiver.connections, len(receiver.blocks))


async def test_probe_fails(tmp_path: Path) -> None:
    """A receiver that is not there is told."""
    async with destination(tmp_path, 1) as lab:
        assert "connection refused" == await lab.probe()

"""Application acknowledgements that name a message by a control ID which others share."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.mllp.client import applications as module
from adapters.mllp.client.applications import Applications
from adapters.mllp.client.connection import Connection
from adapters.mllp.client.destination import MllpDestination
from adapters.mllp.client.outgoing import Outgoing
from adapters.mllp.client.pool import NO_APPLICATION_ANSWER
from adapters.mllp.client.rules import Rules
from gateway.contract.acknowledgements import Acknowledgements
from gateway.contract.body import WholeBody
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from tests.adapters.mllp.client.receiver import Receiver, ack, receiving
from tests.adapters.mllp.client.test_destination import destination, message
from tests.mllp_client import adt

LOCAL = "127.0.0.1"
UNKNOWN = Unavailable(NO_APPLICATION_ANSWER, maybe_stored=True)


def enhanced(control_id: str = "C1", patient: str = "1") -> bytes:
    """Return a message that asks for both acknowledgements."""
    return adt(control_id).replace(b"|P|2.5.1", b"|P|2.5.1|||AL|AL") + f"NTE|1||{patient}\r".encode()


@dataclass
class Site:
    """Destinations on one host, and what a listener hears from there."""

    receivers: list[Receiver]
    labs: list[MllpDestination]
    acknowledgements: Acknowledgements

    def deliver(self, data: bytes, lab: int = 0) -> "asyncio.Task[Outcome]":
        """Begin to deliver a message."""
        return asyncio.create_task(self.labs[lab].deliver(replace(message(), body=WholeBody(data))))

    def hear(self, code: str = "AA", control_id: str = "C1") -> None:
        """Let an acknowledgement come in at a listener."""
        self.acknowledgements.tell(ack(adt(control_id), code)[1:-2], LOCAL)

    async def committed(self, count: int, lab: int = 0) -> None:
        """Wait until a destination has read the commit acknowledgement of the last of this many messages."""
        pool = self.labs[lab]._pool
        while len(self.receivers[lab].blocks) < count or not pool._slots._free or b"C1" not in pool._applications:
            await asyncio.sleep(0.01)


def commits(block: bytes) -> bytes:
    """Return a commit acknowledgement."""
    return ack(block, "CA")


@asynccontextmanager
async def site(folder: Path, count: int = 1, **more: object) -> AsyncIterator[Site]:
    """Open destinations for receivers that send only commit acknowledgements."""
    async with AsyncExitStack() as stack:
        here = Site([], [], Acknowledgements())
        for number in range(count):
            receiver = await stack.enter_async_context(receiving(commits))
            settings = {"settles": "application", "application_seconds": 1, **more}
            opening = destination(folder / str(number), receiver.port, None, **settings)
            lab = await stack.enter_async_context(opening)
            here.receivers.append(receiver)
            here.labs.append(lab)
            here.acknowledgements.subscribe(lab.hear)
        yield here


@pytest.fixture(autouse=True)
def folders(tmp_path: Path) -> None:
    """Make a folder for each destination."""
    for number in range(2):
        (tmp_path / str(number)).mkdir()


async def test_two_destinations(tmp_path: Path) -> None:
    """Of two destinations on one host that wait for one control ID, none is credited what a listener hears."""
    async with site(tmp_path, 2) as here:
        tasks = [here.deliver(enhanced(), lab) for lab in range(2)]
        await here.committed(1, 0)
        await here.committed(1, 1)
        here.hear()
        assert [UNKNOWN, UNKNOWN] == await asyncio.gather(*tasks)


async def test_another_destination_that_waits_no_more(tmp_path: Path) -> None:
    """What may be for a destination whose wait is over, or that does not wait, is not credited to another one."""
    async with site(tmp_path, 2) as here:
        here.labs[1]._settings = here.labs[1]._settings.model_copy(update={"settles": "commit"})
        assert isinstance(await here.deliver(enhanced(), 1), Stored)
        task = here.deliver(enhanced())
        await here.committed(1)
        here.hear()
        assert UNKNOWN == await task


async def test_one_destination(tmp_path: Path) -> None:
    """The one that waits for it is credited it."""
    async with site(tmp_path, 2, application_seconds=20) as here:
        task = here.deliver(enhanced())
        await here.committed(1)
        here.hear()
        assert isinstance(await task, Stored)


async def test_another_message(tmp_path: Path) -> None:
    """What comes late for one message is not credited to another one with its control ID."""
    async with site(tmp_path) as here:
        assert UNKNOWN == await here.deliver(enhanced(patient="1"))
        task = here.deliver(enhanced(patient="2"))
        await here.committed(2)
        here.hear()
        assert UNKNOWN == await task


async def test_another_message_later(tmp_path: Path) -> None:
    """Behind ``application_seconds`` the control ID is free again."""
    async with site(tmp_path, application_seconds=0.1) as here:
        assert UNKNOWN == await here.deliver(enhanced(patient="1"))
        while b"C1" in here.labs[0]._pool._applications:
            await asyncio.sleep(0.01)
        here.labs[0]._pool._settings = here.labs[0]._settings.model_copy(update={"application_seconds": 20})
        task = here.deliver(enhanced(patient="2"))
        await here.committed(2)
        here.hear()
        assert isinstance(await task, Stored)


async def test_late_on_the_connection_of_another_message(tmp_path: Path) -> None:
    """Nor is what comes on the connection that has carried the other message."""
    async with site(tmp_path, application_seconds=0.3, connections=2) as here:
        assert UNKNOWN == await here.deliver(enhanced(patient="1"))
        (first,) = here.receivers[0].open
        here.labs[0]._pool._idle.pop()  # it stays open, and the next message does not close it
        task = here.deliver(enhanced(patient="2"))
        await here.committed(2)
        first.write(ack(enhanced()))
        assert UNKNOWN == await task


async def test_same_octets(tmp_path: Path) -> None:
    """What comes late for the first attempt settles the resend: it is the same message."""
    async with site(tmp_path) as here:
        assert UNKNOWN == await here.deliver(enhanced())
        here.labs[0]._pool._settings = here.labs[0]._settings.model_copy(update={"application_seconds": 20})
        task = here.deliver(enhanced())
        await here.committed(2)
        here.hear()
        assert isinstance(await task, Stored)


async def test_not_sent_yet(tmp_path: Path) -> None:
    """What comes while the message waits for a connection is not about it."""
    async with site(tmp_path) as here:
        await here.labs[0].probe()
        assert here.labs[0]._pool._slots.take()
        task = here.deliver(enhanced())
        while b"C1" not in here.labs[0]._pool._applications:
            await asyncio.sleep(0.01)
        here.hear()
        here.labs[0]._pool._slots.give_back()
        assert UNKNOWN == await task


async def test_before_the_commit(tmp_path: Path) -> None:
    """What comes behind the message and before its commit acknowledgement is about it, also where it is negative."""
    async with site(tmp_path, application_seconds=20) as here:
        here.receivers[0].answer = lambda _: b""
        task = here.deliver(enhanced())
        await here.receivers[0].came.wait()
        here.hear("AE")
        next(iter(here.receivers[0].open)).write(commits(enhanced()))
        assert isinstance(await task, Refused)


def asking(modes: str) -> bytes:
    """Return a message with these MSH-15 and MSH-16."""
    return adt("C1").replace(b"|P|2.5.1", f"|P|2.5.1|||{modes}".encode())


async def test_no_positive_answer(tmp_path: Path) -> None:
    """Where the sender wants errors only, their absence behind the commit acknowledgement is a good sign."""
    async with site(tmp_path, application_seconds=0.2) as here:
        assert isinstance(await here.deliver(asking("AL|ER")), Stored)


async def test_error_behind_the_commit(tmp_path: Path) -> None:
    """An error that comes counts."""
    async with site(tmp_path, application_seconds=20) as here:
        here.receivers[0].answer = lambda block: commits(block) + ack(block, "AE")
        assert isinstance(await here.deliver(asking("AL|ER")), Refused)


@pytest.mark.parametrize(("modes", "code"), [("NE|AL", "AA"), ("AL|ER", "AE")])
async def test_relayed(modes: str, code: str, tmp_path: Path) -> None:
    """In relay mode the application's answer behind a commit acknowledgement is waited for wherever it is asked for."""
    async with site(tmp_path, application_seconds=20) as here:
        here.receivers[0].answer = lambda block: commits(block) + ack(block, code)
        data = asking(modes)
        outcome = await here.labs[0].deliver(replace(message(queued=False), body=WholeBody(data)))
    assert Stored(ack(data, "CA")[1:-2], second=ack(data, code)[1:-2]) == outcome


async def test_refused_late(tmp_path: Path) -> None:
    """A refusal of a message that its commit acknowledgement has settled is logged and counted apart."""
    counts = Counter[str]()
    async with (
        receiving(lambda block: commits(block) + ack(block, "AE")) as receiver,
        destination(tmp_path, receiver.port, counts) as lab,
    ):
        with capture_logs() as lines:
            await lab.deliver(replace(message(), body=WholeBody(asking("AL|ER"))))
            await lab.deliver(message("C2"))
    told = [(each["control_id"], each["answer"]) for each in lines if each["event"] == "late_refusal_passed_over"]
    assert ([("C1", "AE"), ("C2", "AE")], 2, 0) == (told, counts["refused_late"], counts["passed_over"])


async def test_refused_late_at_a_listener(tmp_path: Path) -> None:
    """So is one that comes in at a listener."""
    async with site(tmp_path, settles="commit") as here:
        with capture_logs() as lines:
            await here.deliver(enhanced())
            here.hear("AE")
            here.hear("AA")
    assert ["C1"] == [each["control_id"] for each in lines if each["event"] == "late_refusal_passed_over"]


async def test_not_all_sent() -> None:
    """What comes while octets of the message are still ours is not about it."""
    applications, connection = Applications(10), Connection(Rules())
    sending = Outgoing(enhanced(), b"C1", b"C1", asks_application=True)
    async with applications.waiting(sending) as waiting:
        applications.begin(sending, connection)
        connection.line.send(sending)
        credit = applications.claim(ack(enhanced())[1:-2])
        assert credit is not None
        credit()
        assert not waiting.answer.done()
        connection.line.left()
        credit()
        assert waiting.answer.done()


async def test_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of too many messages the oldest are forgotten."""
    monkeypatch.setattr(module, "MOST_REMEMBERED", 2)
    applications = Applications(10)
    for name in (b"1", b"2", b"3"):
        applications.begin(Outgoing(b"MSH", name, name, asks_application=True), Connection(Rules()))
    assert [False, True, True] == [name in applications for name in (b"1", b"2", b"3")]


async def test_cut() -> None:
    """A receiver that may cut control IDs is understood in both forms."""
    applications = Applications(10, cuts_ids=True)
    applications.begin(Outgoing(b"MSH", b"A" * 20, b"A" * 25, asks_application=True), Connection(Rules()))
    assert [True, True, False] == [name in applications for name in (b"A" * 20, b"A" * 25, b"A" * 19)]

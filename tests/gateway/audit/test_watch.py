"""The wrappers around deliveries, destinations and meters."""

from collections.abc import Sequence
from typing import Any, cast

import pytest

from gateway.audit.events import Gateway
from gateway.audit.message import Participant
from gateway.audit.trail import Trail
from gateway.audit.watch import WatchedDelivery, WatchedDestination, WatchedMeter
from gateway.contract.message import Message, Subject
from gateway.contract.meter import Rejection
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from tests.adapters.mllp.fakes import FakeMeter
from tests.gateway.fakes import FakeArrivingBody, FakeDestination, make_message


class FakeTrail:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.gateway = Gateway("1", "gate")
        self.transfers: list[tuple[str, str, Subject, Outcome]] = []
        self.turned: list[tuple[str, ...]] = []

    def transferred(
        self, message: Message, subject: Subject, source: Participant, destination: Participant, outcome: Outcome
    ) -> None:
        """Remember who and what."""
        self.transfers.append((source.user_id, destination.user_id, subject, outcome))

    def turned_away(self, *told: str) -> None:
        """Remember it."""
        self.turned.append(told)


def subject_of(_: Message, beginning: bytes) -> Subject:
    """Take the beginning for the patient's ID."""
    return Subject(beginning.decode())


@pytest.fixture
def trail() -> FakeTrail:
    """Return a trail that remembers."""
    return FakeTrail()


FACTS = {"listener": "in", "peer_ip": "192.0.2.7"}


@pytest.mark.parametrize("outcome", [Stored(), Refused("no"), Unavailable("later")])
async def test_delivery(trail: FakeTrail, outcome: Outcome) -> None:
    """What is received is reported with its outcome, which the listener gets as it is."""
    store = FakeDestination([outcome])
    watched = WatchedDelivery(store.deliver, cast("Trail", trail), subject_of)
    assert outcome is await watched(make_message(b"JANE", **FACTS))
    assert [("192.0.2.7", "1", Subject("JANE"), outcome)] == trail.transfers


async def test_arriving_body(trail: FakeTrail) -> None:
    """The subject of a body that is still arriving is read from what the store was given."""
    store, body = FakeDestination(), FakeArrivingBody()
    for chunk in (b"JA", b"NE", None):
        body.queue.put_nowait(chunk)
    message = Message("m1", body, {"protocol": "dimse", **FACTS}, {})
    await WatchedDelivery(store.deliver, cast("Trail", trail), subject_of)(message)
    assert [b"JANE"] == store.received
    assert [Subject("JANE")] == [subject for _, _, subject, _ in trail.transfers]


async def test_our_own_fault(trail: FakeTrail) -> None:
    """A delivery that fails through a bug is reported as failed, and raises as before."""

    async def broken(_: Message) -> Outcome:
        raise ValueError("JANE")

    with pytest.raises(ValueError, match="JANE"):
        await WatchedDelivery(broken, cast("Trail", trail), subject_of)(make_message(b"JANE", **FACTS))
    assert [Unavailable("internal error")] == [outcome for *_, outcome in trail.transfers]


@pytest.mark.parametrize(
    ("outcome", "reported"),
    [
        (Stored(), True),
        (Refused("no"), True),
        (Unavailable("later"), False),
        (Unavailable("later", maybe_stored=True), True),
    ],
)
async def test_destination(trail: FakeTrail, outcome: Outcome, reported: bool) -> None:
    """What is sent is reported, unless the store cannot have it."""
    watched = WatchedDestination(FakeDestination([outcome]), "http://store/", cast("Trail", trail), subject_of)
    assert outcome is await watched.deliver(make_message(b"JANE", **FACTS))
    expected = [("1", "http://store/", Subject("JANE"), outcome)] if reported else []
    assert expected == trail.transfers


async def test_several_at_once(trail: FakeTrail) -> None:
    """Each message of a batch is reported with its own outcome."""

    class Several(FakeDestination):
        async def deliver_many(self, messages: Sequence[Message]) -> list[Outcome]:
            return [await self.deliver(each) for each in messages]

    watched = WatchedDestination(Several([Stored(), Refused("no")]), "http://s/", cast("Trail", trail), subject_of)
    outcomes = await watched.deliver_many([make_message(b"A", **FACTS), make_message(b"B", **FACTS)])
    assert [(Subject("A"), outcomes[0]), (Subject("B"), outcomes[1])] == [each[2:] for each in trail.transfers]


async def test_destination_is_else_the_same(trail: FakeTrail) -> None:
    """Name and probe are the destination's."""
    store = FakeDestination()
    store.unreachable = "down"
    watched = WatchedDestination(store, "http://s/", cast("Trail", trail), subject_of)
    assert ("store", "down") == (watched.name, await watched.probe())


def test_meter(trail: FakeTrail) -> None:
    """A rejection for who the peer is becomes an alert, one for a limit does not; both are counted."""
    meter = FakeMeter()
    watched: Any = WatchedMeter("in", meter, cast("Trail", trail))
    watched.rejected(Rejection.CALLING_AE_TITLE, "192.0.2.9", "EVIL")
    watched.rejected(Rejection.IDLE_TIMEOUT, "192.0.2.9")
    watched.connected()
    assert [("in", "calling_ae_title", "192.0.2.9", "EVIL")] == trail.turned
    assert ([Rejection.CALLING_AE_TITLE, Rejection.IDLE_TIMEOUT], 1) == (meter.rejections, meter.connections)

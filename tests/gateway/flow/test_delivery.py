"""Delivery in relay mode: deadline, retries, log and metrics."""

import asyncio
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from gateway.contract.journal import Passages
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook
from gateway.flow.availability import Availability
from gateway.flow.delivery import TOO_LATE, Delivery
from gateway.flow.retry import Backoff
from gateway.telemetry.metrics import Metrics
from tests.gateway.fakes import FakeArrivingBody, FakeDestination, make_message

DOWN = Unavailable("connection refused")
HUNG_UP = Unavailable("hung up", maybe_stored=True)
AT_ONCE = Backoff(attempts=3, first=0.0)


def delivery(store: FakeDestination, metrics: Metrics | None = None, within: float = 5.0) -> Delivery:
    """Return a delivery to *store* that does not wait between attempts."""
    return Delivery(store, within, AT_ONCE, (metrics or Metrics()).destination("store"))


CASES: dict[str, tuple[list[Outcome | None], Outcome, int]] = {
    "stored at once": ([Stored(b"ACK")], Stored(b"ACK"), 1),
    "refused is final": ([Refused("bad")], Refused("bad"), 1),
    "down, then up": ([DOWN, Stored()], Stored(), 2),
    "down for good": ([DOWN], DOWN, 3),
    "perhaps stored is not sent twice": ([HUNG_UP, Stored()], HUNG_UP, 1),
}


@pytest.mark.parametrize(("outcomes", "expected", "attempts"), CASES.values(), ids=CASES)
async def test_outcome(outcomes: list[Outcome | None], expected: Outcome, attempts: int) -> None:
    """The outcome is the last attempt's, and only what is certainly not stored is tried again."""
    store = FakeDestination(outcomes)
    assert expected == await delivery(store)(make_message())
    assert attempts == len(store.received)


async def test_deadline() -> None:
    """A destination that does not answer within the deadline is unavailable, and may have stored the message."""
    store = FakeDestination([None])
    assert await delivery(store, within=0.02)(make_message()) == TOO_LATE


async def test_arriving_body_is_sent_once() -> None:
    """A body that cannot be replayed is never tried again."""
    store, body = FakeDestination([DOWN, Stored()]), FakeArrivingBody()
    body.queue.put_nowait(None)
    assert await delivery(store)(replace(make_message(), body=body)) == DOWN
    assert len(store.received) == 1


async def test_deadline_does_not_count_the_peers_time() -> None:
    """Time in which the peer is still sending does not count towards the deadline; later time does."""
    store, body = FakeDestination([None]), FakeArrivingBody()
    task = asyncio.create_task(delivery(store, within=0.02)(replace(make_message(), body=body)))
    await asyncio.wait([task], timeout=0.1)
    assert not task.done()
    body.queue.put_nowait(b"last")
    body.queue.put_nowait(None)
    assert await task == TOO_LATE
    assert store.received == [b"last"]


async def test_bug_is_not_hidden() -> None:
    """A destination's TimeoutError that is not the deadline's is a bug and surfaces."""

    class Buggy(FakeDestination):
        async def deliver(self, message: object) -> Outcome:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        await delivery(Buggy())(make_message())


async def test_deliveries_are_counted() -> None:
    """Each delivery is counted once, with its outcome, however many attempts it took."""
    metrics = Metrics()
    await delivery(FakeDestination([DOWN, Stored()]), metrics)(make_message())
    assert b'hilum_deliveries_total{destination="store",outcome="stored"} 1.0' in metrics.render()
    assert b'hilum_delivery_seconds_count{destination="store"} 1.0' in metrics.render()


@pytest.mark.parametrize("outcome", [Unavailable("step s: no", by_step=True), Refused("step s: no", by_step=True)])
async def test_steps_do_not_count(outcome: Outcome) -> None:
    """The outcome of a step makes a destination neither unavailable nor available: it was not asked."""
    store, metrics = FakeDestination([outcome] * 9 + [DOWN] * 5 + [outcome] * 9), Metrics()
    deliver = Delivery(store, 5.0, Backoff(attempts=1), metrics.destination("store"))
    with capture_logs() as logs:
        edges = []
        for _ in range(23):
            await deliver(make_message())
            edges.append([line["event"] for line in logs if line["event"].startswith("destination_")])
    assert [[]] * 13 + [["destination_unavailable"]] * 10 == edges


async def test_edges_of_a_destination() -> None:
    """Relay mode logs one line when a destination fails and one when it recovers; the metric follows."""
    store, metrics = FakeDestination([DOWN] * 7 + [Stored()]), Metrics()
    deliver = Delivery(store, 5.0, Backoff(attempts=1), metrics.destination("store"))
    with capture_logs() as logs:
        for number in range(9):
            await deliver(make_message())
            if number == 6:
                assert b'hilum_destination_available{destination="store"} 0.0' in metrics.render()
    edges = [line for line in logs if line["event"].startswith("destination_")]
    assert [("destination_unavailable", "connection refused", None), ("destination_recovered", None, 1)] == [
        (line["event"], line.get("reason"), line.get("delivered")) for line in edges
    ]
    assert b'hilum_destination_available{destination="store"} 1.0' in metrics.render()


async def test_what_cannot_be_confirmed_is_no_failure() -> None:
    """A message that asks for no answer says nothing about its destination's availability."""
    unconfirmed = Unavailable("asks for no answer", maybe_stored=True, outlook=Outlook.FINAL)
    with capture_logs() as lines:
        deliver = delivery(FakeDestination([unconfirmed]))
        for _ in range(5):
            await deliver(make_message())
    assert "destination_unavailable" not in {each["event"] for each in lines}


async def test_record_of_the_destination() -> None:
    """Operators see what fails and since when, until a success or a final refusal; each success is counted."""
    availability = Availability("store", Metrics().destination("store"))
    store = FakeDestination([Stored(), DOWN, Refused("bad"), None, Stored(), Stored()])
    deliver = Delivery(store, 0.02, Backoff(attempts=1), Metrics().destination("store"), availability)
    record = availability.record
    await deliver(make_message())
    assert (record.delivered, record.failing) == (1, None)
    await deliver(make_message())
    assert record.failing is not None
    assert (record.failing["reason"], record.failing["count"]) == ("connection refused", 1)
    await deliver(make_message())
    assert (record.seen()["failing"], record.delivered) == (None, 1)
    await deliver(make_message())
    failing = record.seen()["failing"]
    assert failing is not None
    assert (failing["cause"], failing["details"]) == ("no_answer", {"seconds": "0.02"})
    for _ in range(2):
        await deliver(make_message())
    assert (record.seen()["failing"], record.delivered) == (None, 3)


@pytest.mark.parametrize(("outcomes", "attempts"), [([Stored()], 1), ([DOWN, Stored()], 2), ([DOWN], 3), ([None], 1)])
async def test_passages(outcomes: list[Outcome | None], attempts: int) -> None:
    """The journal can find where a message went and how often it was sent, also when the time was over."""
    passages: Passages = {}
    meter = Metrics().destination("store")
    deliver = Delivery(FakeDestination(outcomes), 0.2, AT_ONCE, meter, passages=passages)
    given = make_message()
    await deliver(given)
    assert {given.message_id: ("store", attempts, "")} == passages

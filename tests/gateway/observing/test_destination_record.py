"""What a process remembers of a destination."""

from typing import Any

import pytest

from gateway.contract.body import WholeBody
from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.health import Health
from gateway.contract.message import Message
from gateway.contract.observed import Phases
from gateway.contract.outcome import Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook
from gateway.observing.destination_record import QUIET_SECONDS, DestinationRecord

REFUSED = Diagnosis(Cause.CONNECTION_REFUSED, {"address": "10.0.0.1:80"})
DOWN = Unavailable("connection refused", diagnosis=REFUSED)
FORBIDDEN = Unavailable("not permitted", diagnosis=Diagnosis(Cause.NOT_PERMITTED, {"status": "403"}))
ENHANCED = Refused("no such class", code="C122", diagnosis=Diagnosis(Cause.CLASS_REFUSED, {"code": "C122"}))


def message(name: str = "m1", *, queued: bool = False, **facts: str) -> Message:
    """Return a message."""
    return Message(name, WholeBody(b"x"), facts or {"message_type": "ADT^A01"}, {}, queued=queued)


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Return a clock."""
    return Clock()


@pytest.fixture
def record(clock: Clock) -> DestinationRecord:
    """Return the record of a destination."""
    return DestinationRecord("http", "http://10.0.0.1/", wall=clock)


def test_success(record: DestinationRecord) -> None:
    """A success is counted, with its time."""
    record.stored()
    seen = record.seen()
    assert (seen["delivered"], seen["last_success"], seen["failing"]) == (1, 1000.0, None)
    assert (seen["kind"], seen["address"]) == ("http", "http://10.0.0.1/")
    assert record.is_plain


def test_failures(record: DestinationRecord, clock: Clock) -> None:
    """Failures in a row are one, since the first, with the cause of the last; a success ends them."""
    record.answered(message(), DOWN)
    clock.now = 1010.0
    record.answered(message("m2"), FORBIDDEN)
    record.next_in(5.0)
    seen = record.seen()
    assert seen["failing"] == {
        "cause": "not_permitted",
        "details": {"status": "403"},
        "reason": "not permitted",
        "since": 1000.0,
        "last": 1010.0,
        "count": 2,
    }
    assert seen["next_try"] == 1015.0
    record.answered(message("m3"), Stored())
    assert (record.failing, record.next_try, record.is_plain) == (None, None, True)


@pytest.mark.parametrize(
    ("outcome", "cause"),
    [
        (Unavailable("it fails"), "unknown"),
        (Refused("odd", outlook=Outlook.DOUBTFUL), "unknown"),
        (Refused("wrong address", diagnosis=Diagnosis(Cause.WRONG_ADDRESS)), "wrong_address"),
    ],
)
def test_cause(record: DestinationRecord, outcome: Any, cause: str) -> None:
    """An outcome without a diagnosis has an unknown cause; a refusal may be the destination's fault all the same."""
    record.answered(message(), outcome)
    assert record.failing is not None
    assert record.failing["cause"] == cause


def test_refusal_is_an_answer(record: DestinationRecord) -> None:
    """A destination that refuses a message works: the refusal ends its failures."""
    record.answered(message(), DOWN)
    record.answered(message(), Refused("it is wrong"))
    assert record.failing is None
    assert record.seen()["refused"] == {"ADT^A01/-": 1}


@pytest.mark.parametrize("name", ["DOE^JOHN", "0000815", ""])
def test_what_is_no_type(record: DestinationRecord, name: str) -> None:
    """What stands in the place of the type may be a patient: it is not told."""
    record.answered(message(message_type=name), Refused("it is wrong"))
    assert record.seen()["refused"] == {"message/-": 1}


def test_class_refused(record: DestinationRecord) -> None:
    """A class is refused until an instance of it is taken; others do not end that."""
    for _ in range(2):
        record.answered(message(sop_class_uid="1.2"), ENHANCED)
    record.answered(message(sop_class_uid="1.3"), Stored())
    (refusal,) = record.seen()["refusals"]
    assert (refusal["what"], refusal["code"], refusal["count"]) == ("1.2", "C122", 2)
    assert (refusal["cause"], refusal["reason"]) == ("class_refused", "no such class")
    assert not record.is_plain
    record.answered(message(sop_class_uid="1.2"), Stored())
    assert record.seen()["refusals"] == []
    assert record.is_plain


def test_poison(record: DestinationRecord, clock: Clock) -> None:
    """A message that fails while others pass is told apart, and is not the destination's failure."""
    record.answered(message("bad", queued=True), DOWN)
    assert record.seen()["poison"] == {}
    record.answered(message("good", queued=True), Stored())
    clock.now = 1060.0
    record.answered(message("bad", queued=True), DOWN)
    seen = record.seen()
    assert (seen["poison"], seen["passed_since"], seen["poison_since"]) == ({"bad": 2}, 1, 1000.0)
    assert seen["failing"] is None
    record.parked("bad")
    assert record.seen()["poison"] == {}
    record.answered(message("good2"), Stored())
    assert record.is_plain


def test_message_that_passes_in_the_end(record: DestinationRecord) -> None:
    """A message that is taken after all is no poison any more."""
    record.answered(message("slow", queued=True), DOWN)
    record.answered(message("good", queued=True), Stored())
    record.answered(message("slow", queued=True), Stored())
    assert record.seen()["poison"] == {}
    assert record.is_plain


def test_relayed_message_is_no_poison(record: DestinationRecord) -> None:
    """In relay mode a message that is sent again is a new one, so none can be told to fail alone."""
    record.answered(message("bad"), DOWN)
    record.answered(message("good"), Stored())
    assert record.is_plain


def test_probe_that_reaches(record: DestinationRecord) -> None:
    """A probe that it answers ends a failure to reach it."""
    record.reached()
    record.answered(message(), DOWN)
    record.reached()
    assert record.failing is None


def test_probe_cannot_tell_everything(record: DestinationRecord, clock: Clock) -> None:
    """What a probe cannot tell ends once nothing has failed for a while and no try is due."""
    record.answered(message(), FORBIDDEN)
    clock.now += QUIET_SECONDS
    record.reached()
    assert record.failing is not None
    record.next_in(10.0)
    clock.now += 5.0
    record.reached()
    assert record.failing is not None, "the message is tried again"
    clock.now += QUIET_SECONDS + 10
    record.reached()
    assert record.failing is None


def test_probe_that_does_not_reach(record: DestinationRecord, clock: Clock) -> None:
    """A probe that it does not answer shows that it still fails."""
    record.not_reached()
    record.answered(message(), DOWN)
    clock.now = 1030.0
    record.not_reached()
    assert record.failing is not None
    assert (record.failing["last"], record.failing["count"]) == (1030.0, 1)


def test_seen_is_a_copy(record: DestinationRecord) -> None:
    """What was handed out does not change afterwards."""
    record.answered(message(), DOWN)
    seen = record.seen()
    record.answered(message(), DOWN)
    assert seen["failing"] is not None
    assert seen["failing"]["count"] == 1


def test_health() -> None:
    """A destination that measures its exchanges is asked for them."""

    class Store:
        def health(self) -> Health:
            return Health(Phases(connect=0.1, wait=0.2, transfer=0.3, usual_wait=0.4), 2.0)

    seen = DestinationRecord(store=Store()).seen()
    assert seen["phases"] is not None
    assert (seen["phases"]["wait"], seen["clock_skew"]) == (0.2, 2.0)
    assert DestinationRecord(store=object()).seen()["phases"] is None

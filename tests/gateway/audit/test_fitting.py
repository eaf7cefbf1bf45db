"""Events that are too large are split or shortened; nothing is left out for its size."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from lxml import etree

from gateway.audit.events import instances_transferred, node_authentication_failed, patient_record
from gateway.audit.fitting import ELLIPSIS, MARK, fit, was_shortened
from gateway.audit.message import AuditMessage, Participant, memory_of
from gateway.audit.syslog_format import Sender
from gateway.contract.message import Subject
from gateway.contract.outcome import Outcome, Refused, Stored
from tests.gateway.audit.samples import GATEWAY, MESSAGES, NOON, schema

SENDER = Sender("gate.example", "4711")
CT, MR = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4"
PEER, HERE = Participant("CT1"), Participant("HILUM")
LONG = 'M\u00dcLLER\x01"' * 10_000
"""70,000 characters that XML needs several octets for."""


def instances(*groups: tuple[str, int], outcome: Outcome, subject: Subject | None = None) -> AuditMessage:
    """Return an event about so many instances of each SOP class."""
    found = [(uid, f"{uid}.{'7' * 30}.{number}") for uid, count in groups for number in range(count)]
    return instances_transferred(PEER, HERE, subject or Subject("1", "DOE", "1.2"), found, outcome, NOON)


def record(subject: Subject, peer: Participant = PEER, control_id: str = "C1", reason: str = "no") -> AuditMessage:
    """Return an event about a refused HL7 message."""
    return patient_record(peer, HERE, subject, "ADT^A01", control_id, Refused(reason), NOON)


JANE = Subject("1", "DOE", "1.2")
TOO_LARGE: dict[str, Callable[[], AuditMessage]] = {
    "a patient's name": lambda: record(Subject("1", LONG)),
    "a patient's ID": lambda: record(Subject(LONG)),
    "a sender's name": lambda: record(JANE, Participant(LONG, alternative_user_id=LONG)),
    "an address": lambda: record(JANE, Participant("x", access_point=LONG)),
    "a control ID": lambda: record(JANE, control_id=LONG),
    "a reason": lambda: record(JANE, reason=LONG),
    "every text": lambda: replace(record(Subject(LONG, LONG), Participant(LONG), LONG, LONG), source_id=LONG),
    "the gateway's names": lambda: replace(MESSAGES["start"], source_id=LONG, enterprise_site_id=LONG),
    "a claim": lambda: node_authentication_failed(GATEWAY, LONG, "certificate", "192.0.2.9", LONG, NOON),
    "800 refused instances": lambda: instances((CT, 800), outcome=Refused("no")),
    "two SOP classes": lambda: instances((CT, 400), (MR, 400), outcome=Refused("no")),
    "500 SOP classes": lambda: instances(*((f"{CT}.{n}", 1) for n in range(500)), outcome=Stored()),
    "instances and a long name": lambda: instances((CT, 100), outcome=Refused("no"), subject=Subject("1", LONG)),
    "one instance and a long name": lambda: instances((CT, 1), outcome=Refused("no"), subject=Subject("1", LONG)),
}


@pytest.mark.parametrize("most", [2048, 8192, 65_507])
@pytest.mark.parametrize("name", TOO_LARGE)
def test_everything_fits(name: str, most: int) -> None:
    """Whatever makes an event too large, what it becomes fits, obeys the schema, and tells the same."""
    message = TOO_LARGE[name]()
    events = fit(message, most, SENDER.size)
    assert events
    for event in events:
        assert SENDER.size(event) <= most
        document = etree.fromstring(
            SENDER.syslog(replace(event, source_id=event.source_id or "g")).partition(b"<?xml")[2].partition(b"?>")[2]
        )
        assert schema().validate(document)
        assert (message.event, message.result, message.time) == (event.event, event.result, event.time)


@pytest.mark.parametrize("name", TOO_LARGE)
@pytest.mark.parametrize("most", [2048, 65_507])
def test_no_instance_is_lost(name: str, most: int) -> None:
    """Every instance is in exactly one of the events, under its SOP class, and the numbers are right."""

    def listed(events: list[AuditMessage]) -> list[tuple[str, int, tuple[str, ...]]]:
        found = [each for event in events for thing in event.objects for each in thing.sop_classes]
        assert all(each.count == len(each.instances) for each in found if each.instances)
        named = [(each.uid, 1, (uid,)) for each in found for uid in each.instances]
        return sorted([*named, *((each.uid, each.count, ()) for each in found if not each.instances)])

    message = TOO_LARGE[name]()
    assert listed([message]) == listed(fit(message, most, SENDER.size))


def test_few_events() -> None:
    """Instances are split into about as few events as hold them, not one by one."""
    message = TOO_LARGE["800 refused instances"]()
    assert 2 * SENDER.size(message) // 32_768 + 2 >= len(fit(message, 32_768, SENDER.size))
    with_a_long_name = TOO_LARGE["instances and a long name"]()
    assert len(fit(with_a_long_name, 8192, SENDER.size)) < 10


def test_mark() -> None:
    """What was shortened says so, each text that was cut ends in an ellipsis, and short ones are whole."""
    (event,) = fit(record(Subject("1", LONG), reason="the store says no"), 8192, SENDER.size)
    (patient,) = event.objects
    assert ("1", LONG[:100], ELLIPSIS) == (patient.object_id, patient.name[:100], patient.name[-1])
    assert (f"the store says no {MARK}", True) == (event.outcome, was_shortened(event))


def test_split_is_not_shortened() -> None:
    """An event that is only split holds all its texts, and no mark."""
    events = fit(TOO_LARGE["800 refused instances"](), 32_768, SENDER.size)
    assert {"no"} == {each.outcome for each in events}


def test_shortened_twice() -> None:
    """An event that has to be shortened again has one mark."""
    (first,) = fit(TOO_LARGE["every text"](), 20_000, SENDER.size)
    (second,) = fit(first, 4096, SENDER.size)
    assert 1 == second.outcome.count(MARK)


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES)
def test_ordinary_events(message: AuditMessage) -> None:
    """An ordinary event stays as it is."""
    assert [message] == fit(message, 2048, SENDER.size)


def test_other_measures() -> None:
    """The measure is the sink's own: memory, too."""
    events = fit(TOO_LARGE["800 refused instances"](), 20_000, memory_of)
    assert all(memory_of(each) <= 20_000 for each in events)


def test_cannot_be_small_enough() -> None:
    """What nothing makes small enough is returned as small as it gets, once."""
    (event,) = fit(record(Subject("1", LONG)), 10, SENDER.size)
    assert SENDER.size(event) < 2048

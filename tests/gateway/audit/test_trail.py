"""The trail: what happened goes in, events go out to every sink."""

import asyncio
from typing import Any

import pytest

from gateway.audit.message import AuditMessage, Kind, Participant
from gateway.audit.parties import receiver_of, sender_of
from gateway.audit.settings import AuditSettings
from gateway.audit.trail import Trail
from gateway.contract.acts import Act
from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Stored
from tests.gateway.audit.samples import DIMSE, GATEWAY, HL7, JANE


class FakeFeeder:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.messages: list[AuditMessage] = []

    def put(self, message: AuditMessage) -> None:
        """Keep it."""
        self.messages.append(message)

    async def put_and_wait(self, message: AuditMessage, _: float) -> str | None:
        """Keep it; nothing is written."""
        self.messages.append(message)
        return "fake: no answer"


def make_trail(**settings: Any) -> tuple[Trail, list[AuditMessage]]:
    """Return a trail and what its sink gets."""
    sink_queue: Any = FakeFeeder()
    settings = {"file": "audit.jsonl", "source_id": "gate", "enterprise_site_id": "north", **settings}
    return Trail(AuditSettings.model_validate(settings), GATEWAY, [sink_queue], lambda: 1000.0), sink_queue.messages


def transfer(trail: Trail, facts: dict[str, str], number: int = 1, outcome: Outcome | None = None) -> None:
    """Report one message."""
    identifiers = {"sop_instance_uid": f"1.2.{number}"} if facts is DIMSE else {"control_id": f"C{number}"}
    message = Message(f"m{number}", WholeBody(b""), facts, identifiers, connection="192.0.2.7:1234")
    trail.transferred(message, JANE, sender_of(facts), receiver_of(facts, GATEWAY), outcome or Stored())


async def test_life() -> None:
    """Start and stop are reported, under the names that the settings give."""
    trail, messages = make_trail()
    trail.started()
    trail.stopped()
    assert ["Application Start", "Application Stop"] == [
        each.event_type and each.event_type.meaning for each in messages
    ]
    assert {("gate", "north")} == {(each.source_id, each.enterprise_site_id) for each in messages}


async def test_own_name() -> None:
    """Without a name in the settings the machine's is the source."""
    trail, messages = make_trail(source_id=None)
    trail.started()
    assert ["gate.example"] == [each.source_id for each in messages]


async def test_never_started() -> None:
    """A gateway that could not start has not stopped either."""
    trail, messages = make_trail()
    trail.stopped()
    assert [] == messages


async def test_hl7() -> None:
    """Each HL7 message is an event of its own at once."""
    trail, messages = make_trail()
    transfer(trail, HL7, 1)
    transfer(trail, HL7, 2)
    assert [{"MSH-9": "ADT^A01", "MSH-10": f"C{number}"} for number in (1, 2)] == [
        each.objects[0].details for each in messages
    ]


async def test_fhir() -> None:
    """A FHIR request is told by what was asked for, and of which type of resource."""
    trail, messages = make_trail()
    facts = {"protocol": "http", "interaction": "delete", "resource_type": "Patient"}
    somebody = Participant("x")
    trail.transferred(Message("1", WholeBody(b""), facts, {}), JANE, somebody, somebody, Stored())
    assert [("D", {"FHIR": "delete Patient"})] == [(each.action.value, each.objects[0].details) for each in messages]


async def test_instances_are_gathered() -> None:
    """Instances of one study over one association become one event when no more has come; none waits for the stop."""
    trail, messages = make_trail(gather_seconds=0.05)
    transfer(trail, DIMSE, 1)
    transfer(trail, DIMSE, 2)
    assert [] == messages
    async with asyncio.timeout(60):
        while not messages:
            await asyncio.sleep(0.01)
    assert [2] == [each.objects[0].sop_classes[0].count for each in messages]


async def test_stop_reports_what_is_gathered() -> None:
    """What is gathered is reported before the stop."""
    trail, messages = make_trail(gather_seconds=600)
    trail.started()
    transfer(trail, DIMSE)
    trail.stopped()
    assert ["Application Activity", "DICOM Instances Transferred", "Application Activity"] == [
        each.event.meaning for each in messages
    ]


async def test_without_patient_identifiers() -> None:
    """When identifiers are turned off no event holds a patient or a study."""
    trail, messages = make_trail(patient_identifiers=False, gather_seconds=0)
    transfer(trail, DIMSE)
    transfer(trail, HL7)
    assert {"<none>"} == {each.object_id for message in messages for each in message.objects}
    assert not any(value in repr(messages) for value in (JANE.patient_id, JANE.patient_name, JANE.study_instance_uid))
    assert 2 == sum(each.kind is Kind.PATIENT for message in messages for each in message.objects)


async def test_turned_away() -> None:
    """A peer that was turned away is an alert."""
    trail, messages = make_trail()
    trail.turned_away("modalities", "calling_ae_title", "192.0.2.9", "EVIL")
    assert ["Security Alert"] == [each.event.meaning for each in messages]


async def test_re_identification() -> None:
    """Why somebody was re-identified is always written: the reason names nobody, and without it nobody could judge."""
    trail, messages = make_trail(patient_identifiers=False)
    await trail.acted(Act("alice", "re-identified: 1 of 1 pseudonyms", "vote 17", on="crosswalk"), grace=60)
    (message,) = messages
    assert message.objects[0].details["Reason"] == "vote 17"
    assert message.objects[0].name == "crosswalk"


@pytest.mark.parametrize(("patient_identifiers", "why"), [(True, "for Mr Doe"), (False, None)])
async def test_an_operator(patient_identifiers: bool, why: str | None) -> None:
    """What an operator did is reported, and why it is not written; their own words only if patients may be named."""
    trail, messages = make_trail(patient_identifiers=patient_identifiers)
    assert ["fake: no answer"] == await trail.acted(Act("alice", "discarded: 1", "for Mr Doe"), grace=60)
    (message,) = messages
    assert ("discarded: 1", why) == (
        message.objects[0].details["Alert Description"],
        message.objects[0].details.get("Reason"),
    )

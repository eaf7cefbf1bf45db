"""What happened, as audit messages."""

import pytest

from gateway.audit.events import application_activity, instances_transferred, node_authentication_failed, patient_record
from gateway.audit.message import AuditMessage, Kind, Participant, SopClass
from gateway.contract.message import Subject
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from tests.gateway.audit.samples import GATEWAY, INSTANCES, JANE, MESSAGES, NOON

CODES = {
    "start": ("110100", "110120", "E", "0"),
    "stop": ("110100", "110121", "E", "0"),
    "instances": ("110104", None, "R", "0"),
    "instances refused": ("110104", None, "R", "8"),
    "hl7": ("110110", None, "C", "0"),
    "alert": ("110113", "110126", "E", "8"),
    "operator": ("110113", "110132", "E", "0"),
    "operator cut off": ("110113", "110132", "E", "8"),
}
"""Event, type, action and outcome by PS3.15 A.5.3."""


@pytest.mark.parametrize(("name", "codes"), CODES.items(), ids=CODES)
def test_codes(name: str, codes: tuple[str, ...]) -> None:
    """Each event has the codes that the standard's table of it demands."""
    message = MESSAGES[name]
    event_type = message.event_type.value if message.event_type else None
    assert codes == (message.event.value, event_type, message.action.value, message.result.value)


@pytest.mark.parametrize(
    ("message_type", "action"),
    [("ADT^A01", "C"), ("ADT^A08", "U"), ("ADT^A40", "U"), ("ADT^A29", "D"), ("ORU^R01", "R"), ("", "R")],
)
def test_what_a_message_does_to_the_record(message_type: str, action: str) -> None:
    """An ADT message creates, changes or deletes the patient's record; any other only uses it."""
    somebody = Participant("x")
    message = patient_record(somebody, somebody, JANE, message_type, "C1", Stored(), NOON)
    assert action == message.action.value


@pytest.mark.parametrize(
    ("fhir", "action"),
    [
        ("create Patient", "C"),
        ("update Patient", "U"),
        ("delete Patient", "D"),
        ("transaction Bundle", "U"),
        ("update Observation", "R"),
        ("create", "R"),
    ],
)
def test_what_an_interaction_does_to_the_record(fhir: str, action: str) -> None:
    """FHIR that writes a patient, or may do so, creates, changes or deletes the record; all else only uses it."""
    somebody = Participant("x")
    message = patient_record(somebody, somebody, JANE, "", "", Stored(), NOON, fhir=fhir)
    assert (action, {"FHIR": fhir}) == (message.action.value, dict(message.objects[0].details))


@pytest.mark.parametrize(
    ("outcome", "result", "reason"),
    [(Stored(), "0", ""), (Refused("no"), "8", "no"), (Unavailable("later"), "4", "later")],
)
def test_outcomes(outcome: Outcome, result: str, reason: str) -> None:
    """A refusal is a serious failure, what is tried again a minor one; the reason is told."""
    message = instances_transferred(Participant("x"), Participant("y"), JANE, INSTANCES, outcome, NOON)
    assert (result, reason) == (message.result.value, message.outcome)


def test_instances() -> None:
    """Instances are counted by SOP class, and named where they were not stored."""
    expected = SopClass(INSTANCES[0][0], 2)
    assert (expected,) == MESSAGES["instances"].objects[0].sop_classes
    assert ("1.2.3.4.1", "1.2.3.4.2") == MESSAGES["instances refused"].objects[0].sop_classes[0].instances


def patient_of(message: AuditMessage) -> tuple[str, str]:
    """Return ID and name of the patient in *message*."""
    (patient,) = (each for each in message.objects if each.kind is Kind.PATIENT)
    return patient.object_id, patient.name


def test_unknown_patient() -> None:
    """A patient that nobody knows is <none>, for the standard wants one."""
    assert (JANE.patient_id, JANE.patient_name) == patient_of(MESSAGES["instances"])
    assert ("<none>", "") == patient_of(
        patient_record(Participant("x"), Participant("y"), Subject(), "", "", Stored(), NOON)
    )


def test_start_names_the_application_entities() -> None:
    """The start tells under which AE titles the gateway can be called."""
    (gateway,) = application_activity(GATEWAY, NOON, started=True).participants
    assert ("4711", "AETITLES=HILUM") == (gateway.user_id, gateway.alternative_user_id)


def test_alert_names_the_node() -> None:
    """An alert names the address, who the peer said it was, the listener and the reason."""
    alert = node_authentication_failed(GATEWAY, "in", "calling_ae_title", "192.0.2.9", "EVIL", NOON)
    (subject,) = alert.objects
    assert ("192.0.2.9", "EVIL") == (subject.object_id, alert.participants[1].user_id)
    assert {"Alert Description": "listener in rejected the node: calling_ae_title"} == subject.details


def test_what_an_operator_did() -> None:
    """Who did it, from where, what and why; the gateway's spool is what it was done to."""
    message = MESSAGES["operator"]
    gateway, operator = message.participants
    (spool,) = message.objects
    assert ("4711", False, "alice", True, "192.0.2.10") == (
        gateway.user_id,
        gateway.is_requestor,
        operator.user_id,
        operator.is_requestor,
        operator.access_point,
    )
    details = {
        "Alert Description": "discarded: 2 spooled entries; destination: store",
        "Reason": "sent by hand",
    }
    assert ("gate.example", "spool", details) == (spool.object_id, spool.name, spool.details)


def test_an_operator_who_was_cut_off() -> None:
    """It is said that nobody knows how much was done; no reason is made up."""
    message = MESSAGES["operator cut off"]
    assert ("<none>", "cut off by a failure: done in part, or not at all") == (
        message.participants[1].user_id,
        message.outcome,
    )
    assert ["Alert Description"] == list(message.objects[0].details)

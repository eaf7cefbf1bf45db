"""One audit message of each kind, and the schema they have to obey."""

from datetime import UTC, datetime
from pathlib import Path

from lxml import etree

from gateway.audit.events import (
    Gateway,
    application_activity,
    instances_transferred,
    media_moved,
    node_authentication_failed,
    patient_record,
    restricted_function_used,
    tables_asked,
)
from gateway.audit.message import AuditMessage
from gateway.audit.parties import receiver_of, sender_of, store_at
from gateway.contract.acts import Act, Asked, Moved
from gateway.contract.message import Subject
from gateway.contract.outcome import Refused, Stored

NOON = datetime(2026, 3, 4, 12, 0, 0, 5000, tzinfo=UTC)
GATEWAY = Gateway("4711", "gate.example", ("HILUM",))
DIMSE = {
    "protocol": "dimse",
    "listener": "modalities",
    "peer_ip": "192.0.2.7",
    "calling_ae_title": "CT1",
    "called_ae_title": "HILUM",
    "sop_class_uid": "1.2.840.10008.5.1.4.1.1.2",
    "transfer_syntax_uid": "1.2.840.10008.1.2.1",
}
HL7 = {
    "protocol": "mllp",
    "listener": "adt",
    "peer_ip": "192.0.2.8",
    "sending_application": "EPIC",
    "sending_facility": "NORTH",
    "receiving_application": "HILUM",
    "receiving_facility": "CLOUD",
    "message_type": "ADT^A01",
}
JANE = Subject("123^^^NORTH^MR", "DOE^J\u00c4NE & <Co>", "1.2.3.4")
INSTANCES = [("1.2.840.10008.5.1.4.1.1.2", "1.2.3.4.1"), ("1.2.840.10008.5.1.4.1.1.2", "1.2.3.4.2")]

_DIMSE_PARTIES = sender_of(DIMSE), receiver_of(DIMSE, GATEWAY)
_HL7_PARTIES = sender_of(HL7), receiver_of(HL7, GATEWAY)
_TO_STORE = GATEWAY.participant(None), store_at("https://user:secret@store.example/v1?key=secret")
_DISCARDED = Act("alice", "discarded: 2 spooled entries; destination: store", "sent by hand", "192.0.2.10")
_CUT_OFF = Act("", "retried: an unknown number of spooled entries; IDs: a-1-1", is_done=False)
_REFUSED = Refused("the store says no")

MESSAGES: dict[str, AuditMessage] = {
    "start": application_activity(GATEWAY, NOON, started=True),
    "stop": application_activity(GATEWAY, NOON, started=False),
    "instances": instances_transferred(*_DIMSE_PARTIES, JANE, INSTANCES, Stored(), NOON),
    "instances refused": instances_transferred(*_DIMSE_PARTIES, Subject(), INSTANCES, _REFUSED, NOON),
    "hl7": patient_record(*_HL7_PARTIES, JANE, "ADT^A01", "C1", Stored(), NOON),
    "hl7 to a store": patient_record(*_TO_STORE, JANE, "", "", _REFUSED, NOON),
    "control characters": patient_record(*_HL7_PARTIES, Subject("1\0\x0b2", "A\ufffe\x1b"), "ADT", "", Stored(), NOON),
    "alert": node_authentication_failed(GATEWAY, "modalities", "calling_ae_title", "192.0.2.9", "EVIL", NOON),
    "operator": restricted_function_used(GATEWAY, _DISCARDED, NOON),
    "operator cut off": restricted_function_used(GATEWAY, _CUT_OFF, NOON),
    "import": media_moved(GATEWAY, Moved("import", "alice", "s3://north", "images"), 12, NOON, is_done=True),
    "export cut off": media_moved(GATEWAY, Moved("export", "", "images", "/archive"), 0, NOON, is_done=False),
    "tables asked": tables_asked(GATEWAY, Asked("alice", ["images", "others.reports"]), NOON),
    "tables not asked": tables_asked(GATEWAY, Asked("", [], is_answered=False), NOON),
    "alert about a stranger": node_authentication_failed(GATEWAY, "adt", "certificate", "", "", NOON),
}  # fmt: skip


def schema() -> etree.RelaxNG:
    """Return the schema of PS3.15 A.5.1."""
    return etree.RelaxNG(etree.parse(Path(__file__).parent / "audit_message.rng"))

"""A message, its facts, and the patient that it is about."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gateway.contract.body import Body
from gateway.contract.fhir import Interaction
from gateway.contract.records import record

UID = re.compile(r"(?=.{1,64}\Z)[0-9]+(?:\.[0-9]+)*")
"""A DICOM UID: components of digits, none of them empty (PS3.5 9.1). Leading zeros are accepted: PS3.5 forbids them,
but they are common. Every UID from a peer or a store is checked before it reaches a header, a log or a URL: ``..`` in a
URL would name another resource."""

COMMON_FACTS = ("protocol", "listener", "peer_ip")
HL7_FACTS = (
    "sending_application",
    "sending_facility",
    "receiving_application",
    "receiving_facility",
    "message_type",
    "version",
    "processing_id",
)
DICOM_FACTS = ("calling_ae_title", "called_ae_title", "sop_class_uid", "transfer_syntax_uid")


@record
class Message:
    """One HL7v2 message, one DICOM instance (a Part 10 file, PS3.10 7), or one FHIR resource (``contract.fhir``)."""

    message_id: str
    """The ID that Hilum gives the message; every log line about the message has it."""
    body: Body
    """The octets as received, never re-encoded."""
    facts: Mapping[str, str]
    """The values that routes match, by the names in COMMON_FACTS, HL7_FACTS, DICOM_FACTS, FHIR_FACTS; absent facts have
    no key."""
    identifiers: Mapping[str, str]
    """``control_id`` or ``sop_instance_uid``: they identify the message but no patient, so they may be logged."""
    charset: str | None = None
    """The name in HL7 table 0211 of the character set that the peer really uses, if the listener overrides MSH-18."""
    connection: str = ""
    """Address and port of the peer. Messages with the same value came over one connection, in this order."""
    placed: Callable[[], None] | None = field(default=None, compare=False, repr=False)
    """Called at most once, when the position of the message in the order is fixed: the next message may then be
    delivered although the outcome of this one is not known yet. Not called if only the outcome fixes the position."""
    via: tuple[str, ...] = ()
    """Names of the steps of its route that are still to be done."""
    queued: bool = False
    """Whether it comes from the spool; otherwise its sender waits for the outcome."""
    maybe_stored: bool = False
    """Whether an earlier attempt to deliver it may have stored it."""
    labels: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """What an import read beside an HL7v2 message: the store gets it with the message. The spool does not keep it."""
    interaction: Interaction | None = field(default=None, repr=False)
    """What a peer has asked for over HTTP, in relay mode only: the spool does not keep it."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The patient and study that a message is about: for the audit trail only, never for a log."""

    patient_id: str = ""
    """``PID-3`` as a CX, or Patient ID."""
    patient_name: str = ""
    """``PID-5``, or Patient's Name."""
    study_instance_uid: str = ""

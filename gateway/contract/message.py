"""What flows through the gateway: a message, its facts, and whom it is about."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gateway.contract.body import Body

UID = re.compile(r"(?=.{1,64}\Z)[0-9]+(?:\.[0-9]+)*")
"""What a whole DICOM UID looks like: components of digits, none of them empty (PS3.5 9.1). Leading zeros, which it does
not allow, are common. Whatever comes from a peer or a store under this name is checked before it reaches a header, a
log or a URL: ``..`` in a URL would name something else."""

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


@dataclass(frozen=True, slots=True)
class Message:
    """One HL7v2 message or one DICOM instance (a Part 10 file, PS3.10 7)."""

    message_id: str
    """Hilum's own name for it, in every log line about it."""
    body: Body
    """As received, never re-encoded."""
    facts: Mapping[str, str]
    """What routes may read: the names in COMMON_FACTS, HL7_FACTS and DICOM_FACTS; an absent fact has no key."""
    identifiers: Mapping[str, str]
    """What names the message but no patient and may be logged: ``control_id`` or ``sop_instance_uid``."""
    charset: str | None = None
    """HL7 table 0211 name of what the peer really sends, when its listener overrides ``MSH-18``."""
    connection: str = ""
    """Address and port of the peer: messages with the same value came over one connection, in order."""
    placed: Callable[[], None] | None = field(default=None, compare=False, repr=False)
    """Called, at most once, when the message has its place before every later one: the next may be delivered although
    the outcome of this one is not known yet. Where only the outcome gives it that, nobody calls."""
    via: tuple[str, ...] = ()
    """Names of the steps that it still has to go through, by its route."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a message is about. It names a patient: for the audit trail alone, never for a log."""

    patient_id: str = ""
    """``PID-3`` as a CX, or Patient ID."""
    patient_name: str = ""
    """``PID-5``, or Patient's Name."""
    study_instance_uid: str = ""

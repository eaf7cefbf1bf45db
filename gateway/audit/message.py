"""The parts of a DICOM audit message, named as in PS3.15 A.5.1, and the codes that Hilum uses in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum
from sys import getsizeof


@dataclass(frozen=True, slots=True)
class Code:
    """A coded value."""

    value: str
    system: str
    meaning: str


APPLICATION_ACTIVITY = Code("110100", "DCM", "Application Activity")
EXPORT = Code("110106", "DCM", "Export")
IMPORT = Code("110107", "DCM", "Import")
INSTANCES_TRANSFERRED = Code("110104", "DCM", "DICOM Instances Transferred")
QUERY = Code("110112", "DCM", "Query")
PATIENT_RECORD = Code("110110", "DCM", "Patient Record")
SECURITY_ALERT = Code("110113", "DCM", "Security Alert")

APPLICATION_START = Code("110120", "DCM", "Application Start")
APPLICATION_STOP = Code("110121", "DCM", "Application Stop")
NODE_AUTHENTICATION = Code("110126", "DCM", "Node Authentication")
RESTRICTED_FUNCTION = Code("110132", "DCM", "Use of Restricted Function")

APPLICATION = Code("110150", "DCM", "Application")
DESTINATION = Code("110152", "DCM", "Destination Role ID")
SOURCE = Code("110153", "DCM", "Source Role ID")

DESTINATION_MEDIA = Code("110154", "DCM", "Destination Media")
SOURCE_MEDIA = Code("110155", "DCM", "Source Media")

STUDY_INSTANCE_UID = Code("110180", "DCM", "Study Instance UID")
NODE_ID = Code("110182", "DCM", "Node ID")
PATIENT_NUMBER = Code("2", "RFC-3881", "Patient Number")
SEARCH_CRITERIA = Code("10", "RFC-3881", "Search Criteria")


class Action(StrEnum):
    """EventActionCode."""

    CREATE = "C"
    READ = "R"
    UPDATE = "U"
    DELETE = "D"
    EXECUTE = "E"


class Result(StrEnum):
    """EventOutcomeIndicator."""

    SUCCESS = "0"
    MINOR_FAILURE = "4"
    """The action failed and is tried again."""
    SERIOUS_FAILURE = "8"
    """The action failed and is not tried again."""


class AccessPoint(StrEnum):
    """NetworkAccessPointTypeCode."""

    MACHINE_NAME = "1"
    IP_ADDRESS = "2"
    URI = "5"


class Kind(Enum):
    """ParticipantObjectTypeCode and ParticipantObjectTypeCodeRole."""

    PATIENT = ("1", "1")
    STUDY = ("2", "3")
    SECURITY_RESOURCE = ("2", "13")


@dataclass(frozen=True, slots=True)
class Participant:
    """ActiveParticipant: a sender, a receiver, or the gateway itself."""

    user_id: str
    role: Code | None = None
    alternative_user_id: str = ""
    user_name: str = ""
    is_requestor: bool = False
    access_point: str = ""
    access_point_type: AccessPoint | None = None


@dataclass(frozen=True, slots=True)
class SopClass:
    """The number of instances of a SOP class, and their UIDs where they are needed."""

    uid: str
    count: int
    instances: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Object:
    """ParticipantObjectIdentification: what the event is about, such as a patient or a study."""

    kind: Kind
    id_type: Code
    object_id: str
    name: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    """ParticipantObjectDetail: type to value."""
    sop_classes: tuple[SopClass, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditMessage:
    """One event."""

    event: Code
    action: Action
    result: Result
    time: datetime
    participants: tuple[Participant, ...]
    objects: tuple[Object, ...] = ()
    event_type: Code | None = None
    outcome: str = ""
    """EventOutcomeDescription."""
    source_id: str = ""
    enterprise_site_id: str | None = None


FIXED_OCTETS = 2048
"""Memory that an event takes besides its texts."""


def memory_of(message: AuditMessage) -> int:
    """Return about how many octets of memory *message* takes."""
    texts = [message.outcome]
    for participant in message.participants:
        texts += (participant.user_id, participant.alternative_user_id, participant.user_name, participant.access_point)
    for each in message.objects:
        texts += (each.object_id, each.name, *each.details.values())
        for sop_class in each.sop_classes:
            texts += (sop_class.uid, *sop_class.instances)
    return FIXED_OCTETS + sum(map(getsizeof, texts))

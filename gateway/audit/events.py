"""Builds DICOM audit messages from what happened. Pure functions: the same facts give the same message.

The audit message of each event:

* start and stop: Application Activity (PS3.15 A.5.3.1);
* an instance that came from a peer, or went to a store: DICOM Instances Transferred (A.5.3.7). Data that stays within
  the security domain of the organisation is transferred, not imported or exported (A.5.3.4, A.5.3.5), and by A.5.3.7
  either side of a transfer sends a message;
* an HL7 message that came in, or went to a store: Patient Record (A.5.3.14), as IHE ITI-8 (3.8.5.1) requires for an
  identity feed and dcm4che does for every HL7 message;
* an import from a bucket, or an export to one: Import (A.5.3.5), Export (A.5.3.4), one event for the whole run. Whose
  data it was is in the events of the single transfers;
* a question to the tables: Query (A.5.3.10), of which the note says that it also captures queries that are not DICOM's.
  The query itself is left out, because its text may name a patient;
* a peer that is rejected because of its identity: Security Alert, Node Authentication (A.5.3.11);
* what an operator does with spooled messages: Security Alert, Use of Restricted Function (A.5.3.11). They may be
  messages of many patients, of both protocols, and Hilum does not read them to find out whose they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.audit.message import (
    APPLICATION,
    APPLICATION_ACTIVITY,
    APPLICATION_START,
    APPLICATION_STOP,
    DESTINATION,
    DESTINATION_MEDIA,
    EXPORT,
    IMPORT,
    INSTANCES_TRANSFERRED,
    NODE_AUTHENTICATION,
    NODE_ID,
    PATIENT_NUMBER,
    PATIENT_RECORD,
    QUERY,
    RESTRICTED_FUNCTION,
    SEARCH_CRITERIA,
    SECURITY_ALERT,
    SOURCE,
    SOURCE_MEDIA,
    STUDY_INSTANCE_UID,
    AccessPoint,
    Action,
    AuditMessage,
    Code,
    Kind,
    Object,
    Participant,
    Result,
    SopClass,
)
from gateway.contract.acts import Act, Asked, Moved
from gateway.contract.message import Subject
from gateway.contract.outcome import Outcome, Refused, Stored

NONE = "<none>"
"""The value of a mandatory identifier that is not known or must not be disclosed (convention of dcm4che)."""

RESULTS: Mapping[type[Outcome], Result] = {Stored: Result.SUCCESS, Refused: Result.SERIOUS_FAILURE}
CREATING = frozenset({"A01", "A04", "A05", "A28"})
DELETING = frozenset({"A23", "A29"})
OF_FHIR: Mapping[str, Action] = {
    "create Patient": Action.CREATE,
    "update Patient": Action.UPDATE,
    "patch Patient": Action.UPDATE,
    "delete Patient": Action.DELETE,
    "transaction Bundle": Action.UPDATE,
    "batch Bundle": Action.UPDATE,
}
"""What an interaction does to the patient's record; others only use it. A bundle may do anything."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """The identity of this process in audit messages."""

    process_id: str
    host: str
    ae_titles: tuple[str, ...] = ()

    def participant(self, role: Code | None, user_id: str = "", alternative_user_id: str = "") -> Participant:
        """Return the gateway in *role*, by the name that the peer uses for it, or else by its process ID."""
        return Participant(
            user_id or self.process_id,
            role,
            alternative_user_id or (self.process_id if user_id else ""),
            "hilum",
            is_requestor=False,
            access_point=self.host,
            access_point_type=AccessPoint.MACHINE_NAME,
        )


def application_activity(gateway: Gateway, time: datetime, *, started: bool) -> AuditMessage:
    """Return the message that the gateway has started or stopped."""
    titles = f"AETITLES={';'.join(gateway.ae_titles)}" if gateway.ae_titles else ""  # PS3.15 A.5.2.2
    return AuditMessage(
        APPLICATION_ACTIVITY,
        Action.EXECUTE,
        Result.SUCCESS,
        time,
        (gateway.participant(APPLICATION, alternative_user_id=titles),),
        event_type=APPLICATION_START if started else APPLICATION_STOP,
    )


def result_of(outcome: Outcome) -> Result:
    """Return the indicator for *outcome*: Unavailable is a minor failure, because it is tried again."""
    return RESULTS.get(type(outcome), Result.MINOR_FAILURE)


def reason_of(outcome: Outcome) -> str:
    """Return the reason of an outcome that is not positive; it is a fixed sentence."""
    return "" if isinstance(outcome, Stored) else outcome.reason


def instances_transferred(
    source: Participant,
    destination: Participant,
    subject: Subject,
    instances: Sequence[tuple[str, str]],
    outcome: Outcome,
    time: datetime,
) -> AuditMessage:
    """Return the message that *instances* (SOP class, SOP instance) of one study were transferred, or were not."""
    return AuditMessage(
        INSTANCES_TRANSFERRED,
        # "If the Audit Source ... does not know whether or not the instances previously were held", A.5.3.7
        Action.READ,
        result_of(outcome),
        time,
        (source, destination),
        (
            Object(
                Kind.STUDY,
                STUDY_INSTANCE_UID,
                subject.study_instance_uid or NONE,
                sop_classes=tuple(_by_class(instances, name_each=not isinstance(outcome, Stored))),
            ),
            _patient(subject),
        ),
        outcome=reason_of(outcome),
    )


def _by_class(instances: Sequence[tuple[str, str]], *, name_each: bool) -> list[SopClass]:
    uids: dict[str, list[str]] = {}
    for sop_class, uid in instances:
        uids.setdefault(sop_class, []).append(uid)
    return [SopClass(each, len(found), tuple(found) if name_each else ()) for each, found in uids.items()]


def patient_record(  # noqa: PLR0913  what a transfer is
    source: Participant,
    destination: Participant,
    subject: Subject,
    message_type: str,
    control_id: str,
    outcome: Outcome,
    time: datetime,
    *,
    fhir: str = "",
) -> AuditMessage:
    """Return the message that an HL7 message of *message_type* (``ADT^A01``) was transferred, or was not.

    For FHIR, *fhir* is the interaction and the type: ``update Patient``.
    """
    return AuditMessage(
        PATIENT_RECORD,
        OF_FHIR.get(fhir, Action.READ) if fhir else _action(message_type),
        result_of(outcome),
        time,
        (source, destination),
        (_patient(subject, {"MSH-9": message_type, "MSH-10": control_id, "FHIR": fhir}),),
        outcome=reason_of(outcome),
    )


def _action(message_type: str) -> Action:
    """Return what the message does to the patient record; messages other than ADT count as reading it."""
    kind, _, event = message_type.partition("^")
    if kind != "ADT":
        return Action.READ
    return Action.CREATE if event in CREATING else Action.DELETE if event in DELETING else Action.UPDATE


def _patient(subject: Subject, details: Mapping[str, str] | None = None) -> Object:
    found = {name: value for name, value in (details or {}).items() if value}
    return Object(Kind.PATIENT, PATIENT_NUMBER, subject.patient_id or NONE, subject.patient_name, found)


def node_authentication_failed(
    gateway: Gateway, listener: str, reason: str, peer_ip: str, claim: str, time: datetime
) -> AuditMessage:
    """Return the message that a peer was rejected because of its identity; *claim* is the name it gave itself."""
    performer = Participant(
        claim or peer_ip or NONE, access_point=peer_ip, access_point_type=AccessPoint.IP_ADDRESS if peer_ip else None
    )
    subject = Object(
        Kind.SECURITY_RESOURCE,
        NODE_ID,
        peer_ip or NONE,
        claim,
        {"Alert Description": f"listener {listener} rejected the node: {reason}"},
    )
    return AuditMessage(
        SECURITY_ALERT,
        Action.EXECUTE,
        Result.SERIOUS_FAILURE,
        time,
        (gateway.participant(None), performer),
        (subject,),
        event_type=NODE_AUTHENTICATION,
    )


def restricted_function_used(gateway: Gateway, act: Act, time: datetime) -> AuditMessage:
    """Return what an operator did with the messages that are spooled here, or asked of a crosswalk."""
    operator = Participant(
        act.by or NONE,
        is_requestor=True,
        access_point=act.address,
        access_point_type=AccessPoint.IP_ADDRESS if act.address else None,
    )
    description = {"Alert Description": act.what, **({"Reason": act.why} if act.why else {})}
    return AuditMessage(
        SECURITY_ALERT,
        Action.EXECUTE,
        Result.SUCCESS if act.is_done else Result.SERIOUS_FAILURE,
        time,
        (gateway.participant(None), operator),
        (Object(Kind.SECURITY_RESOURCE, NODE_ID, gateway.host or NONE, act.on, description),),
        event_type=RESTRICTED_FUNCTION,
        outcome="" if act.is_done else "cut off by a failure: done in part, or not at all",
    )


def media_moved(gateway: Gateway, moved: Moved, messages: int, time: datetime, *, is_done: bool) -> AuditMessage:
    """Return the message of one import or export of many *messages*; patients and studies are not named."""
    is_import = moved.what == "import"
    operator = Participant(moved.by or NONE, is_requestor=True)
    bucket, role = (moved.source, SOURCE_MEDIA) if is_import else (moved.destination, DESTINATION_MEDIA)
    store = moved.destination if is_import else moved.source
    details = {"Messages": str(messages), "Store": store}
    return AuditMessage(
        IMPORT if is_import else EXPORT,
        Action.CREATE if is_import else Action.READ,
        Result.SUCCESS if is_done else Result.MINOR_FAILURE,
        time,
        (operator, gateway.participant(APPLICATION), Participant(bucket or NONE, role)),
        (Object(Kind.STUDY, STUDY_INSTANCE_UID, NONE, "", details), Object(Kind.PATIENT, PATIENT_NUMBER, NONE)),
        outcome="" if is_done else "not everything was moved",
    )


def tables_asked(gateway: Gateway, asked: Asked, time: datetime) -> AuditMessage:
    """Return the message that somebody asked the tables."""
    operator = Participant(asked.by or NONE, SOURCE, is_requestor=True)
    return AuditMessage(
        QUERY,
        Action.EXECUTE,
        Result.SUCCESS if asked.is_answered else Result.SERIOUS_FAILURE,
        time,
        (operator, gateway.participant(DESTINATION)),
        # A.5.3.10 has the type and the role of a study for what is asked.
        (Object(Kind.STUDY, SEARCH_CRITERIA, NONE, "", {"Tables": ", ".join(asked.tables) or NONE}),),
        outcome="" if asked.is_answered else "the query was refused, or could not be run",
    )

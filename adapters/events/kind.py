"""The kinds ``pubsub`` and ``pubsub_dicom`` of listener."""

from collections.abc import Iterator

from adapters.dicom.kind import fields as dicom_fields
from adapters.dicom.subject import subject_of as subject_of_instance
from adapters.events.intake import DICOM_PROTOCOL, PROTOCOL
from adapters.events.listener import fetch, fetch_instances
from adapters.events.settings import FetchSettings, PubsubDicomSettings, PubsubSettings
from adapters.hl7.editing.kind import fields
from adapters.hl7.patient import patient_id
from adapters.hl7.subject import subject_of
from gateway.contract.body import WholeBody
from gateway.contract.kind import ListenerKind
from gateway.contract.message import DICOM_FACTS, HL7_FACTS, Message, Subject

FROM_THE_CLEAR = (
    "patients' data, or the names of their messages, come from {host} in the clear, where everybody on the way can "
    "read them; change it to https:// unless that network is protected in another way"
)


def _subject_of(message: Message, beginning: bytes) -> Subject:
    return subject_of(beginning, message.charset)


def _subject_of_instance(message: Message, beginning: bytes) -> Subject:
    return subject_of_instance(beginning, message.facts.get("transfer_syntax_uid", ""))


def _patient_of(message: Message) -> str | None:
    return patient_id(message.body.data) if isinstance(message.body, WholeBody) else None


def _notices(settings: FetchSettings) -> Iterator[tuple[str, str]]:
    store, pubsub = (each.host_in_the_clear for each in settings.clients)
    if store is not None:
        yield "store", FROM_THE_CLEAR.format(host=store)
    if pubsub is not None:
        yield "pubsub_url", FROM_THE_CLEAR.format(host=pubsub)


PUBSUB = ListenerKind(
    name=PROTOCOL,
    settings=PubsubSettings,
    gives="hl7v2",
    facts=HL7_FACTS,
    bind=None,
    subject_of=_subject_of,
    patient_of=_patient_of,
    fields=fields,
    fetch=fetch,
    notices=_notices,
)
PUBSUB_DICOM = ListenerKind(
    name=DICOM_PROTOCOL,
    settings=PubsubDicomSettings,
    gives="dicom",
    facts=tuple(each for each in DICOM_FACTS if not each.endswith("ae_title")),
    bind=None,
    subject_of=_subject_of_instance,
    fields=dicom_fields,
    fetch=fetch_instances,
    notices=_notices,
)

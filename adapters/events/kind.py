"""The kinds ``pubsub``, ``pubsub_dicom`` and ``pubsub_fhir`` of listener."""

from collections.abc import Iterator

from adapters.dicom.kind import fields as dicom_fields
from adapters.dicom.subject import subject_of as subject_of_instance
from adapters.events.dicom.listener import fetch as fetch_instances
from adapters.events.fhir.listener import fetch as fetch_resources
from adapters.events.fhir.resource import key_of
from adapters.events.hl7v2.listener import fetch as fetch_messages
from adapters.events.intake import DICOM_PROTOCOL, FHIR_PROTOCOL, PROTOCOL
from adapters.events.settings import FetchSettings, PubsubDicomSettings, PubsubFhirSettings, PubsubSettings
from adapters.fhir.message import subject_of as subject_of_resource
from adapters.hl7.editing.kind import fields
from adapters.hl7.patient import patient_id
from adapters.hl7.subject import subject_of
from gateway.contract.body import WholeBody
from gateway.contract.fhir import FHIR_FACTS
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


def _subject_of_resource(_: Message, beginning: bytes) -> Subject:
    return subject_of_resource(beginning)


def _key_of(message: Message) -> str | None:
    return key_of(message.body.data) if isinstance(message.body, WholeBody) else None


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
    fetch=fetch_messages,
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
PUBSUB_FHIR = ListenerKind(
    name=FHIR_PROTOCOL,
    settings=PubsubFhirSettings,
    gives="fhir",
    facts=FHIR_FACTS,
    bind=None,
    subject_of=_subject_of_resource,
    patient_of=_key_of,
    fetch=fetch_resources,
    notices=_notices,
)

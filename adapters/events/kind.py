"""The kinds ``pubsub``, ``pubsub_dicom`` and ``pubsub_fhir`` of listener.

What fetches is imported when a configuration has such a listener: it takes memory.
"""

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager

from adapters.dicom.kind import fields as dicom_fields
from adapters.dicom.subject import subject_of as subject_of_instance
from adapters.events.buckets.settings import BucketNotificationsSettings
from adapters.events.settings import FetchSettings, PubsubDicomSettings, PubsubFhirSettings, PubsubSettings
from adapters.hl7.editing.kind import fields
from adapters.hl7.patient import patient_id
from adapters.hl7.subject import subject_of
from gateway.contract.body import WholeBody
from gateway.contract.destination import Deliver
from gateway.contract.fhir import FHIR_FACTS
from gateway.contract.kind import ListenerKind, Tools
from gateway.contract.listener import Drained
from gateway.contract.message import DICOM_FACTS, HL7_FACTS, Message, Subject
from gateway.contract.meter import ListenerMeter, SourceMeter
from gateway.contract.pipeline import Notified

FROM_THE_CLEAR = (
    "patients' data, or the names of their messages, come from {host} in the clear, where everybody on the way can "
    "read them; change it to https:// unless that network is protected in another way"
)


async def _fetch(
    name: str, settings: FetchSettings, deliver: Deliver, meter: ListenerMeter, source_meter: SourceMeter, tools: Tools
) -> Drained:
    given = name, settings, deliver, (meter, source_meter), tools
    match settings:
        case PubsubDicomSettings():
            from adapters.events.dicom.listener import DicomListener  # noqa: PLC0415  see the module's docstring

            return DicomListener(*given)
        case PubsubFhirSettings():
            from adapters.events.fhir.listener import FhirListener  # noqa: PLC0415  likewise

            return FhirListener(*given)
        case _:
            from adapters.events.hl7v2.listener import Hl7v2Listener  # noqa: PLC0415  likewise

            return Hl7v2Listener(*given)


def open_notifications(
    settings: BucketNotificationsSettings, tools: Tools, meter: SourceMeter
) -> AbstractAsyncContextManager[Notified]:
    """Open what tells of changes in buckets."""
    from adapters.events.buckets.watching import open_watch  # noqa: PLC0415  see the module's docstring

    return open_watch(settings, tools, meter)


def _subject_of(message: Message, beginning: bytes) -> Subject:
    return subject_of(beginning, message.charset)


def _subject_of_instance(message: Message, beginning: bytes) -> Subject:
    return subject_of_instance(beginning, message.facts.get("transfer_syntax_uid", ""))


def _subject_of_resource(_: Message, beginning: bytes) -> Subject:
    from adapters.fhir.message import subject_of as subject_of_resource  # noqa: PLC0415  likewise

    return subject_of_resource(beginning)


def _key_of(message: Message) -> str | None:
    from adapters.events.fhir.resource import key_of  # noqa: PLC0415  likewise

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
    name="pubsub",
    settings=PubsubSettings,
    gives="hl7v2",
    facts=HL7_FACTS,
    bind=None,
    subject_of=_subject_of,
    patient_of=_patient_of,
    fields=fields,
    fetch=_fetch,
    notices=_notices,
)
PUBSUB_DICOM = ListenerKind(
    name="pubsub_dicom",
    settings=PubsubDicomSettings,
    gives="dicom",
    facts=tuple(each for each in DICOM_FACTS if not each.endswith("ae_title")),
    bind=None,
    subject_of=_subject_of_instance,
    fields=dicom_fields,
    fetch=_fetch,
    notices=_notices,
)
PUBSUB_FHIR = ListenerKind(
    name="pubsub_fhir",
    settings=PubsubFhirSettings,
    gives="fhir",
    facts=FHIR_FACTS,
    bind=None,
    subject_of=_subject_of_resource,
    patient_of=_key_of,
    fetch=_fetch,
    notices=_notices,
)

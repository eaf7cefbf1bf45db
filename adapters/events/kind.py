"""The kind ``pubsub`` of listener."""

from collections.abc import Iterator

from adapters.events.intake import PROTOCOL
from adapters.events.listener import fetch
from adapters.events.settings import PubsubSettings
from adapters.hl7.editing.kind import fields
from adapters.hl7.patient import patient_id
from adapters.hl7.subject import subject_of
from gateway.contract.body import WholeBody
from gateway.contract.kind import ListenerKind
from gateway.contract.message import HL7_FACTS, Message, Subject

FROM_THE_CLEAR = (
    "patients' data, or the names of their messages, come from {host} in the clear, where everybody on the way can "
    "read them; change it to https:// unless that network is protected in another way"
)


def _subject_of(message: Message, beginning: bytes) -> Subject:
    return subject_of(beginning, message.charset)


def _patient_of(message: Message) -> str | None:
    return patient_id(message.body.data) if isinstance(message.body, WholeBody) else None


def _notices(settings: PubsubSettings) -> Iterator[tuple[str, str]]:
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

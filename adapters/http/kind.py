"""The kind ``http`` of listener."""

from adapters.fhir.message import patient_of, subject_of
from adapters.http.fhir.files import lines, read_file
from adapters.http.listener import bind
from adapters.http.settings import HttpListenerSettings, HttpPeerSettings
from gateway.contract.body import WholeBody
from gateway.contract.fhir import FHIR_FACTS, INTERACTIONS
from gateway.contract.kind import ListenerKind
from gateway.contract.message import Message, Subject


def _subject_of(_: Message, beginning: bytes) -> Subject:
    return subject_of(beginning)


def _patient_of(message: Message) -> str | None:
    return patient_of(message.body.data, message.interaction) if isinstance(message.body, WholeBody) else None


HTTP_IN = ListenerKind(
    name="http",
    settings=HttpListenerSettings,
    gives="fhir",
    facts=FHIR_FACTS,
    bind=bind,
    subject_of=_subject_of,
    patient_of=_patient_of,
    read_file=read_file,
    lines=lines,
    allowed_values=lambda _: {"interaction": INTERACTIONS},
    parts={"`peers.NAME` of an `http` listener (a key left out has the listener's value)": HttpPeerSettings},
)

"""The kind ``mllp`` of listener."""

from adapters.hl7.answers import AnswerCodes
from adapters.hl7.editing.kind import fields
from adapters.hl7.patient import patient_id
from adapters.hl7.subject import subject_of
from adapters.mllp.listener import bind
from adapters.mllp.sending.commands import send
from adapters.mllp.sending.trying import lines, read_file
from adapters.mllp.settings import MllpListenerSettings, MllpPeerSettings
from gateway.contract.body import WholeBody
from gateway.contract.kind import ListenerKind
from gateway.contract.message import HL7_FACTS, Message, Subject


def _subject_of(message: Message, beginning: bytes) -> Subject:
    return subject_of(beginning, message.charset)


def _patient_of(message: Message) -> str | None:
    return patient_id(message.body.data) if isinstance(message.body, WholeBody) else None


MLLP = ListenerKind(
    name="mllp",
    settings=MllpListenerSettings,
    gives="hl7v2",
    facts=HL7_FACTS,
    bind=bind,
    subject_of=_subject_of,
    patient_of=_patient_of,
    fields=fields,
    tells_acknowledgements=True,
    send=send,
    read_file=read_file,
    lines=lines,
    parts={
        "`peers.NAME` of an `mllp` listener (a key left out has the listener's value)": MllpPeerSettings,
        "`answers`": AnswerCodes,
    },
)

"""The kind ``dimse`` of listener."""

from adapters.dimse.listener import bind
from adapters.dimse.requesting.commands import echo, send
from adapters.dimse.settings import DimseListenerSettings, DimsePeerSettings
from adapters.dimse.subject import subject_of
from gateway.contract.kind import ListenerKind
from gateway.contract.message import DICOM_FACTS, Message, Subject


def _subject_of(message: Message, beginning: bytes) -> Subject:
    return subject_of(beginning, message.facts.get("transfer_syntax_uid", ""))


def _title_of(settings: DimseListenerSettings) -> str:
    return settings.ae_title


DIMSE = ListenerKind(
    name="dimse",
    settings=DimseListenerSettings,
    gives="dicom",
    facts=DICOM_FACTS,
    bind=bind,
    subject_of=_subject_of,
    title_of=_title_of,
    send=send,
    echo=echo,
    parts={"`peers.NAME` of a `dimse` listener (what is left out is as the listener has it)": DimsePeerSettings},
)

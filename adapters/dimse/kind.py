"""The kind ``dimse`` of listener."""

from collections.abc import Iterator, Mapping, Sequence

from adapters.dicom.kind import fields
from adapters.dicom.subject import subject_of
from adapters.dimse.listener import bind
from adapters.dimse.requesting.commands import echo, send
from adapters.dimse.settings import DimseListenerSettings, DimsePeerSettings
from gateway.contract.kind import ListenerKind, Recognised
from gateway.contract.message import DICOM_FACTS, Message, Subject


def _subject_of(message: Message, beginning: bytes) -> Subject:
    return subject_of(beginning, message.facts.get("transfer_syntax_uid", ""))


def _title_of(settings: DimseListenerSettings) -> str:
    return settings.ae_title


def _allowed_values(settings: DimseListenerSettings) -> Mapping[str, Sequence[str]]:
    return settings.allowed_values()


def _read_file(data: bytes, listener: str) -> Iterator[Message]:
    from adapters.dimse.requesting import trying  # noqa: PLC0415  the daemon needs no reader of files in memory

    return trying.read_file(data, listener)


def _recognise(head: bytes) -> Recognised | None:
    from adapters.dimse.requesting import recognising  # noqa: PLC0415  likewise

    return recognising.recognise(head)


def _lines(data: bytes) -> list[str]:
    from adapters.dimse.requesting import trying  # noqa: PLC0415  likewise

    return trying.lines(data)


DIMSE = ListenerKind(
    name="dimse",
    settings=DimseListenerSettings,
    gives="dicom",
    facts=DICOM_FACTS,
    bind=bind,
    subject_of=_subject_of,
    title_of=_title_of,
    allowed_values=_allowed_values,
    fields=fields,
    send=send,
    read_file=_read_file,
    recognise=_recognise,
    lines=_lines,
    echo=echo,
    parts={"`peers.NAME` of a `dimse` listener (a key left out has the listener's value)": DimsePeerSettings},
)

"""The kind ``http`` of listener. What serves is imported when a configuration has such a listener: it takes memory."""

import socket
from collections.abc import Iterator, Sequence

from adapters.http.settings import HttpListenerSettings, HttpPeerSettings
from gateway.contract.body import WholeBody
from gateway.contract.destination import Deliver
from gateway.contract.fhir import FHIR_FACTS, INTERACTIONS
from gateway.contract.kind import ListenerKind
from gateway.contract.limits import SharedLimits
from gateway.contract.listener import Listener, TlsAcceptor
from gateway.contract.message import Message, Subject
from gateway.contract.meter import ListenerMeter


async def _bind(
    name: str,
    settings: HttpListenerSettings,
    deliver: Deliver,
    meter: ListenerMeter,
    *,
    sockets: Sequence[socket.socket],
    tls_acceptor: TlsAcceptor | None,
    limits: SharedLimits | None,
) -> Listener:
    from adapters.http.listener import bind  # noqa: PLC0415  see the module's docstring

    return await bind(name, settings, deliver, meter, sockets=sockets, tls_acceptor=tls_acceptor, limits=limits)


def _subject_of(_: Message, beginning: bytes) -> Subject:
    from adapters.fhir.message import subject_of  # noqa: PLC0415  likewise

    return subject_of(beginning)


def _patient_of(message: Message) -> str | None:
    from adapters.fhir.message import patient_of  # noqa: PLC0415  likewise

    return patient_of(message.body.data, message.interaction) if isinstance(message.body, WholeBody) else None


def _read_file(data: bytes, listener: str) -> Iterator[Message]:
    from adapters.http.fhir.files import read_file  # noqa: PLC0415  likewise

    return read_file(data, listener)


def _lines(data: bytes) -> list[str]:
    from adapters.http.fhir.files import lines  # noqa: PLC0415  likewise

    return lines(data)


HTTP_IN = ListenerKind(
    name="http",
    settings=HttpListenerSettings,
    gives="fhir",
    facts=FHIR_FACTS,
    bind=_bind,
    subject_of=_subject_of,
    patient_of=_patient_of,
    read_file=_read_file,
    lines=_lines,
    allowed_values=lambda _: {"interaction": INTERACTIONS},
    parts={"`peers.NAME` of an `http` listener (a key left out has the listener's value)": HttpPeerSettings},
)

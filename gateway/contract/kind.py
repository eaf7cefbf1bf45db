"""What a kind of listener, destination, step or credential is: one object, exported by the package that implements it.

``gateway.kinds`` lists them. Configuration, ``hilum check``, ``hilum schema``, docs/configuration.md and the
composition root are made from that table.
"""

import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Protocol, Self

from gateway.contract.destination import Deliver, Destination
from gateway.contract.limits import SharedLimits
from gateway.contract.listener import Entrance, Listener
from gateway.contract.message import Message, Subject
from gateway.contract.meter import ListenerMeter
from gateway.contract.sending import Address, Answered, SendOptions
from gateway.contract.settings import ClientTlsSettings, DestinationSettings, ListenerSettings, Settings
from gateway.contract.step import Step

Format = Literal["hl7v2", "dicom", "fhir", "event"]
"""What a message is."""
Parts = Mapping[str, type[Settings]]
"""Titles for docs/configuration.md to the settings below those of a kind that are a table of their own there."""
Contexts = Callable[[], ssl.SSLContext]
"""Gives the context for the next handshake."""


Send = Callable[[Address, Iterable[Path], SendOptions], AsyncIterator[Answered]]
Echo = Callable[[Address, SendOptions], AsyncIterator[Answered]]


class Bind(Protocol):
    """Binds a listener."""

    async def __call__(
        self,
        name: str,
        settings: Any,
        deliver: Deliver,
        meter: ListenerMeter,
        *,
        sockets: Sequence[socket.socket],
        entrance: Entrance | None,
        limits: SharedLimits | None,
    ) -> Listener:
        """Listen as *settings* say and have each message delivered by *deliver*; raises OSError where it cannot bind.

        *sockets* that listen already take the place of the settings' address. Peers come in through *entrance*.
        """


class FieldReader(Protocol):
    """Reads what a route asks of a message beyond its facts."""

    async def __call__(self, message: Message) -> tuple[Mapping[str, str], Message]:
        """Return the values that are there, by name, and the message to go on with: its body may have been begun."""


def _no_fields(_: Sequence[str]) -> FieldReader:
    raise ValueError("has no fields that routes may read")


def _no_patient(_: Message) -> None:
    return None


def _no_title(_: Any) -> None:
    return None


def _any_value(_: Any) -> Mapping[str, Sequence[str]]:
    return {}


@dataclass(frozen=True, slots=True)
class ListenerKind:
    """What accepts peers."""

    name: str
    """Its ``kind`` in the configuration, and the fact ``protocol`` of its messages."""
    settings: type[ListenerSettings]
    gives: Format
    facts: tuple[str, ...]
    """What routes may read of its messages beside COMMON_FACTS."""
    bind: Bind
    subject_of: Callable[[Message, bytes], Subject]
    """Whom a message is about, by the beginning of its body; for the audit trail alone."""
    patient_of: Callable[[Message], str | None] = _no_patient
    """Which patient a message is about, for ``order_by: patient``."""
    fields: Callable[[Sequence[str]], FieldReader] = _no_fields
    """Returns what reads the fields of these names; raises ValueError, which says why, where one is no name."""
    read_file: Callable[[bytes, str], Iterator[Message]] | None = None
    """Yields the messages in the octets of a file, as if the listener of that name had received them; for `hilum try`.
    Raises ValueError, which says why, where it holds none."""
    lines: Callable[[bytes], list[str]] | None = None
    """Returns the body of a message as lines for people, for `hilum try`."""
    title_of: Callable[[Any], str | None] = _no_title
    """By which name its peers call it, as its settings say."""
    allowed_values: Callable[[Any], Mapping[str, Sequence[str]]] = _any_value
    """Facts that every message has, each with the only values that the settings allow; for `hilum check`."""
    send: Send | None = None
    """Sends the messages in files to such a listener, for ``hilum send``; yields each answer."""
    echo: Echo | None = None
    """Asks such a listener whether it is there, for ``hilum echo``."""
    parts: Parts = field(default_factory=dict)


class Store(Destination, Protocol):
    """A destination together with what the composition root does with it."""

    @property
    def address(self) -> str:
        """Where it is, as it may be shown."""

    async def __aenter__(self) -> Self:
        """Be ready for the first message."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of what it holds after the last message."""


@dataclass(frozen=True, slots=True)
class CredentialKind:
    """What makes Hilum known to a store."""

    name: str
    settings: type[Settings]
    open: Callable[..., Any]
    """Returns the ``Authorization`` of ``adapters.rest.credentials`` that the settings ask for."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What the composition root gives to those who open a destination."""

    contexts: Callable[[str, ClientTlsSettings | None], Contexts]
    """Makes the TLS contexts for a place in the configuration; raises ConfigError where a file is no good."""
    credentials: Mapping[str, CredentialKind]
    """The kinds of credentials, by name."""


def _nothing_to_know(_: Any, __: Sequence[str]) -> Iterator[tuple[str, str]]:
    return iter(())


@dataclass(frozen=True, slots=True)
class DestinationKind:
    """A store, or whatever else takes messages."""

    name: str
    settings: type[DestinationSettings]
    takes: frozenset[Format]
    open: Callable[[str, Any, Tools], Store]
    """Makes the destination of a name; raises ConfigError where a file of its settings is no good."""
    notices: Callable[[Any, Sequence[str]], Iterator[tuple[str, str]]] = _nothing_to_know
    """Yields what an operator should know of its settings, given the listeners that relay to it: a key and a text."""
    parts: Parts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StepCounter:
    """The metric of a kind of step that finds something out about each message."""

    name: str
    """Without its ``_total``. Its labels are ``step`` and ``result``."""
    text: str
    results: tuple[str, ...]
    """The values of ``result``; each is shown from the start."""


@dataclass(frozen=True, slots=True)
class StepKind:
    """What changes messages in a route."""

    name: str
    settings: type[Settings]
    takes: frozenset[Format]
    open: Callable[..., AbstractAsyncContextManager[Step]]
    """Opens the step of a name; raises ConfigError where a file of its settings is no good."""
    gives: Format | None = None
    """None where it gives what it takes."""
    parts: Parts = field(default_factory=dict)
    counter: StepCounter | None = None
    """Where there is one, ``open`` is given a third argument, which counts one of its results."""


Kind = ListenerKind | DestinationKind | StepKind | CredentialKind

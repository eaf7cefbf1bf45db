"""The description of a kind of listener, destination, step, bucket or credentials: one object, exported by its package.

``gateway.kinds`` lists all kinds. Configuration, ``hilum check``, ``hilum schema``, docs/configuration.md and the
composition root are made from that table.
"""

import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Protocol, Self

from gateway.contract.acknowledgements import Acknowledgements
from gateway.contract.destination import Deliver, Destination
from gateway.contract.limits import SharedLimits
from gateway.contract.listener import Drained, Listener, TlsAcceptor
from gateway.contract.message import Message, Subject
from gateway.contract.meter import ListenerMeter, SourceMeter
from gateway.contract.objects import Bucket
from gateway.contract.once import OnePerGateway
from gateway.contract.outcome import Refused
from gateway.contract.release import Reidentify, Release
from gateway.contract.sending import Address, Answered, SendOptions
from gateway.contract.settings import ClientTlsSettings, DeliverySettings, Settings, SourceSettings
from gateway.contract.step import Step
from gateway.contract.store_listing import Listing

Format = Literal["hl7v2", "dicom", "fhir", "event"]
"""The format of a message."""
Parts = Mapping[str, type[Settings]]
"""Nested settings of a kind that have a table of their own in docs/configuration.md, by the title of that table."""
Contexts = Callable[[], ssl.SSLContext]
"""Returns the TLS context for the next handshake."""


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
        tls_acceptor: TlsAcceptor | None,
        limits: SharedLimits | None,
    ) -> Listener:
        """Listen as *settings* say and pass each message to *deliver*; raises OSError if it cannot bind.

        *sockets* are already listening; if there are any, the address in *settings* is not bound. *tls_acceptor* does
        TLS handshakes.
        """


class Fetch(Protocol):
    """Opens a listener that fetches messages itself."""

    async def __call__(
        self,
        name: str,
        settings: Any,
        deliver: Deliver,
        meter: ListenerMeter,
        source_meter: SourceMeter,
        tools: "Tools",
    ) -> Drained:
        """Begin to fetch as *settings* say and pass each message to *deliver*; raises ConfigError if it cannot.

        Each worker opens it; only one of them may fetch at a time (``gateway.contract.once``).
        """


class FieldReader(Protocol):
    """Reads the fields of a message that routes match besides its facts."""

    async def __call__(self, message: Message) -> tuple[Mapping[str, str], Message]:
        """Return the fields that have a value, and the message to use from now on: part of its body may be read."""


def _no_fields(_: Sequence[str]) -> FieldReader:
    raise ValueError("has no fields that routes may read")


def _no_patient(_: Message) -> None:
    return None


def _no_title(_: Any) -> None:
    return None


def _nothing_to_note(_: Any) -> Iterator[tuple[str, str]]:
    return iter(())


def _any_value(_: Any) -> Mapping[str, Sequence[str]]:
    return {}


@dataclass(frozen=True, slots=True)
class Recognised:
    """What the first octets of a file say of the message in it."""

    facts: Mapping[str, str]
    identifiers: Mapping[str, str]
    missing: bytes = b""
    """Octets that belong before the file so that it is whole: a header that its writer has left out."""
    is_index: bool = False
    """Whether the file only lists other files, and is no message."""


def _recognise_nothing(_: bytes) -> Recognised | None:
    return None


@dataclass(frozen=True, slots=True)
class ListenerKind:
    """A kind of listener."""

    name: str
    """The value of ``kind`` in the configuration, and of the fact ``protocol`` of its messages."""
    settings: type[SourceSettings]
    """For a kind with ``bind`` a ListenerSettings."""
    gives: Format
    facts: tuple[str, ...]
    """The facts of its messages that routes may match, besides COMMON_FACTS."""
    bind: Bind | None
    """Binds a port, to which peers connect; None for a kind with ``fetch``."""
    subject_of: Callable[[Message, bytes], Subject]
    """Returns the patient and study of a message, from the beginning of its body; for the audit trail only."""
    patient_of: Callable[[Message], str | None] = _no_patient
    """Returns the patient of a message, for ``order_by: patient``."""
    fields: Callable[[Sequence[str]], FieldReader] = _no_fields
    """Returns the reader of the fields with these names; raises ValueError with the reason if a name is not valid."""
    read_file: Callable[[bytes, str], Iterator[Message]] | None = None
    """Yields the messages in the octets of a file as if the listener of that name had received them, for `hilum try`.
    Raises ValueError with the reason if there are none."""
    recognise: Callable[[bytes], Recognised | None] = _recognise_nothing
    """Returns what the first 64 KiB of a file say of the one message in it, for formats whose messages may be larger
    than the memory; None if it is none. Raises ValueError with the reason if it is one that cannot be used."""
    lines: Callable[[bytes], list[str]] | None = None
    """Returns the body of a message as readable lines, for `hilum try`."""
    title_of: Callable[[Any], str | None] = _no_title
    """Returns the AE title of the listener from its settings, if it has one."""
    allowed_values: Callable[[Any], Mapping[str, Sequence[str]]] = _any_value
    """Returns facts that every message has, each with the only values that the settings allow, for `hilum check`."""
    send: Send | None = None
    """Sends the messages in files to such a listener and yields each answer, for ``hilum send``."""
    tells_acknowledgements: bool = False
    """Whether ``bind`` takes an argument ``acknowledgements`` and tells it of each acknowledgement that comes in."""
    echo: Echo | None = None
    """Yields whether such a listener answers, for ``hilum echo``."""
    parts: Parts = field(default_factory=dict)
    fetch: Fetch | None = None
    """Opens a listener that fetches messages; None for a kind with ``bind``."""
    notices: Callable[[Any], Iterator[tuple[str, str]]] = _nothing_to_note
    """Yields notices about its settings, each a key and a text."""


class Store(Destination, Protocol):
    """A destination with the methods that the composition root calls."""

    @property
    def address(self) -> str:
        """Its address without secrets, for logs and the audit trail."""

    async def __aenter__(self) -> Self:
        """Prepare for the first message."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release all resources after the last message."""


@dataclass(frozen=True, slots=True)
class CredentialKind:
    """A kind of credentials, by which Hilum authenticates to a store."""

    name: str
    settings: type[Settings]
    open: Callable[..., Any]
    """Returns the ``Authorization`` (of ``adapters.rest.credentials``) for the settings."""


KeepGoing = Callable[[str, Callable[[], Awaitable[None]]], Awaitable[None]]
"""Runs a task of that name until cancelled, and runs it again when it ends."""


async def _keep_going(_: str, run: Callable[[], Awaitable[None]]) -> None:
    await run()


@dataclass(frozen=True, slots=True)
class ExchangeCounter:
    """The metric of a kind of destination that tells more of its exchanges than their outcomes."""

    name: str
    """Without its ``_total``. Its labels are ``destination`` and ``result``."""
    text: str
    results: tuple[str, ...]
    """The values of ``result``; each is shown from the start."""


def _no_contexts(place: str, _: ClientTlsSettings) -> Contexts:
    raise LookupError(f"{place}: no TLS contexts are provided")


def _no_lock(thing: str) -> OnePerGateway:
    raise LookupError(f"{thing}: no data directory is provided")


def _count_nothing(_: str, __: ExchangeCounter) -> Callable[[str], None]:
    return lambda _: None


def _no_bucket(name: str) -> Bucket:
    raise LookupError(f"buckets.{name}: no buckets are provided")


@dataclass(frozen=True, slots=True)
class Tools:
    """What the composition root passes to a kind that opens a destination or a listener that fetches."""

    contexts: Callable[[str, ClientTlsSettings | None], Contexts]
    """Makes the TLS contexts for a place in the configuration; raises ConfigError if a file cannot be used."""
    credentials: Mapping[str, CredentialKind]
    """The kinds of credentials, by name."""
    bare_contexts: Callable[[str, ClientTlsSettings], Contexts] = _no_contexts
    """Like ``contexts``, for a protocol other than HTTP: no application protocol is offered (ALPN)."""
    once: Callable[[str], OnePerGateway] = _no_lock
    """Makes the lock of a thing that only one process of the gateway may do at a time, such as ``destination lab``."""
    counter: Callable[[str, ExchangeCounter], Callable[[str], None]] = _count_nothing
    """Returns a function that counts a result of the destination with this name."""
    acknowledgements: Acknowledgements = field(default_factory=Acknowledgements)
    """Tells of acknowledgements that come in at listeners."""
    data_dir: Path | None = None
    """The folder for what must outlast the process."""
    read_stores: frozenset[str] = frozenset()
    """The addresses of stores that listeners read from: what is put there comes back."""
    keep_going: KeepGoing = _keep_going
    """Runs a task of a listener that fetches, and restarts it if it ends by an error."""
    bucket: Callable[[str], Bucket] = _no_bucket
    """Opens the bucket of the configuration with this name; raises ConfigError if a file in its settings cannot be
    used."""


def _nothing_to_know(_: Any, __: Sequence[str]) -> Iterator[tuple[str, str]]:
    return iter(())


@dataclass(frozen=True, slots=True)
class DestinationKind:
    """A kind of destination: a store, or anything else that takes messages."""

    name: str
    settings: type[DeliverySettings]
    takes: frozenset[Format]
    open: Callable[[str, Any, Tools], Store]
    """Makes the destination with this name; raises ConfigError if a file in its settings cannot be used."""
    notices: Callable[[Any, Sequence[str]], Iterator[tuple[str, str]]] = _nothing_to_know
    """Yields notices about its settings, each a key and a text, given the names of the listeners that relay to it."""
    parts: Parts = field(default_factory=dict)
    counter: ExchangeCounter | None = None
    """What it counts by ``Tools.counter``, for docs/reference/metrics.md."""
    listing: Callable[[str, Any, Tools], AbstractAsyncContextManager[Listing]] | None = None
    """Opens, like ``open``, what tells all that the store holds, for ``hilum deidentify --stores``."""
    once_per_gateway: bool = False
    """Whether only one process of a gateway may use it: ``workers`` above 1 are a mistake. It locks itself by
    ``Tools.once``."""
    reads_ranges: bool = False
    """Whether it reads of an instance only the parts that it needs, where the body is a ``RangedBody``."""


@dataclass(frozen=True, slots=True)
class StepCounter:
    """The metric of a kind of step that finds something out about each message."""

    name: str
    """Without its ``_total``. Its labels are ``step`` and ``result``."""
    text: str
    results: tuple[str, ...]
    """The values of ``result``; each is shown from the start."""


Explain = Callable[[Message, bytes], tuple[bytes | Refused, tuple[str, ...]]]
"""Converts a message with these octets; returns the result, and sentences without payload on what is not in it."""


@dataclass(frozen=True, slots=True)
class StepKind:
    """A kind of step, which changes messages in a route."""

    name: str
    settings: type[Settings]
    takes: frozenset[Format]
    open: Callable[..., AbstractAsyncContextManager[Step]]
    """Opens the step with this name; raises ConfigError if a file in its settings cannot be used."""
    gives: Format | None = None
    """The format of the result; None if it is that of the input."""
    parts: Parts = field(default_factory=dict)
    counter: StepCounter | None = None
    """Where there is one, ``open`` is given a third argument, which counts one of its results."""
    wants_domains: bool = False
    """Whether ``open`` also takes the keyword argument ``domains``: the section of that name."""
    notices: Callable[[Any], Iterator[tuple[str, str]]] = _nothing_to_note
    """Yields notices about its settings, each a key and a text."""
    release: Callable[[Any, Any], Release] | None = None
    """Returns, for its settings and the section ``domains``, what a report says of it, for ``hilum deidentify``. Raises
    ValueError with the setting that is wrong."""
    reidentify: Callable[[Any], AbstractContextManager[Reidentify]] | None = None
    """Opens, for its settings, what turns its pseudonyms back, for ``hilum reidentify``. Raises ValueError likewise."""
    explain: Callable[[Any], Explain] | None = None
    """Returns, for its settings, what converts a message and says what it leaves out, for ``hilum fhir``. Raises
    ValueError with the reason if a file in its settings cannot be used."""


@dataclass(frozen=True, slots=True)
class BucketKind:
    """A kind of bucket, from which objects are read and to which they are written."""

    name: str
    settings: type[Settings]
    open: Callable[[str, Any], Bucket]
    """Makes the bucket, given its place in the configuration; raises ConfigError if a file in its settings cannot be
    used."""
    notices: Callable[[Any], Iterator[tuple[str, str]]] = _nothing_to_note
    """Yields notices about its settings, each a key and a text."""
    parts: Parts = field(default_factory=dict)


Kind = ListenerKind | DestinationKind | StepKind | BucketKind | CredentialKind

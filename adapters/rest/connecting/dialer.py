"""Opens connections to one store: resolves its name or that of a proxy, connects by TCP, opens a tunnel, starts TLS."""

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any, Protocol, TypeVar, cast
from urllib.parse import urlsplit

from aiohappyeyeballs import AddrInfoType, start_connection

from adapters.rest.connecting.failures import (
    TLS_TOO_SLOW,
    TOO_SLOW,
    UNREACHABLE,
    UNRESOLVED,
    connecting_failure,
    tls_failure,
)
from adapters.rest.connecting.tls_layer import TlsLayer, UpperProtocol
from adapters.rest.http.http1 import Failure
from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.connection_faults import addresses, diagnose_name, diagnose_slowness, told
from gateway.contract.errors import LocalProtocolError

HEAD_START = 0.25
"""Seconds after which the next address is tried in parallel (RFC 8305 8)."""

NAME_SECONDS = 10
"""Seconds for which the addresses of a name are cached: the resolver does not tell their time to live."""

PORTS = {"http": 80, "https": 443}

P = TypeVar("P", bound=UpperProtocol)
Contexts = Callable[[], ssl.SSLContext]
"""Returns the SSL context for the next handshake."""


@dataclass(frozen=True, slots=True)
class Trust:
    """The SSL contexts for the store and for the token endpoint of its credentials.

    Where there is none, the CAs of the system are trusted.
    """

    store: Contexts | None = None
    tokens: Contexts | None = None
    authorize: Callable[[], Any] | None = None
    """Opens the credentials; by default one of the built-in kinds does."""
    shows_certificate: bool | None = None
    """Whether Hilum shows a certificate to the store; None if it is not known."""


SYSTEM = Trust()


class Origin:
    """Scheme, host and port of a URL that ``check_url`` has accepted."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._prefix = f"{parts.scheme}://{parts.netloc}"
        self.tls = parts.scheme == "https"
        self.host = parts.hostname or ""
        self.port = parts.port or PORTS[parts.scheme]
        name = f"[{self.host}]" if ":" in self.host else _ascii(self.host)
        self.authority = f"{name}:{self.port}"
        """The target of a CONNECT request to a proxy (RFC 9110 9.3.6)."""
        self.host_field = name if self.port == PORTS[parts.scheme] else f"{name}:{self.port}"
        """Value of the header field Host (RFC 9110 7.2)."""

    def target(self, url: str) -> str:
        """Return the request target of *url*; it must have this origin, because credentials are sent with it."""
        target = url.removeprefix(self._prefix)
        if target == url or target[:1] not in {"", "/", "?"}:
            raise LocalProtocolError("a request to another host than the store's")
        return target if target.startswith("/") else f"/{target}"


def _ascii(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host  # it will not be resolved either


class Via(Protocol):
    """A proxy on the way to the origin."""

    @property
    def origin(self) -> Origin:
        """The address of the proxy."""

    async def open_tunnel(self, connected: socket.socket, origin: Origin) -> Failure | None:
        """Have the proxy open a tunnel from *connected* to *origin*; return why it does not."""

    def blame(self, failure: Failure) -> Failure:
        """Return *failure* of a connection with a reason that names the proxy instead of the store."""


class Step(Enum):
    """What is done to open a connection."""

    LOOK_UP = auto()
    CONNECT = auto()
    OPEN_TUNNEL = auto()
    SHAKE_HANDS = auto()


@dataclass(slots=True)
class Try:
    """How far one attempt has come."""

    address: str
    """What is connected to, for people: addresses with their port, or before the look-up the name."""
    step: Step = Step.LOOK_UP


class Dialer:
    """Opens connections to one origin, straight or *via* a proxy. Several may be opened at once."""

    def __init__(
        self,
        origin: Origin,
        connect_seconds: float,
        contexts: Contexts | None = None,
        via: Via | None = None,
        *,
        shows_certificate: bool | None = None,
    ) -> None:
        self._origin = origin
        self.shows_certificate = shows_certificate
        """Whether Hilum shows a certificate; None if it is not known."""
        self._via = via
        self._listening = origin if via is None else via.origin
        self._seconds = connect_seconds
        self._contexts = contexts or _system() if origin.tls else None
        self._lookup = asyncio.Lock()
        self._addresses: Sequence[AddrInfoType] = ()
        self._known_until = 0.0

    async def dial(self, protocol: Callable[[socket.socket], P]) -> P | Failure:
        """Return the protocol of a new connection, or why there is none."""
        attempt = Try(told(self._listening.host, self._listening.port))
        try:
            async with asyncio.timeout(self._seconds):
                return await self._dial(protocol, attempt)
        except TimeoutError:  # also raised for ETIMEDOUT of the system
            failure = self._too_slow(attempt)
            return failure if self._via is None else self._via.blame(failure)

    def _too_slow(self, attempt: Try) -> Failure:
        match attempt.step:
            case Step.LOOK_UP:
                return replace(TOO_SLOW, diagnosis=diagnose_name(self._listening.host))
            case Step.SHAKE_HANDS:
                return replace(TLS_TOO_SLOW, diagnosis=Diagnosis(Cause.TLS_FAILED, {"error": "timeout"}))
        return replace(TOO_SLOW, diagnosis=diagnose_slowness(attempt.address, self._seconds))

    async def _dial(self, protocol: Callable[[socket.socket], P], attempt: Try) -> P | Failure:
        connected = await self._connect(attempt)
        if isinstance(connected, Failure):
            return connected if self._via is None else self._via.blame(connected)
        if self._via is not None and self._origin.tls:
            attempt.step = Step.OPEN_TUNNEL
            failure = await self._open_tunnel(self._via, connected)
            if failure is not None:
                return failure
        attempt.step = Step.SHAKE_HANDS
        return await self._shake_hands(protocol, connected, attempt)

    async def _connect(self, attempt: Try) -> socket.socket | Failure:
        try:
            found = await self._resolve()
        except (OSError, UnicodeError) as error:
            return replace(UNRESOLVED, diagnosis=diagnose_name(self._listening.host, error))
        attempt.step = Step.CONNECT
        attempt.address = addresses(found, self._listening.host, self._listening.port)
        try:
            return await start_connection(found, happy_eyeballs_delay=HEAD_START)
        except TimeoutError:
            raise
        except (OSError, RuntimeError) as error:  # uvloop raises RuntimeError for some errors of the system
            return connecting_failure(error, attempt.address, self._seconds)

    async def _open_tunnel(self, via: Via, connected: socket.socket) -> Failure | None:
        failure: Failure | None = UNREACHABLE
        try:
            failure = await via.open_tunnel(connected, self._origin)
        finally:
            if failure is not None:  # also when the task was cancelled
                connected.close()
        return failure

    async def _resolve(self) -> Sequence[AddrInfoType]:
        """Return the addresses of the host. Of several callers at the same time only one looks the name up."""
        loop = asyncio.get_running_loop()
        async with self._lookup:
            if loop.time() >= self._known_until:
                self._addresses = await self._look_up(loop)
                self._known_until = loop.time() + NAME_SECONDS
            return self._addresses

    async def _look_up(self, loop: asyncio.AbstractEventLoop) -> Sequence[AddrInfoType]:
        host, port = self._listening.host, self._listening.port
        try:
            return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        except socket.gaierror:
            return await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)

    async def _shake_hands(
        self, protocol: Callable[[socket.socket], P], connected: socket.socket, attempt: Try
    ) -> P | Failure:
        transport: asyncio.Transport | None = None
        tls: TlsLayer | None = None
        try:
            made = protocol(connected)
            tls = TlsLayer(made, self._contexts(), self._origin.host, connected) if self._contexts else None
            lowest = cast("asyncio.BaseProtocol", tls or made)
            transport, _ = await asyncio.get_running_loop().create_connection(lambda: lowest, sock=connected)
            if tls is not None:
                await tls.ready
        except BaseException as error:
            # Without a transport the event loop has not taken over the socket.
            connected.close() if transport is None else transport.abort()
            if not isinstance(error, OSError) or isinstance(error, TimeoutError):
                raise
            if tls is None:
                return connecting_failure(error, attempt.address, self._seconds)
            shows = self.shows_certificate
            return tls_failure(error, self._origin.host, attempt.address, shows_certificate=shows)
        return made


def _system() -> Contexts:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return lambda: context

"""TLS handshakes of accepted sockets: only after the handshake does a socket become a connection of its listener.

asyncio's own servers use one fixed context and do not report a handshake that failed. Here each handshake uses the
context of the current files, the time and the number of handshakes are limited, and a failure is logged and counted.
"""

import asyncio
import os
import socket
import ssl
import time
from collections.abc import Callable
from typing import cast

import structlog

from gateway.contract.causes import Cause, Diagnosis, Notice
from gateway.contract.limits import SharedLimits
from gateway.contract.meter import Rejection
from gateway.contract.places import Claim, KnownPeers, Places
from gateway.contract.settings import ServerTlsSettings
from gateway.tls import diagnosing
from gateway.tls.alerts import Farewell
from gateway.tls.causes import NOT_TLS, cause_of
from gateway.tls.identity import Certificate, has_expired, is_named, names_in

SHUTDOWN_SECONDS = 5.0
"""Longest wait for the peer's close_notify when a TLS connection is closed."""
MOST_NAMES, MOST_CHARACTERS = 8, 256
"""Names of a certificate that are logged at most, and characters that are logged of each."""

EXPIRED = "the peer's certificate has expired since its TLS session began"
NOBODY_ELSE = "no name in the peer's certificate is among client_names"
NOT_ALLOWED = Diagnosis(Cause.NETWORK_NOT_ALLOWED)

Connect = Callable[[], asyncio.Protocol]
Address = tuple[str, int]


class TlsAcceptor:
    """The TLS handshakes of one port; see ``gateway.contract.listener.TlsAcceptor``."""

    def __init__(
        self,
        name: str,
        settings: ServerTlsSettings,
        context: Callable[[], ssl.SSLContext],
        most_per_peer: int,
        rejected: Callable[[Rejection, str], None],
        allows: Callable[[str], bool] = lambda _: True,
        limits: SharedLimits | None = None,
    ) -> None:
        self.settings = settings
        self.context = context
        self._most_per_peer = most_per_peer
        self._rejected = rejected
        self.noticed: Callable[[Notice], None] = lambda _: None
        """Takes what is noticed of peers, for operators."""
        self._allows = allows
        self._log = structlog.get_logger().bind(listener=name)
        self._places = Places(settings.max_handshakes, KnownPeers() if limits is None else limits.known)
        self._limits = limits
        self._handshakes: set[asyncio.Task[None]] = set()
        self._closed = False

    def before(self, connect: Connect) -> Connect:
        """Return the protocol factory for the socket."""
        return lambda: HandshakeProtocol(self, connect)

    def close(self) -> None:
        """Cancel the handshakes in progress, and refuse later ones."""
        self._closed = True
        for task in tuple(self._handshakes):
            task.cancel()

    def has_room(self, peer: Address, descriptor: int) -> bool:
        """Whether enough file descriptors are left beside the new *descriptor*."""
        if self._limits is None or self._limits.allows_descriptor(descriptor):
            return True
        reason = Rejection.DESCRIPTOR_LIMIT
        self.reject(peer, reason, "the remaining file descriptors are reserved", diagnosing.of_limit(reason))
        return False

    def enter(self, handshake: "Handshake", sock: socket.socket) -> None:
        """Start the handshake on *sock*, unless its address is not allowed or too many handshakes are in progress."""
        if self._closed or not self._may_begin(handshake):
            sock.close()
            return
        handshake.task = task = asyncio.get_running_loop().create_task(handshake.shake_hands(sock))
        self._handshakes.add(task)
        task.add_done_callback(lambda _: self._leave(task, handshake, sock))

    def _may_begin(self, handshake: "Handshake") -> bool:
        peer = handshake.peer
        if not self._allows(peer[0]):
            self.reject(peer, Rejection.NETWORK, "the address is in none of allow_networks", NOT_ALLOWED)
            return False
        limit = self._places.enter(handshake, Claim(peer[0], self._most_per_peer))
        if limit is not None:
            of_peer = " of this peer" if limit is Rejection.PEER_LIMIT else ""
            self.reject(peer, limit, f"too many handshakes{of_peer} are in progress", diagnosing.of_limit(limit))
        return limit is None

    def _leave(self, task: asyncio.Task[None], handshake: "Handshake", sock: socket.socket) -> None:
        if task.cancelled():
            sock.close()  # the task may be cancelled before it starts
        self._handshakes.discard(task)
        self._places.leave(handshake)

    def fail(self, peer: Address, error: Exception, context: ssl.SSLContext) -> None:
        """Log a handshake with *context* that failed, and count it unless the peer only disconnected."""
        cause = cause_of(error)
        if cause is None:
            self._log.debug("handshake_abandoned", peer=_text(peer))
            return
        reason = Rejection.PLAIN_ON_TLS_PORT if cause == NOT_TLS else Rejection.TLS_HANDSHAKE
        self.reject(peer, reason, cause, diagnosing.of_handshake(cause, context))

    def reject(
        self, peer: Address, reason: Rejection, cause: str, diagnosis: Diagnosis | None = None, **details: object
    ) -> None:
        """Log and count a rejected peer; operators are told of the *diagnosis*, if there is one."""
        self._rejected(reason, str(peer[0]))
        if diagnosis is not None:
            self.noticed(Notice(diagnosis, peer[0], peer[0]))
        self._log.warning("peer_rejected", peer=_text(peer), reason=reason.value, cause=cause, **details)

    def knows(self, peer: Address, certificate: Certificate | None) -> bool:
        """Whether the certificate of the peer, if it sent one, is valid and has a name in ``client_names``."""
        if not certificate:
            return True  # if a certificate is required, the handshake has checked that there is one
        names = names_in(certificate)
        shown = [name[:MOST_CHARACTERS] for name in names[:MOST_NAMES]]
        if has_expired(certificate, time.time()):  # a resumed session is not verified again
            self.reject(peer, Rejection.CERTIFICATE, EXPIRED, diagnosing.of_ended(shown), names=shown)
            return False
        if not is_named(names, self.settings.client_names):
            diagnosis = diagnosing.of_names(shown, self.settings.client_names)
            self.reject(peer, Rejection.CERTIFICATE, NOBODY_ELSE, diagnosis, names=shown)
            return False
        self._log.debug("peer_identified", peer=_text(peer), names=shown)
        return True


class HandshakeProtocol(asyncio.Protocol):
    """Takes an accepted socket from its transport, before anything is read, and starts the handshake on it."""

    def __init__(self, tls_acceptor: TlsAcceptor, connect: Connect) -> None:
        self._tls_acceptor = tls_acceptor
        self._connect = connect

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the handshake on a duplicate of the same socket."""
        accepted = cast("asyncio.Transport", transport)
        name = accepted.get_extra_info("peername") or ("unknown", 0)
        peer = str(name[0]), int(name[1])
        descriptor = accepted.get_extra_info("socket").fileno()
        if not self._tls_acceptor.has_room(peer, descriptor):
            accepted.abort()
            return
        try:
            sock = socket.socket(fileno=os.dup(descriptor))
        except OSError:
            self._tls_acceptor.reject(peer, Rejection.CONNECTION_LIMIT, "no file descriptor is left")
            return
        finally:
            accepted.abort()  # closes only the descriptor of the transport
        sock.setblocking(False)
        self._tls_acceptor.enter(Handshake(self._tls_acceptor, self._connect, peer), sock)


class Handshake(asyncio.Protocol):
    """The TLS handshake of one peer, until its connection takes over the transport."""

    def __init__(self, tls_acceptor: TlsAcceptor, connect: Connect, peer: Address) -> None:
        self._tls_acceptor = tls_acceptor
        self._connect = connect
        self.peer = peer
        self.task: asyncio.Task[None] | None = None

    def is_idle(self) -> bool:
        """Return true: an unfinished handshake may always be displaced, whatever the peer has sent."""
        return True

    def displace(self) -> None:
        """Cancel the handshake: its place was given to another peer."""
        reason = Rejection.DISPLACED
        cause = "the place of an unfinished handshake was needed"
        self._tls_acceptor.reject(self.peer, reason, cause, diagnosing.of_limit(reason))
        if self.task is not None:
            self.task.cancel()

    async def shake_hands(self, sock: socket.socket) -> None:
        """Do the handshake; return when it has succeeded or failed."""
        settings, context = self._tls_acceptor.settings, self._tls_acceptor.context()
        with Farewell(sock) as farewell:
            try:
                await asyncio.get_running_loop().connect_accepted_socket(
                    lambda: self,
                    sock,
                    ssl=context,
                    ssl_handshake_timeout=settings.handshake_seconds,
                    ssl_shutdown_timeout=SHUTDOWN_SECONDS,
                )
            except (OSError, UnicodeDecodeError) as error:  # ssl.SSLError; a certificate name that is not UTF-8
                self._tls_acceptor.fail(self.peer, error, context)
                await farewell.linger()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Check the certificate after the handshake; pass the transport to a new connection of the listener."""
        secured = cast("asyncio.Transport", transport)
        if not self._tls_acceptor.knows(self.peer, secured.get_extra_info("peercert")):
            secured.abort()
            return
        connection = self._connect()
        secured.set_protocol(connection)
        connection.connection_made(secured)


def _text(peer: Address) -> str:
    return f"{peer[0]}:{peer[1]}"

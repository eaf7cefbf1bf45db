"""TLS before a connection: each socket shakes hands in a doorway, and only then becomes a peer of its listener.

asyncio's own servers do the same for a fixed context and tell nobody of a handshake that failed. Here each handshake
takes the context of the files as they are now, is bounded in time and in number, and is reported when it fails.
"""

import asyncio
import ssl
from collections import Counter
from collections.abc import Callable
from typing import cast

import structlog

from gateway.message import Rejection
from gateway.settings import ServerTlsSettings
from gateway.tls.causes import cause_of
from gateway.tls.identity import is_named, names_in

SHUTDOWN_SECONDS = 5.0
"""Longest wait for a peer's part in closing a TLS connection."""
MOST_NAMES = 8
"""Names of a certificate that are logged."""

NOBODY_ELSE = "no name in the peer's certificate is among client_names"

Connect = Callable[[], asyncio.Protocol]


class Entrance:
    """The doorways of one port; see ``gateway.message.Entrance``."""

    def __init__(
        self,
        name: str,
        settings: ServerTlsSettings,
        context: Callable[[], ssl.SSLContext],
        most_per_peer: int,
        rejected: Callable[[Rejection], None],
    ) -> None:
        self.settings = settings
        self.context = context
        self._most_per_peer = most_per_peer
        self._rejected = rejected
        self._log = structlog.get_logger().bind(listener=name)
        self._open: dict[asyncio.Transport, str] = {}
        self._peers: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def before(self, connect: Connect) -> Connect:
        """Return the protocol factory for the socket."""
        return lambda: Doorway(self, connect)

    def close(self) -> None:
        """End the handshakes that are under way, and every later one."""
        self._closed = True
        for transport in tuple(self._open):
            transport.abort()

    def enter(self, transport: asyncio.Transport, peer: tuple[str, int]) -> bool:
        """Take a place among the handshakes under way; return whether there was one."""
        limit = None
        if len(self._open) >= self.settings.max_handshakes:
            limit = Rejection.CONNECTION_LIMIT
        elif self._peers[peer[0]] >= self._most_per_peer:
            limit = Rejection.PEER_LIMIT
        if limit is not None:
            self.reject(peer, limit, "too many handshakes are under way")
        if limit is not None or self._closed:
            return False
        self._open[transport] = peer[0]
        self._peers[peer[0]] += 1
        return True

    def leave(self, transport: asyncio.Transport) -> None:
        """Give the place back."""
        peer_ip = self._open.pop(transport)
        self._peers[peer_ip] -= 1
        if not self._peers[peer_ip]:
            del self._peers[peer_ip]

    def keep(self, task: asyncio.Task[None]) -> None:
        """Hold on to the task of a handshake."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def fail(self, peer: tuple[str, int], error: Exception) -> None:
        """Tell that a handshake came to nothing."""
        cause = cause_of(error)
        if self._closed or cause is None:
            self._log.debug("handshake_abandoned", peer=_address(peer))
        else:
            self.reject(peer, Rejection.TLS_HANDSHAKE, cause)

    def reject(self, peer: tuple[str, int], reason: Rejection, cause: str, **details: object) -> None:
        """Tell that a peer was turned away."""
        self._rejected(reason)
        self._log.warning("peer_rejected", peer=_address(peer), reason=reason.value, cause=cause, **details)

    def knows(self, transport: asyncio.BaseTransport, peer: tuple[str, int]) -> bool:
        """Whether the peer's certificate, if it showed one, has a name that may come in."""
        certificate = transport.get_extra_info("peercert")
        if not certificate:
            return True  # where one is required, the handshake has seen to it
        names = names_in(certificate)
        if not is_named(names, self.settings.client_names):
            self.reject(peer, Rejection.CERTIFICATE, NOBODY_ELSE, names=names[:MOST_NAMES])
            return False
        self._log.debug("peer_identified", peer=_address(peer), names=names[:MOST_NAMES])
        return True


class Doorway(asyncio.Protocol):
    """One socket, from its being accepted until its connection takes over."""

    def __init__(self, entrance: Entrance, connect: Connect) -> None:
        self._entrance = entrance
        self._connect = connect
        # What comes right behind the handshake, before the connection has been made.
        self._early: list[bytes] = []
        self._eof = self._lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin the handshake, or hang up where there are too many."""
        raw = cast("asyncio.Transport", transport)
        name = raw.get_extra_info("peername") or ("unknown", 0)
        self._peer = str(name[0]), int(name[1])
        if self._entrance.enter(raw, self._peer):
            self._entrance.keep(asyncio.get_running_loop().create_task(self._come_in(raw)))
        else:
            raw.abort()

    def data_received(self, data: bytes) -> None:
        """Keep what the peer sends already."""
        self._early.append(data)

    def eof_received(self) -> None:
        """Remember that the peer has said goodbye already."""
        self._eof = True

    def connection_lost(self, _: Exception | None) -> None:
        """Remember that the peer has gone already."""
        self._lost = True

    async def _come_in(self, raw: asyncio.Transport) -> None:
        try:
            transport = await self._shake_hands(raw)
        except OSError as error:  # of which those of TLS are a kind
            raw.abort()
            self._entrance.fail(self._peer, error)
            return
        finally:
            self._entrance.leave(raw)
        if transport is None or self._lost:  # the peer left at the very end
            return
        if self._entrance.knows(transport, self._peer):
            self._hand_over(transport)
        else:
            transport.abort()

    async def _shake_hands(self, raw: asyncio.Transport) -> asyncio.Transport | None:
        return await asyncio.get_running_loop().start_tls(
            raw,
            self,
            self._entrance.context(),
            server_side=True,
            ssl_handshake_timeout=self._entrance.settings.handshake_seconds,
            ssl_shutdown_timeout=SHUTDOWN_SECONDS,
        )

    def _hand_over(self, transport: asyncio.Transport) -> None:
        connection = self._connect()
        transport.set_protocol(connection)
        connection.connection_made(transport)
        if transport.is_closing():  # a limit of the listener's: it has been turned away
            return
        for data in self._early:
            connection.data_received(data)
        if self._eof:
            connection.eof_received()


def _address(peer: tuple[str, int]) -> str:
    return f"{peer[0]}:{peer[1]}"

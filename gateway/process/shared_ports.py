"""The listening sockets of several workers, which the supervisor makes and holds open.

Each worker has sockets of its own, one for each address of each listener. Since the supervisor holds them open too,
they keep their places in the kernel's order when a worker ends, and peers that connect meanwhile wait for its
restart.

An address belongs to one gateway and to one of its listeners, although the sockets of its workers share it with
SO_REUSEPORT: the first socket of a listener calls listen() before it sets that option, and the kernel refuses this call
where another socket listens at the address or at a wildcard that includes it. Only a program of the same user that sets
SO_REUSEPORT by itself can bind there later; no Hilum does.
"""

import asyncio
import errno
import socket
import struct
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from typing import Self

import structlog

from gateway.contract.listening import cannot_bind
from gateway.contract.settings import ListenerSettings
from gateway.process.spreading import Spread, attach, is_possible, places_with

log = structlog.get_logger()

BACKLOG = 512
"""Connections the kernel holds for each worker until it accepts them."""
PATIENCE_SECONDS, PAUSE_SECONDS = 5.0, 0.1
"""How long to retry a port in use, and how often: the workers of a supervisor that was killed need a moment to end."""
NO_SUCH_ADDRESS = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
RESET_AT_CLOSE = struct.pack("ii", 1, 0)  # struct linger


class Group:
    """The sockets of one address: one for each worker, or one for all where the kernel cannot choose the worker."""

    def __init__(self, sockets: list[socket.socket], spread: Spread | None) -> None:
        self.sockets = sockets
        self._spread = spread
        self._successors: dict[int, int] = {}

    @classmethod
    def listen(cls, address: tuple[socket.AddressFamily, tuple[str, int]], count: int, spread: Spread) -> Self:
        """Return *count* sockets that listen at *address*. Raises OSError where the address cannot be used."""
        with ExitStack() as undo:
            # The first socket listens before it sets SO_REUSEPORT. With SO_REUSEADDR alone two sockets may be bound to
            # one address; listen() fails where another socket listens, so exactly one of two gateways that start at the
            # same moment gets the address, whatever the order of their calls.
            first = undo.enter_context(_bound(*address))
            first.listen(BACKLOG)
            sockets = [first]
            if can_choose := count > 1 and is_possible():  # the kernel refuses a program for a single socket
                first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
                same = address[0], (address[1][0], int(first.getsockname()[1]))
                sockets += [undo.enter_context(_bound(*same, reuse_port=True)) for _ in range(1, count)]
                for each in sockets[1:]:
                    each.listen(BACKLOG)  # the BPF program counts the sockets in the order of these calls
                attach(first, spread, range(count))
            undo.pop_all()
        if not can_choose:
            return cls(sockets * count, None)  # without SO_REUSEPORT: nobody else can listen here
        if spread == "peer":
            for each in sockets:
                _send_away(each)  # connections that the kernel accepted before the program was attached
        return cls(sockets, spread)

    @property
    def can_choose(self) -> bool:
        """Whether the kernel chooses the worker of a connection by our program."""
        return self._spread is not None

    def lend(self, successors: Mapping[int, int]) -> None:
        """Send new connections for the places in *successors* to their successors; reset those that wait there."""
        if self._spread is None:
            return  # all workers share one socket: any of them accepts
        if self._successors != successors:
            self._successors = dict(successors)
            with suppress(OSError):
                attach(self.sockets[0], self._spread, places_with(len(self.sockets), successors))
        for place in self._successors:
            _send_away(self.sockets[place])

    def close(self) -> None:
        """Close the sockets of this process; the port stays open while a worker holds it."""
        for each in self.sockets:
            each.close()


class SharedPorts:
    """The sockets of all listeners; to be closed at the end."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._groups: dict[str, list[Group]] = {}

    async def bind(self, name: str, settings: ListenerSettings) -> None:
        """Listen as *settings* say; raises ConfigError where that is not possible."""
        try:
            groups = self._groups[name] = await self._listen(settings)
        except OSError as error:
            raise cannot_bind(f"listeners.{name}", settings.host, settings.port, error) from None
        if not all(each.can_choose for each in groups):
            reason = (
                "the system does not let Hilum choose the worker: a message that is sent again while its first try is "
                "being written may be delivered twice"
            )
            log.warning("spread_not_possible", listener=name, spread=settings.spread_by, reason=reason)

    async def _listen(self, settings: ListenerSettings) -> list[Group]:
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while True:
            try:
                return await self._listen_once(settings)
            except OSError as error:
                if error.errno != errno.EADDRINUSE or asyncio.get_running_loop().time() > deadline:
                    raise
            await asyncio.sleep(PAUSE_SECONDS)

    async def _listen_once(self, settings: ListenerSettings) -> list[Group]:
        host = None if settings.host in ("", "::") else settings.host  # IPv4 and IPv6
        found = await asyncio.get_running_loop().getaddrinfo(
            host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        groups: list[Group] = []
        port, problem = settings.port, OSError(errno.EADDRNOTAVAIL, "the address cannot be used")
        with ExitStack() as undo:
            for family, host in dict.fromkeys((family, str(where[0])) for family, _, _, _, where in found):
                try:
                    groups.append(Group.listen((family, (host, port)), self._count, settings.spread_by))
                except OSError as error:
                    if error.errno not in NO_SUCH_ADDRESS:
                        raise
                    problem = error
                    continue
                undo.callback(groups[-1].close)
                port = int(groups[-1].sockets[0].getsockname()[1])
            if not groups:
                raise problem
            undo.pop_all()
        return groups

    @property
    def ports(self) -> Mapping[str, int]:
        """Each listener's port."""
        return {name: int(groups[0].sockets[0].getsockname()[1]) for name, groups in self._groups.items()}

    def of_worker(self, place: int) -> Mapping[str, Sequence[socket.socket]]:
        """Return each listener's sockets for the worker in *place*, counted from 0."""
        return {name: [group.sockets[place] for group in groups] for name, groups in self._groups.items()}

    def lend(self, successors: Mapping[int, int]) -> None:
        """Send the peers of each worker in *successors* to its successor, and all others to their own worker."""
        for groups in self._groups.values():
            for group in groups:
                group.lend(successors)

    def close(self) -> None:
        """Close the sockets of this process; a port stays open while a worker holds it."""
        for groups in self._groups.values():
            for group in groups:
                group.close()


def _bound(family: socket.AddressFamily, where: tuple[str, int], *, reuse_port: bool = False) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if reuse_port:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # as the event loop does for a single process
        sock.bind(where)
    except BaseException:
        sock.close()
        raise
    return sock


def _send_away(sock: socket.socket) -> None:
    """Reset the connections that wait at *sock*, so that their peers connect anew."""
    with suppress(OSError):  # BlockingIOError: no connection waits any more
        while True:
            waiting, _ = sock.accept()
            waiting.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
            waiting.close()

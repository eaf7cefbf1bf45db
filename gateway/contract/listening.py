"""What binds and what lets go: sockets of a port, the words for one that cannot be had, the end of listeners."""

import asyncio
import errno
import os
import socket
from collections.abc import Sequence
from contextlib import ExitStack

from gateway.contract.errors import ConfigError
from gateway.contract.listener import Listener

NO_SUCH_FAMILY = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
TRIES = 20
"""How many free ports of IPv6 are tried until one is free for IPv4, too."""


async def listening_sockets(host: str, port: int) -> list[socket.socket]:
    """Return a socket for each address of *host*; all of them listen already. Raises OSError where one cannot be had.

    Two gateways that start at the same moment can both bind an address; listen() is what fails for the second. uvloop
    does not report that, so the sockets listen before the loop gets them.
    """
    if both := sockets_of_both(host, port):
        return both
    loop, flags = asyncio.get_running_loop(), socket.AI_PASSIVE
    found = await loop.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=flags)
    bound, problem = list[socket.socket](), OSError(errno.EADDRNOTAVAIL, "the address cannot be used")
    with ExitStack() as undo:
        for family, where in dict.fromkeys((family, where) for family, _, _, _, where in found):
            try:
                bound.append(undo.enter_context(socket.create_server(where, family=family)))
            except OSError as error:
                if error.errno not in NO_SUCH_FAMILY:
                    raise
                problem = error
        if not bound:
            raise problem
        undo.pop_all()
    return bound


def sockets_of_both(host: str, port: int, tries: int = TRIES) -> list[socket.socket]:
    """Return a socket of IPv6 and one of IPv4 where *host* is ``::``; none for any other.

    Two, because a peer of IPv4 has its own address at a socket of IPv4 only: routes and limits know it by that.
    Raises OSError where the port cannot be had.
    """
    if host != "::":
        return []
    try:
        return _bind_both(port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE or port or tries == 1:
            raise
    return sockets_of_both(host, port, tries - 1)


def _bind_both(port: int) -> list[socket.socket]:
    with ExitStack() as undo:
        bound = [undo.enter_context(socket.create_server(("::", port), family=socket.AF_INET6))]
        try:
            where = "0.0.0.0", bound[0].getsockname()[1]  # noqa: S104  it was configured so
            bound.append(undo.enter_context(socket.create_server(where)))
        except OSError as error:
            if error.errno not in NO_SUCH_FAMILY:
                raise
        undo.pop_all()
    return bound


def cannot_bind(place: str, host: str, port: int, error: OSError) -> ConfigError:
    """Return what to tell the operator of a port that cannot be bound."""
    # The loop words a system error differently from place to place; an address that cannot be resolved has no number.
    known = error.errno is not None and error.errno > 0
    reason = os.strerror(error.errno or 0) if known else error.strerror or "the address cannot be used"
    return ConfigError(f"{place}: cannot bind {host}:{port}: {reason}; free it or change {place}.port")


async def drain(listeners: Sequence[Listener], grace: float) -> int:
    """Stop accepting, let busy peers have their answers for *grace* seconds; return how many were cut off."""
    for listener in listeners:
        listener.stop_accepting()  # idle peers leave now, busy ones after their answer
    busy = {task for listener in listeners for task in listener.tasks}
    late = (await asyncio.wait(busy, timeout=grace))[1] if busy else set()
    for task in late:
        task.cancel()
    if late:
        await asyncio.wait(late)
    return len(late)

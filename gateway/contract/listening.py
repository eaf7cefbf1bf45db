"""Binding of sockets to a port, the reasons why a port cannot be bound, and the shutdown of listeners."""

import asyncio
import errno
import os
import socket
from collections.abc import Sequence
from contextlib import ExitStack

from gateway.contract.errors import ConfigError
from gateway.contract.listener import Listener

NO_SUCH_FAMILY = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
IN_USE = (
    "another program has this port already; stop that program (`ss -ltnp 'sport = :{port}'` names it)"
    " or change {port_key}"
)
NOT_ALLOWED = (
    "the system does not allow it; a port below 1024 needs the capability CAP_NET_BIND_SERVICE"
    " (systemd: AmbientCapabilities=CAP_NET_BIND_SERVICE), or set {port_key} to a port above 1023"
)
NO_SUCH_ADDRESS = (
    "this machine has no such address (`ip address` lists its addresses); change {host_key},"
    " or set it to 0.0.0.0 for every IPv4 address"
)
NO_FAMILY = "this machine has no addresses of this family (IPv6 may be disabled); change {host_key}"
TOO_MANY_FILES = "too many files are open; raise the limit (systemd: LimitNOFILE=), then start again"
NO_MEMORY = "the system is out of memory; free some, then start again"
REASONS = {
    errno.EADDRINUSE: IN_USE,
    errno.EACCES: NOT_ALLOWED,
    errno.EPERM: NOT_ALLOWED,
    errno.EADDRNOTAVAIL: NO_SUCH_ADDRESS,
    errno.ENODEV: "the address needs an interface that this machine has; write it behind `%` in {host_key}",
    errno.EINVAL: "the address needs an interface that this machine has; write it behind `%` in {host_key}",
    errno.EAFNOSUPPORT: NO_FAMILY,
    errno.EPROTONOSUPPORT: NO_FAMILY,
    errno.EMFILE: TOO_MANY_FILES,
    errno.ENFILE: TOO_MANY_FILES,
    errno.ENOBUFS: NO_MEMORY,
    errno.ENOMEM: NO_MEMORY,
}
"""Why a port cannot be bound, and how to correct it."""
UNKNOWN_NAME = "the name {host} has no address; correct {host_key}, or write an address"
UNRESOLVED = {
    socket.EAI_NONAME: UNKNOWN_NAME,
    getattr(socket, "EAI_NODATA", socket.EAI_NONAME): UNKNOWN_NAME,
    getattr(socket, "EAI_ADDRFAMILY", socket.EAI_NONAME): UNKNOWN_NAME,
    socket.EAI_AGAIN: "the name server does not answer for {host}; try again later, or write an address in {host_key}",
    socket.EAI_FAIL: "the name server fails for {host}; repair it, or write an address in {host_key}",
}
"""Why a name has no address, and how to correct it."""
TRIES = 20
"""How many free IPv6 ports are tried until one is free for IPv4, too."""


async def listening_sockets(host: str, port: int) -> list[socket.socket]:
    """Return a listening socket for each address of *host*. Raises OSError if a socket cannot be bound.

    If two gateways start at the same moment, both can bind an address, but listen() fails for the second. uvloop does
    not report that, so listen() is called here, before the loop gets the sockets.
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
    """Return an IPv6 and an IPv4 socket if *host* is ``::``, otherwise an empty list.

    Two sockets, because only at an IPv4 socket an IPv4 peer has its IPv4 address, which routes and limits use.
    Raises OSError if the port cannot be bound.
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
    """Return the error for the operator when a port cannot be bound."""
    shown = f"[{host}]" if ":" in host else host
    reason = why_not_bound(error, host, port, f"{place}.host", f"{place}.port")
    return ConfigError(f"{place}: cannot bind {shown}:{port}: {reason}")


def why_not_bound(error: OSError, host: str, port: int, host_key: str, port_key: str) -> str:
    """Return why *host* and *port* cannot be bound and how to correct it; the text names *host_key* and *port_key*."""
    told = UNRESOLVED if isinstance(error, socket.gaierror) else REASONS
    # asyncio's error has no errno if the machine has none of the addresses of a name.
    text = told.get(error.errno or errno.EADDRNOTAVAIL)
    if text is None:
        words = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        text = f"{words or 'the address cannot be used'}; change {{host_key}} or {{port_key}}"
    return text.format(host=host, port=port, host_key=host_key, port_key=port_key)


async def drain(listeners: Sequence[Listener], grace: float) -> int:
    """Stop accepting, wait up to *grace* seconds for outstanding answers; return how many peers were cut off."""
    for listener in listeners:
        listener.stop_accepting()  # idle peers are closed now, busy ones after their answer
    busy = {task for listener in listeners for task in listener.tasks}
    late = (await asyncio.wait(busy, timeout=grace))[1] if busy else set()
    for task in late:
        task.cancel()
    if late:
        await asyncio.wait(late)
    return len(late)

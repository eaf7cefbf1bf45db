"""Ports that cannot be bound, and listeners that are let go."""

import asyncio
import errno
import socket

import pytest

from gateway.contract import listening
from gateway.contract.listening import cannot_bind, drain, listening_sockets, sockets_of_both

REASONS = [
    (OSError(errno.EADDRINUSE, "the loop's own words"), "another program has this port already; stop that program (`"),
    (
        PermissionError(errno.EACCES, "-"),
        "the system does not allow it; a port below 1024 needs the capability CAP_NET_BIND",
    ),
    (OSError(errno.EADDRNOTAVAIL, "-"), "this machine has no such address (`ip address` lists its addresses); ch"),
    (OSError("without a number"), "this machine has no such address"),
    (OSError(errno.EAFNOSUPPORT, "-"), "this machine has no addresses of this family (IPv6 may be disabled)"),
    (OSError(errno.EMFILE, "-"), "too many files are open; raise the limit (systemd: LimitNOFILE=), then start again"),
    (OSError(errno.ENOBUFS, "-"), "the system is out of memory; free some, then start again"),
    (OSError(errno.EINVAL, "-"), "the address needs an interface that this machine has; write it behind `%` in list"),
    (OSError(errno.ELOOP, "-"), "Too many levels of symbolic links; change listeners.adt.host or listeners.adt.port"),
    (socket.gaierror(socket.EAI_NONAME, "-"), "the name 127.0.0.1 has no address; correct listeners.adt.host,"),
    (socket.gaierror(socket.EAI_AGAIN, "-"), "the name server does not answer for 127.0.0.1; try again later, or wr"),
    (socket.gaierror(-99, "words"), "words; change listeners.adt.host or listeners.adt.port"),
]


@pytest.mark.parametrize(("error", "reason"), REASONS, ids=str)
def test_cannot_bind(error: OSError, reason: str) -> None:
    """The operator is told which key, which address, why, and what to do."""
    told = str(cannot_bind("listeners.adt", "127.0.0.1", 2575, error))
    assert told.startswith(f"listeners.adt: cannot bind 127.0.0.1:2575: {reason}")


def test_cannot_bind_ipv6() -> None:
    """An IPv6 address is told apart from its port."""
    told = str(cannot_bind("admin", "fe80::1", 80, OSError(errno.EADDRINUSE, "")))
    assert told.startswith("admin: cannot bind [fe80::1]:80: another program has this port already")
    assert told.endswith("(`ss -ltnp 'sport = :80'` names it) or change admin.port")


def sockets_or_skip(port: int = 0) -> list[socket.socket]:
    """Return the sockets for ``::``; skip where this machine has no IPv6."""
    try:
        return sockets_of_both("::", port)
    except OSError as error:
        if error.errno in listening.NO_SUCH_FAMILY:
            pytest.skip("this machine has no IPv6")
        raise


def test_both_families() -> None:
    """At ``::`` a peer of IPv4 is heard on the same port, by its own address, and so is one of IPv6."""
    six, four = sockets_or_skip()
    port = six.getsockname()[1]
    with six, four:
        assert port == four.getsockname()[1]
        for sock, host in ((six, "::1"), (four, "127.0.0.1")):
            with socket.create_connection((host, port), timeout=30):
                accepted, peer = sock.accept()
                accepted.close()
                assert host == peer[0]


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::1", "localhost", ""])
def test_one_family(host: str) -> None:
    """Any other address has the sockets of its own family only."""
    assert [] == sockets_of_both(host, 0)


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "localhost", "", "::"])
async def test_listening(host: str) -> None:
    """The sockets listen, and there is one of IPv4 for each of these hosts."""
    sockets = await listening_sockets(host, 0)
    try:
        assert {1} == {each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) for each in sockets}
        assert socket.AF_INET in {each.family for each in sockets}
    finally:
        for each in sockets:
            each.close()


async def test_address_of_nobody_here() -> None:
    """An address that this machine does not have is told as such (192.0.2.0/24 is for documentation, RFC 5737)."""
    with pytest.raises(OSError, match=f"Errno {errno.EADDRNOTAVAIL}"):
        await listening_sockets("192.0.2.1", 0)


async def test_another_begins_to_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has bound an address at which another begins to listen does not have it."""
    others, listen = list[socket.socket](), socket.socket.listen

    def late(sock: socket.socket, backlog: int = 100) -> None:
        if not others:
            others.append(socket.socket())
            others[0].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            others[0].bind(sock.getsockname())
            others[0].listen()
        listen(sock, backlog)

    monkeypatch.setattr(socket.socket, "listen", late)
    with pytest.raises(OSError, match="in use"):
        await listening_sockets("127.0.0.1", 0)
    others[0].close()


def test_a_port_that_ipv4_has_already() -> None:
    """It is not shared."""
    for each in sockets_or_skip():
        each.close()
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        sockets_of_both("::", taken.getsockname()[1])


def test_a_free_port_is_free_for_both(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the free port of IPv6 is taken for IPv4, another is tried; not for ever."""
    tries = []

    def taken(port: int) -> list[socket.socket]:
        tries.append(port)
        raise OSError(errno.EADDRINUSE, "in use")

    monkeypatch.setattr(listening, "_bind_both", taken)
    with pytest.raises(OSError, match="in use"):
        sockets_of_both("::", 0)
    assert [0] * listening.TRIES == tries


class FakeListener:
    """Has peers that leave when the listener stops accepting, or never."""

    port = 0

    def __init__(self, *, stubborn: int, polite: int) -> None:
        self._stopped = asyncio.Event()
        self.tasks = {
            *(asyncio.create_task(self._wait(asyncio.Event())) for _ in range(stubborn)),
            *(asyncio.create_task(self._wait(self._stopped)) for _ in range(polite)),
        }

    async def _wait(self, event: asyncio.Event) -> None:
        await event.wait()

    def stop_accepting(self) -> None:
        """Let the polite ones go."""
        self._stopped.set()


async def test_drain() -> None:
    """Who leaves in time is not cut off; who does not is, and is counted."""
    listeners = [FakeListener(stubborn=2, polite=3), FakeListener(stubborn=0, polite=1)]
    assert 2 == await drain(listeners, 0.01)
    assert all(task.done() for each in listeners for task in each.tasks)


async def test_nobody_there() -> None:
    """Without peers the end takes no time."""
    async with asyncio.timeout(1):
        assert 0 == await drain([FakeListener(stubborn=0, polite=0)], 60)

"""The listening sockets of several workers."""

import asyncio
import contextlib
import itertools
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from adapters.mllp.settings import MllpListenerSettings
from gateway.contract.errors import ConfigError
from gateway.process import shared_ports
from gateway.process.shared_ports import Group, SharedPorts
from gateway.process.spreading import attach


@pytest.fixture
async def ports() -> AsyncIterator[SharedPorts]:
    """Return the ports of three workers."""
    made = SharedPorts(3)
    yield made
    made.close()


def settings(host: str = "127.0.0.1", port: int = 0) -> MllpListenerSettings:
    """Return the settings of a listener that spreads by peer."""
    return MllpListenerSettings(kind="mllp", host=host, port=port, spread="peer")


def connect(port: int) -> socket.socket:
    """Connect; give up after 30 seconds."""
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def owner(ports: SharedPorts) -> int:
    """Return the worker that finds a connection waiting."""
    for place in range(3):
        try:
            ports.of_worker(place)["in"][0].accept()[0].close()
        except BlockingIOError:
            continue
        return place
    raise AssertionError("nobody has it")


async def bind(ports: SharedPorts) -> int:
    """Bind the listener ``in``; return its port; skip where the kernel does not let us choose."""
    with capture_logs() as logs:
        await ports.bind("in", settings())
    if logs:
        pytest.skip("this kernel refuses SO_ATTACH_REUSEPORT_CBPF")
    return ports.ports["in"]


async def test_each_worker_has_its_own(ports: SharedPorts) -> None:
    """Three sockets, one port."""
    port = await bind(ports)
    sockets = [ports.of_worker(place)["in"][0] for place in range(3)]
    assert (3, {port}) == (len({each.fileno() for each in sockets}), {each.getsockname()[1] for each in sockets})


async def test_several_addresses(ports: SharedPorts) -> None:
    """A name with several addresses is listened to at each that this machine has, on the same port."""
    found = [(family, socket.SOCK_STREAM, 6, "", (host, 0)) for family, host in (
        (socket.AF_INET, "127.0.0.1"), (socket.AF_INET, "127.0.0.2"), (socket.AF_INET, "192.0.2.1")
    )]  # fmt: skip

    async def getaddrinfo(*_: object, **__: object) -> object:
        return found

    asyncio.get_running_loop().getaddrinfo = getaddrinfo  # type: ignore[method-assign,assignment]
    await ports.bind("in", settings("two.example"))
    names = [each.getsockname() for each in ports.of_worker(0)["in"]]
    assert [("127.0.0.1", ports.ports["in"]), ("127.0.0.2", ports.ports["in"])] == names


async def test_missing_worker_is_stood_in_for(ports: SharedPorts) -> None:
    """Peers of a missing worker reach another one, those already waiting are reset; later the worker has them back."""
    port = await bind(ports)
    with connect(port):
        at_first = owner(ports)
    with connect(port) as waiting:
        successor = (at_first + 1) % 3
        ports.lend({at_first: successor})
        with pytest.raises(ConnectionResetError):
            waiting.recv(1)
    with connect(port):
        assert successor == owner(ports)
    ports.lend({})
    with connect(port):
        assert at_first == owner(ports)


async def test_nobody_is_there(ports: SharedPorts) -> None:
    """The peers of a worker that has no successor wait."""
    port = await bind(ports)
    with connect(port):
        ports.lend({})
        assert owner(ports) in {0, 1, 2}


async def test_kernel_that_does_not_let_us_choose(ports: SharedPorts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the kernel cannot choose, all workers share one socket, and the log says what that means."""
    monkeypatch.setattr(shared_ports, "is_possible", lambda: False)
    with capture_logs() as logs:
        await ports.bind("in", settings())
    assert ["spread_not_possible"] == [each["event"] for each in logs]
    assert 1 == len({ports.of_worker(place)["in"][0].fileno() for place in range(3)})
    with connect(ports.ports["in"]):
        ports.lend({0: 1})
        assert 0 == owner(ports)
    with pytest.raises(OSError, match="in use"):
        shared_ports._bound(socket.AF_INET, ("127.0.0.1", ports.ports["in"]), reuse_port=True)


async def test_port_of_another_is_named(ports: SharedPorts, monkeypatch: pytest.MonkeyPatch) -> None:
    """A port on which another program listens is not shared, not even with another Hilum."""
    monkeypatch.setattr(shared_ports, "PATIENCE_SECONDS", 0.2)
    other = SharedPorts(2)
    await other.bind("in", settings())
    port = other.ports["in"]
    try:
        with pytest.raises(ConfigError, match=f"listeners.in: cannot bind 127.0.0.1:{port}: another program"):
            await ports.bind("in", settings(port=port))
    finally:
        other.close()


async def test_port_that_becomes_free_is_waited_for(ports: SharedPorts) -> None:
    """A port in use is tried again: the workers of a killed supervisor need a moment to close theirs."""
    other = SharedPorts(2)
    await other.bind("in", settings())
    port = other.ports["in"]
    binding = asyncio.create_task(ports.bind("in", settings(port=port)))
    await asyncio.sleep(0)
    other.close()
    await binding
    assert port == ports.ports["in"]


async def test_every_address(ports: SharedPorts) -> None:
    """At ``::`` each worker has a socket of IPv4 and, where this machine has it, one of IPv6, on the same port."""
    await ports.bind("in", settings("::"))
    sockets = ports.of_worker(0)["in"]
    assert socket.AF_INET in {each.family for each in sockets}
    assert {ports.ports["in"]} == {each.getsockname()[1] for each in sockets}


@pytest.mark.parametrize("second", ["127.0.0.1", "0.0.0.0", "::"])
@pytest.mark.parametrize("first", ["127.0.0.1", "0.0.0.0", "::"])
async def test_two_listeners_of_one_gateway(
    ports: SharedPorts, first: str, second: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second listener on the same address, or where one address includes the other, is refused."""
    monkeypatch.setattr(shared_ports, "PATIENCE_SECONDS", 0.2)
    await ports.bind("in", settings(first))
    port = ports.ports["in"]
    with pytest.raises(ConfigError, match=rf"listeners.second: cannot bind \S+:{port}: another program has"):
        await ports.bind("second", settings(second, port))


def test_one_worker() -> None:
    """One socket needs nobody to choose: the kernel would refuse the program (EINVAL)."""
    group = Group.listen((socket.AF_INET, ("127.0.0.1", 0)), 1, "peer")
    assert (1, False) == (len(group.sockets), group.can_choose)
    group.close()


HOSTS = [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("127.0.0.1", "0.0.0.0")]


@pytest.mark.parametrize("meanwhile", [1, 2, 3])
@pytest.mark.parametrize(("ours", "theirs"), HOSTS)
def test_two_at_the_same_moment(ours: str, theirs: str, meanwhile: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two gateways that start at once one has the address, wherever the second one comes in between."""
    bound, had = shared_ports._bound, list[Group | None]()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    def listen(host: str) -> None:
        with contextlib.suppress(OSError):
            had.append(Group.listen((socket.AF_INET, (host, port)), 3, "connection"))

    def interrupted(*arguments: Any, **options: Any) -> socket.socket:
        sock = bound(*arguments, **options)
        if next(numbers) == meanwhile:
            listen(theirs)
        return sock

    numbers = itertools.count(1)
    monkeypatch.setattr(shared_ports, "_bound", interrupted)
    listen(ours)
    for each in filter(None, had):
        each.close()
    assert 1 == len(had)


async def test_connections_from_before_the_choice(ports: SharedPorts, monkeypatch: pytest.MonkeyPatch) -> None:
    """With ``spread: peer`` a connection from before the kernel can choose is reset: it may be another worker's."""
    early = list[socket.socket]()

    def late(sock: socket.socket, *arguments: Any) -> None:
        early.append(connect(sock.getsockname()[1]))
        attach(sock, *arguments)

    monkeypatch.setattr(shared_ports, "attach", late)
    await bind(ports)
    with early[0], pytest.raises(ConnectionResetError):
        early[0].recv(1)

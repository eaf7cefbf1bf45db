"""Connections spread over workers by the kernel."""

import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from gateway.process.spreading import Instruction, Spread, attach, is_possible, places_with, program

WORKERS = 3


@contextmanager
def group(family: socket.AddressFamily, host: str) -> Iterator[list[socket.socket]]:
    """Yield sockets that listen on one port."""
    with ExitStack() as stack:
        sockets: list[socket.socket] = []
        for _ in range(WORKERS):
            each = stack.enter_context(socket.socket(family))
            each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            each.bind((host, sockets[0].getsockname()[1] if sockets else 0))
            each.listen(100)
            each.setblocking(False)
            sockets.append(each)
        yield sockets


def steer(sockets: list[socket.socket], spread: Spread, places: list[int]) -> None:
    """Attach the program, or skip where this machine does not allow it."""
    try:
        attach(sockets[0], spread, places)
    except OSError as error:
        pytest.skip(f"this kernel refuses SO_ATTACH_REUSEPORT_CBPF: {error.strerror}")


def place_of(sockets: list[socket.socket], source: str) -> int:
    """Connect from *source*; return which socket gets the connection."""
    with socket.socket(sockets[0].family) as client:
        client.bind((source, 0))
        client.connect(sockets[0].getsockname()[:2])
        for place, each in enumerate(sockets):
            try:
                each.accept()[0].close()
            except BlockingIOError:
                continue
            return place
    raise AssertionError("nobody got the connection")


IPV4 = [f"127.0.{third}.{fourth}" for third in range(3) for fourth in range(1, 9)]


def test_address_decides() -> None:
    """All connections of one address reach the same worker, and addresses are spread over all workers."""
    with group(socket.AF_INET, "127.0.0.1") as sockets:
        steer(sockets, "peer", [0, 1, 2])
        found = [{place_of(sockets, source) for _ in range(5)} for source in IPV4]
    assert [1] * len(IPV4) == [len(each) for each in found]
    assert {0, 1, 2} == set().union(*found)


def test_it_is_known_beforehand() -> None:
    """Whether the kernel can choose is known without a listener."""
    with group(socket.AF_INET, "127.0.0.1") as sockets:
        steer(sockets, "peer", [0, 1, 2])
        assert is_possible()


def test_ipv6_address_decides() -> None:
    """Connections over IPv6 are spread in the same way."""
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    try:
        with group(socket.AF_INET6, "::1") as sockets:
            steer(sockets, "peer", [0, 1, 2])
            assert 1 == len({place_of(sockets, "::1") for _ in range(5)})
    except OSError as error:
        pytest.skip(f"no IPv6 here: {error.strerror}")


def test_chance_decides() -> None:
    """With ``connection``, the connections of one address are spread over the workers."""
    with group(socket.AF_INET, "127.0.0.1") as sockets:
        steer(sockets, "connection", [0, 1, 2])
        assert {0, 1, 2} == {place_of(sockets, "127.0.0.1") for _ in range(100)}


@pytest.mark.parametrize("spread", ["peer", "connection"])
def test_other_places(spread: Spread) -> None:
    """A place that is not in the table gets nothing, and the others keep their peers."""
    with group(socket.AF_INET, "127.0.0.1") as sockets:
        steer(sockets, spread, [0, 1, 2])
        before = [place_of(sockets, source) for source in IPV4]
        attach(sockets[0], spread, places_with(3, {1: 2}))
        after = [place_of(sockets, source) for source in IPV4]
    assert {0, 2} == set(after)
    if spread == "peer":
        assert [each for each in before if each != 1] == [
            then for each, then in zip(before, after, strict=True) if each != 1
        ]


@pytest.mark.parametrize(
    ("successors", "places"),
    [({}, [0, 1, 2]), ({1: 2}, [0, 2, 2]), ({0: 1}, [1, 1, 2]), ({0: 2, 1: 2}, [2, 2, 2]), ({0: 1, 1: 2}, [1, 2, 2])],
)
def test_places_with(successors: dict[int, int], places: list[int]) -> None:
    """The place of a worker with a successor is that of the successor; all others keep their own."""
    assert places == places_with(3, successors)


def ipv4(source: bytes) -> bytes:
    """Return a header (RFC 791 3.1) from *source*."""
    return b"\x45" + bytes(11) + source + bytes(4)


def ipv6(source: bytes) -> bytes:
    """Return a header (RFC 8200 3) from *source*."""
    return b"\x60" + bytes(7) + source + bytes(16)


STEPS: dict[int, Callable[[int, int, int, bytes], int]] = {
    0x30: lambda _a, _x, k, packet: packet[k],
    0x20: lambda _a, _x, k, packet: int(struct.unpack_from(">I", packet, k)[0]),
    0x74: lambda a, _x, k, _p: a >> k,
    0x24: lambda a, _x, k, _p: a * k & 0xFFFFFFFF,
    0x94: lambda a, _x, k, _p: a % k,
    0xAC: lambda a, x, _k, _p: a ^ x,
}


def run(instructions: list[Instruction], packet: bytes) -> int:
    """Do what the kernel does, with the IP header at the beginning of *packet*."""
    a = x = at = 0
    while True:
        code, yes, no, k = instructions[at]
        at += 1
        if code == 0x06:
            return k
        if code == 0x15:
            at += yes if a == k else no
        elif code == 0x05:
            at += k
        elif code == 0x07:
            x = a
        else:
            a = STEPS[code](a, x, k + 0x100000 if k < 0 else k, packet)


@pytest.mark.parametrize("workers", [1, 2, 3, 8, 256])
def test_neighbours_are_spread_evenly(workers: int) -> None:
    """The addresses of a hospital's network, one after another or every other, use every worker about equally."""
    code = program("peer", list(range(workers)))
    for step in (1, 2, 4):
        hosts = [struct.pack(">I", 0x0A010000 + number * step) for number in range(16 * workers)]
        for header in (ipv4, lambda each: ipv6(b"\xfd" + bytes(11) + each)):
            found = [run(code, header(each)) for each in hosts]
            assert set(range(workers)) == set(found)
            assert max(found.count(place) for place in range(workers)) <= 16 * 3

"""Ports that two parts would bind."""

import socket
from typing import Any

import pytest

from gateway.config.ports import shared_ports

HOSTS: dict[str, tuple[str, str, bool]] = {
    "the same one": ("127.0.0.1", "127.0.0.1", True),
    "two addresses": ("127.0.0.1", "127.0.0.2", False),
    "two versions": ("127.0.0.1", "::1", False),
    "every address of IPv4 twice": ("0.0.0.0", "0.0.0.0", True),
    "every address of IPv4, and one": ("0.0.0.0", "127.0.0.1", True),
    "one, and every address of IPv4": ("127.0.0.1", "0.0.0.0", True),
    "every address of IPv4, and one of IPv6": ("0.0.0.0", "::1", False),
    "every address, and one of IPv4": ("::", "127.0.0.1", True),
    "every address, and one of IPv6": ("::1", "::", True),
    "every address, and every one of IPv4": ("::", "0.0.0.0", True),
    "IPv6 in two forms": ("::1", "0:0::1", True),
    "mapped": ("::ffff:127.0.0.1", "127.0.0.1", True),
    "mapped, and every address of IPv4": ("::ffff:127.0.0.1", "0.0.0.0", True),
    "a name and its address": ("store.example", "10.0.0.1", True),
    "a name and its address of IPv6": ("2001:db8::1", "store.example", True),
    "a name and another address": ("store.example", "10.0.0.2", False),
    "a name and every address": ("store.example", "0.0.0.0", True),
    "two names of one address": ("store.example", "other.example", True),
    "a name that nobody knows": ("nowhere.example", "10.0.0.1", False),
    "a name that nobody knows, twice": ("nowhere.example", "nowhere.example", True),
    "no name at all": ("a" * 64 + ".example", "10.0.0.1", False),
}
KNOWN = {"store.example": ["10.0.0.1", "2001:db8::1"], "other.example": ["10.0.0.1"]}


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Have names resolve as the table says; return which were asked for."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: None, type: int) -> list[tuple[Any, ...]]:  # noqa: A002  as socket has it
        asked.append(host)
        host.encode("idna")
        if host not in KNOWN:
            raise socket.gaierror
        return [(0, type, 0, "", (address, port)) for address in KNOWN[host]]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def listeners(**places: tuple[str, object]) -> dict[str, Any]:
    """Return a configuration of listeners, by name."""
    return {"listeners": {name: {"host": host, "port": port} for name, (host, port) in places.items()}}


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize(("first", "second", "clash"), HOSTS.values(), ids=HOSTS)
def test_hosts(first: str, second: str, clash: bool) -> None:
    """Two parts have a port in common where their hosts have an address in common."""
    assert clash == bool(list(shared_ports(listeners(a=(first, 2575), b=(second, 2575)))))


SENTENCES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "the same host": (
        listeners(a=("127.0.0.1", 2575), b=("127.0.0.1", 2575)),
        ["listeners.b.port: 2575 is already the port of listeners.a; choose another"],
    ),
    "a host within another": (
        listeners(a=("::", 2575), b=("127.0.0.1", 2575)),
        [
            "listeners.b.port: 127.0.0.1:2575 is already used by listeners.a ([::]:2575); choose another port or host",
        ],
    ),
    "each pair": (
        listeners(a=("0.0.0.0", 2575), b=("0.0.0.0", 2575), c=("0.0.0.0", 2575)),
        [
            "listeners.b.port: 2575 is already the port of listeners.a; choose another",
            "listeners.c.port: 2575 is already the port of listeners.a; choose another",
            "listeners.c.port: 2575 is already the port of listeners.b; choose another",
        ],
    ),
    "the admin port": (
        {**listeners(a=("127.0.0.1", 9000)), "admin": {"port": 9000}},
        ["admin.port: 9000 is already the port of listeners.a; choose another"],
    ),
    "the admin port that is not written": (
        listeners(a=("0.0.0.0", 8080)),
        ["admin.port: 127.0.0.1:8080 is already used by listeners.a (0.0.0.0:8080); choose another port or host"],
    ),
    "a free admin port": ({**listeners(a=("127.0.0.1", 8080)), "admin": {"port": 0}}, []),
    "any free port": (listeners(a=("127.0.0.1", 0), b=("127.0.0.1", 0)), []),
    "another port": (listeners(a=("127.0.0.1", 2575), b=("127.0.0.1", 2576)), []),
    "a port out of the environment": (
        listeners(a=("127.0.0.1", "2575"), b=("127.0.0.1", 2575)),
        ["listeners.b.port: 2575 is already the port of listeners.a; choose another"],
    ),
    "the default host": (
        {"listeners": {"a": {"port": 2575}, "b": {"host": "127.0.0.1", "port": 2575}}},
        ["listeners.b.port: 2575 is already the port of listeners.a; choose another"],
    ),
    "malformed": ({"listeners": {"a": 3, "b": {"port": True}, "c": {"host": 3, "port": 1}}, "admin": 3}, []),
}


@pytest.mark.parametrize(("raw", "expected"), SENTENCES.values(), ids=SENTENCES)
def test_sentences(raw: dict[str, Any], expected: list[str]) -> None:
    """Each pair is told with the place and the mend."""
    assert expected == list(shared_ports(raw))


def test_names_are_resolved_only_where_they_matter(names: list[str]) -> None:
    """No name is looked up where the ports differ anyway."""
    list(shared_ports(listeners(a=("store.example", 2575), b=("10.0.0.1", 2576))))
    assert [] == names

"""Finds ports that two parts of a configuration (listeners, the admin port) would both bind."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from itertools import combinations
from typing import Any

from gateway.admin.settings import AdminSettings
from gateway.config.peer_addresses import unmapped
from gateway.contract.settings import ListenerSettings

HOST = str(ListenerSettings.model_fields["host"].default)
ADMIN = AdminSettings()
EVERY_IPV4, EVERY_ADDRESS = ip_address("0.0.0.0"), ip_address("::")  # noqa: S104  they are compared only


@dataclass(frozen=True, slots=True)
class Place:
    """The address that one part binds."""

    name: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def shared_ports(raw: dict[str, Any]) -> Iterator[str]:
    """Yield an error for each pair of parts that would bind the same address; host names are resolved."""
    for first, second in combinations(_places(raw), 2):
        if first.port != second.port or not _meet(first.host, second.host):
            continue
        if first.host == second.host:
            yield f"{second.name}.port: {second.port} is already the port of {first.name}; choose another"
        else:
            yield (
                f"{second.name}.port: {second} is already used by {first.name} ({first}); choose another port or host"
            )


def _places(raw: dict[str, Any]) -> Iterator[Place]:
    """Yield the parts with a fixed port; port 0, which takes a free one, is skipped."""
    listeners = raw.get("listeners")
    parts = {f"listeners.{name}": each for name, each in listeners.items()} if isinstance(listeners, dict) else {}
    for name, part in {**parts, "admin": raw.get("admin", {})}.items():
        if not isinstance(part, dict):
            continue
        host, port = part.get("host", HOST), _port(part.get("port", ADMIN.port if name == "admin" else None))
        if port and isinstance(host, str):
            yield Place(name, host, port)


def _port(value: object) -> int | None:
    """Return *value* as a port, also if it is a text from an environment variable; None if it is not a port."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 5:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _meet(first: str, second: str) -> bool:
    """Whether two hosts have an address in common."""
    if first == second:
        return True
    one, other = _addresses(first), _addresses(second)
    return bool(one & other) or _is_among(one, other) or _is_among(other, one)


def _is_among(wide: set[IPv4Address | IPv6Address], narrow: set[IPv4Address | IPv6Address]) -> bool:
    if EVERY_ADDRESS in wide:  # Hilum binds :: for IPv4, too
        return bool(narrow)
    return EVERY_IPV4 in wide and any(isinstance(each, IPv4Address) for each in narrow)


def _addresses(host: str) -> set[IPv4Address | IPv6Address]:
    """Return the addresses of *host*; none if it cannot be resolved, which is reported when it is bound."""
    if not host:
        return {EVERY_ADDRESS}
    try:
        return {unmapped(ip_address(host))}
    except ValueError:
        pass
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        return {unmapped(ip_address(where[0])) for *_, where in found}
    except (OSError, ValueError):  # ValueError: not a valid host name (UnicodeError)
        return set()

"""Patterns for the fact ``peer_ip``: an address, a network (CIDR), or a text with ``*`` that the address must match.

An IPv4-mapped IPv6 address (``::ffff:10.0.0.5``) counts as the IPv4 address, both in routes and of peers.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    collapse_addresses,
    ip_address,
    ip_interface,
    ip_network,
)

from gateway.config import patterns
from gateway.contract.settings import Network

EVERY_ADDRESS: tuple[Network, ...] = (IPv4Network("0.0.0.0/0"), IPv6Network("::/0"))
FORMS = "write an address (10.0.0.5), a network (10.0.0.0/8), or the beginning of addresses (10.0.*)"
_MAPPED_BITS = 96
_OCTET_BITS = 8
_OCTETS = re.compile(r"(?:(?:0|[1-9][0-9]{0,2})\.){1,3}\*")
_TEXT = re.compile(r"[0-9a-f:.*]+")
_NO_OCTETS = re.compile(r"[^0-9.*]|\.\.|^\.|\.$|(?:^|\.)0[0-9]|[0-9]{4}")
_NO_GROUPS = re.compile(r"\.|:::|[0-9a-f]{5}")


def address_problem(pattern: str) -> str | None:
    """Return why no peer's address can match *pattern*, and what to write instead; None if one can match."""
    if "*" in pattern:
        plain = pattern.lower().removeprefix("::ffff:")
        if plain == pattern and _may_be_address(pattern):
            return None
        mend = f"write {plain}" if plain != pattern and _may_be_address(plain) else FORMS
        return f"{pattern!r} matches no address; {mend}"
    if read_network(pattern) is not None:
        return None
    try:
        network = ip_interface(pattern).network
    except ValueError:
        return f"{pattern!r} is neither an address nor a network; {FORMS}"
    return f"{pattern!r} is an address within a network; write {network} for the network"


def _may_be_address(pattern: str) -> bool:
    """Whether the text *pattern* with ``*`` may match an address, as far as its digits and separators show."""
    if not _TEXT.fullmatch(pattern):
        return False
    octets = [int(each) for each in re.findall(r"[0-9]+", pattern)]
    is_ipv4 = not _NO_OCTETS.search(pattern) and pattern.count(".") <= 3 and max(octets, default=0) <= 255
    return is_ipv4 or not _NO_GROUPS.search(pattern)


@cache
def read_network(pattern: str) -> Network | None:
    """Return *pattern* as a network, also if it is a single address; None if it is neither."""
    try:
        network = ip_network(pattern)
    except ValueError:
        return None
    mapped = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    if mapped is not None and network.prefixlen >= _MAPPED_BITS:
        return IPv4Network((mapped, network.prefixlen - _MAPPED_BITS))
    return network


def is_match(pattern: str, address: str) -> bool:
    """Whether *pattern* matches the *address* of a peer."""
    network, ip = read_network(pattern), _read_address(address)
    if ip is None:
        return network is None and patterns.is_match(pattern, address)
    return patterns.is_match(pattern, str(ip).partition("%")[0]) if network is None else ip in network


@lru_cache(maxsize=1024)
def _read_address(address: str) -> IPv4Address | IPv6Address | None:
    try:
        return unmapped(ip_address(address))
    except ValueError:
        return None


def unmapped(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address if *ip* is an IPv4-mapped IPv6 address, otherwise *ip* itself."""
    return ip.ipv4_mapped or ip if isinstance(ip, IPv6Address) else ip


def is_covered(pattern: str, others: Sequence[str]) -> bool:
    """Whether each address that *pattern* matches is matched by one of *others*.

    The answer is exact for addresses, networks and IPv4 prefixes that end in a dot (``10.0.*``). Other patterns with
    ``*`` are compared as texts; then it may be wrongly False, because some of the texts are not addresses.
    """
    wide = list(collapse(network for each in others for network in networks(each) or ()))
    narrow = networks(pattern)
    if narrow is None:
        return set(EVERY_ADDRESS) <= set(wide) or patterns.is_covered(pattern, _texts(others))
    return all(_is_within(each, wide) or _is_written(each, others) for each in narrow)


def networks(pattern: str) -> tuple[Network, ...] | None:
    """Return the networks whose addresses *pattern* matches; None if it cannot be expressed as networks."""
    network = read_network(pattern)
    if network is not None:
        return (network,)
    if set(pattern) == {"*"}:
        return EVERY_ADDRESS
    octets = pattern.removesuffix("*").split(".")[:-1]
    if not _OCTETS.fullmatch(pattern) or any(int(each) > 255 for each in octets):
        return None
    padded = ".".join([*octets, "0", "0", "0"][:4])
    return (IPv4Network(f"{padded}/{_OCTET_BITS * len(octets)}"),)


def may_meet(pattern: str, other: str) -> bool:
    """Whether there may be an address that both patterns match; True if that is not known."""
    narrow, wide = networks(pattern), networks(other)
    if narrow is None or wide is None:
        return True
    return any(one.version == two.version and one.overlaps(two) for one in narrow for two in wide)


def within(wanted: Sequence[str], allowed: Sequence[str]) -> list[str]:
    """Return patterns for the addresses that match one of *wanted* and are in one of the networks *allowed*.

    A pattern that cannot be expressed as networks is returned as it is.
    """
    found = dict[str, None]()
    for pattern in wanted:
        for narrow in networks(pattern) or ():
            for wide in (network for each in allowed for network in networks(each) or ()):
                if narrow.version == wide.version and narrow.overlaps(wide):
                    found[str(max(narrow, wide, key=lambda each: each.prefixlen))] = None
        if networks(pattern) is None:
            found[pattern] = None
    return list(found)


def collapse(found: Iterable[Network]) -> Iterable[Network]:
    """Return the smallest number of networks that have the same addresses."""
    found = list(found)
    yield from collapse_addresses([each for each in found if isinstance(each, IPv4Network)])
    yield from collapse_addresses([each for each in found if isinstance(each, IPv6Network)])


def _is_within(network: Network, wide: Iterable[Network]) -> bool:
    for each in wide:
        if isinstance(network, IPv4Network) and isinstance(each, IPv4Network) and network.subnet_of(each):
            return True
        if isinstance(network, IPv6Network) and isinstance(each, IPv6Network) and network.subnet_of(each):
            return True
    return False


def _is_written(network: Network, others: Sequence[str]) -> bool:
    written = _written(network)
    return bool(written) and all(patterns.is_covered(each, _texts(others)) for each in written)


def _texts(others: Sequence[str]) -> list[str]:
    """Return *others* as text patterns; a network becomes patterns that match only its addresses."""
    found = [(each, read_network(each)) for each in others]
    return [text for each, network in found for text in (_written(network) if network is not None else [each])]


def _written(network: Network) -> list[str]:
    """Return text patterns that match the addresses of *network*; none for an IPv6 network of several addresses."""
    if isinstance(network, IPv6Network):
        return [str(network.network_address)] if network.prefixlen == network.max_prefixlen else []
    octets = -(-network.prefixlen // _OCTET_BITS)
    parts = [str(each.network_address).split(".")[:octets] for each in network.subnets(new_prefix=octets * _OCTET_BITS)]
    return [".".join([*each, *["*"] * (octets < 4)]) for each in parts]

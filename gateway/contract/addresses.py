"""Tells from an address in the configuration whether other machines can reach it."""

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a port bound to *host*. Of the host names only ``localhost`` counts."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def read_network(value: object) -> object:
    """Return what the configuration has for a network; raises ValueError with the mend where it is none."""
    if not isinstance(value, str):
        if isinstance(value, IPv4Network | IPv6Network):
            return value
        raise ValueError("is no network; write such as 10.1.2.0/24")
    try:
        return ip_network(value)
    except ValueError:
        pass
    try:
        network = ip_network(value, strict=False)
    except ValueError:
        raise ValueError("is no network; write such as 10.1.2.0/24, or an address such as 10.1.2.3") from None
    raise ValueError(f"is an address within a network; write {network} for all of it, or the address without `/`")


def read_host(host: str) -> str:
    """Return the address or name of a host; raises ValueError with the mend where it is none."""
    if host.startswith("[") and host.endswith("]"):
        raise ValueError("has brackets; write an IPv6 address without them")
    if _is_address(host):
        return host
    if "/" in host:
        raise ValueError("is neither an address nor a name; write such as 127.0.0.1, without scheme, path or `/`")
    if ":" in host:
        raise ValueError("is neither an address nor a name; write it without a port, which has a key of its own")
    if not all(each >= "!" and each.isprintable() for each in host) or "*" in host:
        raise ValueError("is neither an address nor a name; 0.0.0.0 is every IPv4 address, `::` every address")
    if all(part.isdecimal() for part in host.split(".")):
        raise ValueError("is no IPv4 address; write four numbers up to 255, such as 127.0.0.1")
    return host


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True

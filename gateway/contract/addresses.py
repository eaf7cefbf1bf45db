"""Tells from an address in the configuration whether other machines can reach it."""

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a port bound to *host*. Of the host names only ``localhost`` counts."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False

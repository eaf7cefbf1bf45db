"""What an address in the configuration says about who can reach it."""

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a port that is bound to *host*; no name but localhost is trusted to be so."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False

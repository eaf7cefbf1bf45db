"""Checks the Host header of requests to the admin port, as a protection against DNS rebinding.

A web page in an operator's browser can make its own host name resolve to our address, and then send requests to this
port as the operator. Such requests have the page's host name in Host, which the page cannot change.
"""

from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from gateway.contract.certificate_names import as_dns_name

ALWAYS = ("localhost",)
NO_NAME = "is not a host name; write it without scheme, port, path and `*`, such as hilum.ward.example"


def read_host(text: str) -> str:
    """Return an entry of ``admin.hosts`` in the form used for comparison; raises ValueError if it is not a host."""
    name = text.removesuffix(".")
    if as_dns_name(name) is None and not _is_address(name):
        raise ValueError(f"{text!r} {NO_NAME}")
    return name.lower()


class Hosts:
    """The host names of this gateway."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = frozenset(each.lower() for each in (*ALWAYS, *names))

    def knows(self, header: str) -> bool:
        """Whether *header* is one of the names, or an IP address, which DNS cannot redirect."""
        try:
            name = (urlsplit(f"//{header}").hostname or "").removesuffix(".")
        except ValueError:
            return False
        return name in self._names or _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True

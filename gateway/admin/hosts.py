"""Which Host header a request to the admin port may have.

A page in an operator's browser can have its own name resolve to our address (DNS rebinding), and then ask this port as
the operator would. Its requests carry its name in Host, which neither the page nor the resolver can change.
"""

from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from gateway.contract.certificate_names import as_dns_name

ALWAYS = ("localhost",)
NO_NAME = "is no name of a host; write it without scheme, port, path and `*`, such as hilum.ward.example"


def read_host(text: str) -> str:
    """Return one of ``admin.hosts`` in the form in which it is compared; raises ValueError where it matches nothing."""
    name = text.removesuffix(".")
    if as_dns_name(name) is None and not _is_address(name):
        raise ValueError(f"{text!r} {NO_NAME}")
    return name.lower()


class Hosts:
    """Knows the names of this gateway."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = frozenset(each.lower() for each in (*ALWAYS, *names))

    def knows(self, header: str) -> bool:
        """Whether *header* is one of the names, or an address, which nobody can have resolve to another."""
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

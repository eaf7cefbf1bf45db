"""Who a peer is, by the certificate that TLS has verified."""

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

KINDS = ("DNS", "URI", "email", "IP Address")
"""Alternative names that name a system, as ``ssl.SSLSocket.getpeercert`` calls them."""

Certificate = Mapping[str, Any]


def names_in(certificate: Certificate) -> list[str]:
    """Return the subject's common names and the alternative names; DNS names in lower case."""
    common = [value for part in certificate.get("subject", ()) for key, value in part if key == "commonName"]
    others = [(kind, value) for kind, value in certificate.get("subjectAltName", ()) if kind in KINDS]
    return [*common, *(value.lower() if kind == "DNS" else value for kind, value in others)]


def is_named(names: Iterable[str], patterns: Sequence[str] | None) -> bool:
    """Whether one of *names* matches one of *patterns*; without patterns any will do."""
    return patterns is None or any(fnmatchcase(name, pattern) for name in names for pattern in patterns)

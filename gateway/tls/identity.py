"""The names of a peer in the certificate that TLS has verified."""

import ssl
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gateway.contract.certificate_names import as_dns_name, as_other_name, is_match

OTHER_KINDS = {"URI": "uri", "email": "email", "IP Address": "ip"}
"""Kinds of alternative names besides DNS: name in ``ssl.SSLSocket.getpeercert`` to prefix in ``client_names``."""

Certificate = Mapping[str, Any]


def names_in(certificate: Certificate) -> list[str]:
    """Return the names of a certificate in the form in which ``client_names`` are compared."""
    return [name for name in _presented(certificate) if name is not None]


def is_named(names: Iterable[str], wanted: Sequence[str] | None) -> bool:
    """Whether one of *names* matches one of *wanted*; always true if *wanted* is None."""
    return wanted is None or any(is_match(each, name) for name in names for each in wanted)


def has_expired(certificate: Certificate, now: float) -> bool:
    """Whether the certificate has expired at *now*, in epoch seconds."""
    return "notAfter" in certificate and ssl.cert_time_to_seconds(certificate["notAfter"]) <= now


def _presented(certificate: Certificate) -> Iterator[str | None]:
    alternatives = certificate.get("subjectAltName", ())
    for kind, value in alternatives:
        if kind == "DNS":
            yield as_dns_name(value)
        elif kind in OTHER_KINDS:
            yield as_other_name(OTHER_KINDS[kind], value.strip("\n") if kind == "IP Address" else value)
    common = [value for part in certificate.get("subject", ()) for key, value in part if key == "commonName"]
    for value in common[-1:]:  # RFC 6125 6.4.4: of several the most specific one, which is the last
        yield as_other_name("cn", value)
        # The common name is taken as a DNS name only if the certificate has no alternative name of any kind.
        if not alternatives:
            yield as_dns_name(value)

"""From a handshake that failed, or a certificate that is not taken, to the cause that operators read."""

import ssl
from collections.abc import Sequence
from functools import lru_cache

from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.meter import Rejection
from gateway.tls.causes import (
    ENDED,
    NO_CERTIFICATE,
    NOT_TLS,
    NOT_TRUSTED,
    NOT_YET_VALID,
    OTHER_ISSUER,
    UNREADABLE,
)

MOST_AUTHORITIES = 5
"""Names of authorities that are told at most."""
OF_CERTIFICATE = {
    NO_CERTIFICATE: "none",
    OTHER_ISSUER: "issuer",
    ENDED: "ended",
    NOT_YET_VALID: "not_yet_valid",
    NOT_TRUSTED: "other",
    UNREADABLE: "unreadable",
}
"""What is wrong with the peer's certificate, by the sentence of ``gateway.tls.causes``."""


def of_handshake(cause: str, context: ssl.SSLContext) -> Diagnosis:
    """Return what *cause*, a sentence of ``gateway.tls.causes``, says of a handshake with *context*."""
    if cause == NOT_TLS:
        return Diagnosis(Cause.PLAIN_ON_TLS_PORT)
    if cause not in OF_CERTIFICATE:
        return Diagnosis(Cause.PEER_TLS_FAILED, {"why": cause})
    details = {"why": OF_CERTIFICATE[cause], "authorities": authorities_of(context)}
    return Diagnosis(Cause.PEER_CERTIFICATE, details)


def of_ended(names: Sequence[str]) -> Diagnosis:
    """Return that a certificate with *names* has ended since its TLS session began."""
    return Diagnosis(Cause.PEER_CERTIFICATE, {"why": "ended", "names": ", ".join(names)})


def of_names(names: Sequence[str], allowed: Sequence[str] | None) -> Diagnosis:
    """Return that none of the *names* of a certificate is *allowed*."""
    details = {"why": "name", "names": ", ".join(names), "allowed": ", ".join(allowed or ())}
    return Diagnosis(Cause.PEER_CERTIFICATE, details)


def of_limit(reason: Rejection) -> Diagnosis:
    """Return that a limit keeps the peer from a handshake."""
    return Diagnosis(Cause.PEER_LIMIT, {"limit": reason.value, "of": "handshakes"})


@lru_cache(16)
def authorities_of(context: ssl.SSLContext) -> str:
    """Return the names of the authorities whose certificates *context* accepts."""
    subjects = [dict(part[0] for part in each["subject"]) for each in context.get_ca_certs()]  # type: ignore[misc]
    names = [str(each.get("commonName") or each.get("organizationName") or "without a name") for each in subjects]
    more = [f"{len(names) - MOST_AUTHORITIES} more"] if len(names) > MOST_AUTHORITIES else []
    return ", ".join(names[:MOST_AUTHORITIES] + more)

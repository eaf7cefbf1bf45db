"""Why there is no connection to a store: a sentence for the log and the peer, and a diagnosis for people who act."""

import ssl
from dataclasses import replace

from adapters.rest.http.http1 import Failure
from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.connection_faults import diagnose_connecting
from gateway.contract.tls_faults import diagnose_tls

UNRESOLVED = Failure("the store's host name cannot be resolved")
REFUSED = Failure("connection refused")
UNREACHABLE = Failure("the store's host cannot be reached")
TOO_SLOW = Failure("no connection to the store within connect_seconds")
NO_TLS = Failure("the TLS handshake with the store failed")
TLS_TOO_SLOW = Failure("the store did not complete the TLS handshake within connect_seconds")
SPEAKS_NO_TLS = Failure("the store does not speak TLS on this port; its address begins with http://")
NOT_TRUSTED = Failure("the store's TLS certificate is not trusted")
ENDED = Failure("the store's TLS certificate has ended")
NOT_YET_VALID = Failure("the store's TLS certificate is not valid yet, or our clock is behind")
OTHER_NAME = Failure("the store's TLS certificate is for another name")
UNKNOWN_ISSUER = Failure("the issuer of the store's TLS certificate is not trusted; see tls.ca_file")
WANTS_CERTIFICATE = Failure("the store demands a TLS client certificate; see tls.certificate_file")
CERTIFICATE_REFUSED = Failure("the store does not accept our TLS client certificate")

OF_CONNECTING = {
    Cause.CONNECTION_REFUSED: REFUSED,
    Cause.NO_CONNECTION: TOO_SLOW,
    Cause.NO_ROUTE_TO_HOST: UNREACHABLE,
}
OF_TLS = {
    Cause.CERTIFICATE_ENDED: ENDED,
    Cause.CERTIFICATE_NOT_YET_VALID: NOT_YET_VALID,
    Cause.CERTIFICATE_NAME: OTHER_NAME,
    Cause.CERTIFICATE_ISSUER: UNKNOWN_ISSUER,
    Cause.CERTIFICATE_WANTED: WANTS_CERTIFICATE,
    Cause.CERTIFICATE_REFUSED: CERTIFICATE_REFUSED,
    Cause.SPEAKS_NO_TLS: SPEAKS_NO_TLS,
}


def connecting_failure(error: Exception, address: str, seconds: float) -> Failure:
    """Return why *address* could not be connected to."""
    diagnosis = diagnose_connecting(error, address, seconds)
    return replace(OF_CONNECTING[diagnosis.cause], diagnosis=diagnosis)


def tls_failure(error: Exception, called: str, address: str, *, shows_certificate: bool | None = None) -> Failure:
    """Return why the handshake with the store, which was *called* so, ended in *error*."""
    if not isinstance(error, ssl.SSLError):
        return replace(NO_TLS, diagnosis=Diagnosis(Cause.TLS_FAILED, {"error": "closed"}))
    diagnosis = diagnose_tls(error, called, shows_certificate=shows_certificate)
    if diagnosis.cause is Cause.SPEAKS_NO_TLS:
        diagnosis = Diagnosis(diagnosis.cause, {"address": address})
    otherwise = NOT_TRUSTED if isinstance(error, ssl.SSLCertVerificationError) else NO_TLS
    return replace(OF_TLS.get(diagnosis.cause, otherwise), diagnosis=diagnosis)

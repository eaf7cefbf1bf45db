"""Why a handshake failed, in fixed sentences: OpenSSL's own text may quote what the peer sent."""

import ssl

UNKNOWN = "the handshake failed"
TOO_SLOW = "the handshake was not finished in time"
NOT_TLS = "the peer does not speak TLS, but this port does"
UNREADABLE = "a name in the peer's certificate cannot be read: it is not in UTF-8; have the certificate issued anew"
TOO_OLD = "the peer offers no version of TLS from 1.2 on"

CAUSES = {
    "CERTIFICATE_VERIFY_FAILED": "the peer's certificate is not trusted",
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": "the peer showed no certificate",
    "UNSUPPORTED_PROTOCOL": TOO_OLD,
    "UNKNOWN_PROTOCOL": TOO_OLD,
    "NO_SHARED_CIPHER": "the peer offers no suite with forward secrecy and authenticated encryption",
    "NO_SUITABLE_SIGNATURE_ALGORITHM": "the peer offers no signature that the certificate's key can make",
    "WRONG_VERSION_NUMBER": NOT_TLS,
    "HTTP_REQUEST": NOT_TLS,
    "HTTPS_PROXY_REQUEST": NOT_TLS,
    "TLSV1_ALERT_UNKNOWN_CA": "the peer does not trust the certificate",
    "SSLV3_ALERT_BAD_CERTIFICATE": "the peer does not trust the certificate",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "the peer does not trust the certificate",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "the peer does not trust the certificate",
    "TLSV1_ALERT_PROTOCOL_VERSION": "the peer takes no version of TLS that is offered",
}
"""OpenSSL's names for the reason to what is logged."""


def cause_of(error: Exception) -> str | None:
    """Return why a handshake failed with *error*, or None when the peer has just left: so do probes of balancers."""
    if isinstance(error, ssl.SSLError):
        return CAUSES.get(error.reason or "", UNKNOWN)
    if isinstance(error, UnicodeDecodeError):  # ssl has read the certificate into text
        return UNREADABLE
    # The event loops tell of their timeout in this way, and of a peer that left with ConnectionResetError.
    if isinstance(error, ConnectionAbortedError | TimeoutError):
        return TOO_SLOW
    return None if isinstance(error, ConnectionError) else UNKNOWN

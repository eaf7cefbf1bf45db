"""Fixed sentences for why a TLS handshake failed; OpenSSL's own text is not used, as it may quote the peer's data."""

import ssl

UNKNOWN = "the handshake failed"
TOO_SLOW = "the handshake was not finished in time"
NOT_TLS = "the peer does not speak TLS, but this port does"
UNREADABLE = "a name in the peer's certificate is not valid UTF-8; have the certificate issued again"
TOO_OLD = "the peer offers neither TLS 1.2 nor TLS 1.3"
NO_CERTIFICATE = "the peer sent no certificate"
ENDED = "the peer's certificate has expired"
NOT_YET_VALID = "the peer's certificate is not valid yet"
OTHER_ISSUER = "the peer's certificate is not issued by a CA of client_ca_file"
NOT_TRUSTED = "the peer's certificate is not trusted"

CAUSES = {
    "CERTIFICATE_VERIFY_FAILED": NOT_TRUSTED,
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": NO_CERTIFICATE,
    "UNSUPPORTED_PROTOCOL": TOO_OLD,
    "UNKNOWN_PROTOCOL": TOO_OLD,
    "NO_SHARED_CIPHER": "the peer offers no cipher suite with forward secrecy and authenticated encryption",
    "NO_SUITABLE_SIGNATURE_ALGORITHM": "the peer offers no signature algorithm that fits the key of the certificate",
    "WRONG_VERSION_NUMBER": NOT_TLS,
    "HTTP_REQUEST": NOT_TLS,
    "HTTPS_PROXY_REQUEST": NOT_TLS,
    "TLSV1_ALERT_UNKNOWN_CA": "the peer does not trust the certificate",
    "SSLV3_ALERT_BAD_CERTIFICATE": "the peer does not trust the certificate",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "the peer does not trust the certificate",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "the peer does not trust the certificate",
    "TLSV1_ALERT_PROTOCOL_VERSION": "the peer accepts neither TLS 1.2 nor TLS 1.3",
}
"""OpenSSL's name of the reason to the sentence that is logged."""
VERIFY_CODES = {10: ENDED, 9: NOT_YET_VALID, **dict.fromkeys((2, 18, 19, 20, 21), OTHER_ISSUER)}
"""Why a certificate is not trusted: OpenSSL's X509_V_ERR_* to the sentence."""


def cause_of(error: Exception) -> str | None:
    """Return why a handshake failed with *error*; None if the peer only disconnected, as load balancer probes do."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return VERIFY_CODES.get(error.verify_code, NOT_TRUSTED)
    if isinstance(error, ssl.SSLError):
        return CAUSES.get(error.reason or "", UNKNOWN)
    if isinstance(error, UnicodeDecodeError):  # raised by ssl when it decodes the certificate
        return UNREADABLE
    # The event loops raise these when the handshake times out, and ConnectionResetError when the peer disconnects.
    if isinstance(error, ConnectionAbortedError | TimeoutError):
        return TOO_SLOW
    return None if isinstance(error, ConnectionError) else UNKNOWN

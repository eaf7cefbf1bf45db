"""Why a connection to a peer failed or was lost, in fixed texts, because the event loops' texts contain addresses."""

import os
import re
import socket
import ssl
from typing import Any

from gateway.contract.sending import Address, ClientTls

SHUTDOWN_SECONDS = 2.0
"""How long a peer may take to close its side of TLS."""
NOT_RESOLVED = "the host name cannot be resolved"
NO_ADDRESS = "none of the addresses of the host can be reached"
RESET = "the connection was reset"
CLOSED_IN_HANDSHAKE = "the peer closed the connection during the TLS handshake; it may not speak TLS on this port"
CLOSED_BEHIND_HANDSHAKE = (
    "the peer closed the connection right after the TLS handshake; it may demand a client certificate"
)
"""In TLS 1.3 a client finishes before the server checks its certificate; not every server sends an alert."""
NO_TLS = "the peer does not speak TLS on this port"
UNTRUSTED = "TLS: the peer's certificate is not trusted: it is not issued by a CA of the CA file"
NOT_TRUSTED_HERE = "TLS: the peer does not trust our certificate"
WANTS_CERTIFICATE = "TLS: the peer demands a client certificate"
NO_VERSION = "TLS: the peer supports neither TLS 1.2 nor 1.3"
NO_SUITE = "TLS: no cipher suite in common, or the peer demands a client certificate"
HANDSHAKE_FAILED = "TLS: the handshake failed"

CERTIFICATE_FAULTS = {  # OpenSSL's X509_V_ERR_*
    9: "TLS: the peer's certificate is not valid yet",
    10: "TLS: the peer's certificate has expired",
    62: "TLS: the peer's certificate is for another host name; see the server name",
    64: "TLS: the peer's certificate is for another IP address; see the server name",
    **dict.fromkeys((2, 18, 19, 20, 21), UNTRUSTED),
}
HANDSHAKE_FAULTS = {
    **dict.fromkeys(
        (
            "WRONG_VERSION_NUMBER",
            "PACKET_LENGTH_TOO_LONG",
            "RECORD_LAYER_FAILURE",
            "HTTP_REQUEST",
            "UNEXPECTED_MESSAGE",
            "BAD_RECORD_TYPE",
        ),
        NO_TLS,
    ),
    "UNEXPECTED_EOF_WHILE_READING": CLOSED_IN_HANDSHAKE,
    **dict.fromkeys(("UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION"), NO_VERSION),
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": WANTS_CERTIFICATE,
    "SSLV3_ALERT_HANDSHAKE_FAILURE": NO_SUITE,
    **dict.fromkeys(
        (
            "TLSV1_ALERT_UNKNOWN_CA",
            "SSLV3_ALERT_BAD_CERTIFICATE",
            "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
            "SSLV3_ALERT_CERTIFICATE_REVOKED",
            "SSLV3_ALERT_CERTIFICATE_EXPIRED",
            "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
        ),
        NOT_TRUSTED_HERE,
    ),
}
"""Maps OpenSSL's names of reasons to texts."""
ERRNO = re.compile(r"\[Errno (\d+)\]")


def handshake(address: Address, tls: ClientTls | None) -> dict[str, Any]:
    """Return the arguments that make an event loop use TLS on a new connection to *address*."""
    if tls is None:
        return {}
    return {
        "ssl": tls.context,
        "server_hostname": tls.server_name or address.host,
        "ssl_shutdown_timeout": SHUTDOWN_SECONDS,
    }


def why_not_connected(error: Exception, *, speaks_tls: bool = False) -> str:
    """Return why a connection failed, given the *error* of the event loop."""
    if isinstance(error, ssl.SSLError):
        return why_no_tls(error)
    if isinstance(error, socket.gaierror | UnicodeError):  # a label of a name may be too long for DNS
        return NOT_RESOLVED
    if speaks_tls and isinstance(error, ConnectionResetError | ConnectionAbortedError | BrokenPipeError):
        return CLOSED_IN_HANDSHAKE
    return _why_no_address(error)


def why_no_tls(error: ssl.SSLError) -> str:
    """Return why a TLS handshake failed; in TLS 1.3 the peer's alert may arrive after the end of the handshake."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return CERTIFICATE_FAULTS.get(error.verify_code, "TLS: the peer's certificate is not trusted")
    return HANDSHAKE_FAULTS.get(getattr(error, "reason", None) or "", HANDSHAKE_FAILED)


def _why_no_address(error: Exception) -> str:
    """Return the system's text if all addresses of the host failed with the same errno, otherwise a general text."""
    number = error.errno if isinstance(error, OSError) else None
    numbers = {number} if number is not None and number > 0 else {int(each) for each in ERRNO.findall(str(error))}
    return os.strerror(numbers.pop()).lower() if len(numbers) == 1 else NO_ADDRESS

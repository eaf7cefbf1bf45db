"""Contexts for TLS 1.2 and 1.3 with forward secrecy and authenticated encryption only.

PS3.15 B.9 and B.12 (BCP 195, now RFC 9325) ask for this: neither SSL nor TLS 1.0 and 1.1, no CBC, no static RSA, no
compression, no renegotiation. No tickets are given out, and what OpenSSL itself keeps of sessions ends with their
context: once a CA is taken away, nobody comes in by it.
"""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.contract.errors import ConfigError
from gateway.contract.settings import ClientTlsSettings, ServerTlsSettings

if TYPE_CHECKING:
    from cryptography import x509

SUITES = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Those of TLS 1.2; the ones of TLS 1.3 are all good."""
VERIFY = {"none": ssl.CERT_NONE, "optional": ssl.CERT_OPTIONAL, "required": ssl.CERT_REQUIRED}
WEAK = {"EE_KEY_TOO_SMALL", "CA_KEY_TOO_SMALL", "CA_MD_TOO_WEAK"}


@dataclass(frozen=True, slots=True)
class Context:
    """What a handshake needs."""

    ssl: ssl.SSLContext
    expires: datetime | None
    """When our own certificate ends to be valid; None where we show none."""


def server_files(settings: ServerTlsSettings) -> Sequence[Path]:
    """Return the files that :func:`server_context` reads."""
    return _present(settings.certificate_file, settings.key_file, settings.client_ca_file)


def client_files(settings: ClientTlsSettings) -> Sequence[Path]:
    """Return the files that :func:`client_context` reads."""
    return _present(settings.ca_file, settings.certificate_file, settings.key_file)


def server_context(place: str, settings: ServerTlsSettings) -> Context:
    """Return the context of a port; *place* is where *settings* stand. Raises ConfigError naming the file at fault."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _harden(context)
    expires = _show(context, place, settings.certificate_file, settings.key_file)
    if settings.client_ca_file is not None:
        _trust(context, f"{place}.client_ca_file", settings.client_ca_file)
    context.verify_mode = VERIFY[settings.client_auth]
    return Context(context, expires)


def client_context(place: str, settings: ClientTlsSettings | None = None) -> Context:
    """Return the context for a server; *place* is where *settings* stand. Raises ConfigError naming the file at fault.

    The environment has no say in it: no SSLKEYLOGFILE is written.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies certificate and host name
    _harden(context)
    if settings is None or settings.ca_file is None:
        context.load_default_certs()
    else:
        _trust(context, f"{place}.ca_file", settings.ca_file)
    expires = None
    if settings is not None and settings.certificate_file is not None and settings.key_file is not None:
        expires = _show(context, place, settings.certificate_file, settings.key_file)
    return Context(context, expires)


def _present(*paths: Path | None) -> Sequence[Path]:
    return [path for path in paths if path is not None]


def _harden(context: ssl.SSLContext) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(SUITES)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_TICKET
    if context.protocol is ssl.PROTOCOL_TLS_SERVER:
        context.num_tickets = 0


def _show(context: ssl.SSLContext, place: str, certificate: Path, key: Path) -> datetime:
    expires = min(each.not_valid_after_utc for each in _certificates(f"{place}.certificate_file", certificate))
    _read(f"{place}.key_file", key)
    try:
        context.load_cert_chain(certificate, key, _refuse_password)
    except ssl.SSLError as error:
        if error.reason in WEAK:
            raise ConfigError(f"{place}.certificate_file: {certificate} is too weak; use RSA of 2048 bits") from None
        reason = (
            "is not the key of the certificate; name its own"
            if error.reason == "KEY_VALUES_MISMATCH"
            else "holds no private key that can be used; it must be PEM, not encrypted"
        )
        raise ConfigError(f"{place}.key_file: {key} {reason}") from None
    except OSError as error:  # one of them has gone since it was read
        raise ConfigError(
            f"{place}.key_file: {key} cannot be read: {error.strerror}; mend its path or rights"
        ) from None
    return expires


def _refuse_password() -> bytes:
    """Answer in place of the terminal, which OpenSSL would ask for the password of an encrypted key."""
    return b"\0"


def _trust(context: ssl.SSLContext, setting: str, path: Path) -> None:
    _certificates(setting, path)
    try:
        context.load_verify_locations(path)
    except (OSError, ssl.SSLError):
        raise ConfigError(f"{setting}: {path} holds a certificate that cannot be used; renew it") from None
    # What is in the file is trusted as it is, also where a CA above it is not.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN


def _certificates(setting: str, path: Path) -> "list[x509.Certificate]":
    from cryptography import x509  # noqa: PLC0415  it takes memory that only those who use TLS shall pay

    try:
        return x509.load_pem_x509_certificates(_read(setting, path))
    except ValueError:
        raise ConfigError(f"{setting}: {path} holds no certificate; it must be PEM") from None


def _read(setting: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{setting}: {path} cannot be read: {error.strerror}; mend the path or its rights") from None

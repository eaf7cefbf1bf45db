"""Contexts for TLS 1.2 and 1.3 with forward secrecy and authenticated encryption only.

PS3.15 B.9 and B.12 (BCP 195, now RFC 9325) require this: no SSL, TLS 1.0 or TLS 1.1, no CBC, no static RSA, no
compression, no renegotiation. No session tickets are issued, and OpenSSL's session cache ends with its context: once a
CA is removed from the file, no session that began with it can be resumed.
"""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.contract.errors import ConfigError
from gateway.contract.settings import ClientTlsSettings, ServerTlsSettings
from gateway.tls.alerts import AlertingContext

if TYPE_CHECKING:
    from cryptography import x509

SUITES = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Cipher suites of TLS 1.2; those of TLS 1.3 are all acceptable."""
VERIFY = {"none": ssl.CERT_NONE, "optional": ssl.CERT_OPTIONAL, "required": ssl.CERT_REQUIRED}
WEAK = {"EE_KEY_TOO_SMALL", "CA_KEY_TOO_SMALL", "CA_MD_TOO_WEAK"}


@dataclass(frozen=True, slots=True)
class Context:
    """A TLS context, with the expiry of its certificate."""

    ssl: ssl.SSLContext
    expires: datetime | None
    """When Hilum's own certificate expires; None if it has none here."""


def server_files(settings: ServerTlsSettings) -> Sequence[Path]:
    """Return the files that :func:`server_context` reads."""
    return _present(settings.certificate_file, settings.key_file, settings.client_ca_file)


def client_files(settings: ClientTlsSettings) -> Sequence[Path]:
    """Return the files that :func:`client_context` reads."""
    return _present(settings.ca_file, settings.certificate_file, settings.key_file)


def server_context(place: str, settings: ServerTlsSettings) -> Context:
    """Return the context of a port; *place* is the path of *settings*. Raises ConfigError that names the bad file."""
    context = AlertingContext(ssl.PROTOCOL_TLS_SERVER)
    _harden(context)
    expires = _show(context, place, settings.certificate_file, settings.key_file)
    if settings.client_ca_file is not None:
        _trust(context, f"{place}.client_ca_file", settings.client_ca_file)
    context.verify_mode = VERIFY[settings.client_auth]
    return Context(context, expires)


def client_context(place: str, settings: ClientTlsSettings | None = None) -> Context:
    """Return the context of a client; *place* is the path of *settings*. Raises ConfigError that names the bad file.

    The environment variable SSLKEYLOGFILE is ignored: no TLS keys are logged.
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
            "is not the key of the certificate; name the key that belongs to it"
            if error.reason == "KEY_VALUES_MISMATCH"
            else "holds no usable private key; it must be PEM, not encrypted"
        )
        raise ConfigError(f"{place}.key_file: {key} {reason}") from None
    except OSError as error:  # one of the files was removed since it was read
        raise ConfigError(
            f"{place}.key_file: {key} cannot be read: {error.strerror}; correct its path or permissions"
        ) from None
    return expires


def _refuse_password() -> bytes:
    """Return a wrong password for an encrypted key, so that OpenSSL does not ask for one on the terminal."""
    return b"\0"


def _trust(context: ssl.SSLContext, setting: str, path: Path) -> None:
    _certificates(setting, path)
    try:
        context.load_verify_locations(path)
    except (OSError, ssl.SSLError):
        raise ConfigError(f"{setting}: {path} holds a certificate that cannot be used; renew it") from None
    # Trust each certificate in the file itself, even if its issuer is not in the file.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN


def _certificates(setting: str, path: Path) -> "list[x509.Certificate]":
    from cryptography import x509  # noqa: PLC0415  only processes that use TLS spend this memory

    try:
        return x509.load_pem_x509_certificates(_read(setting, path))
    except ValueError:
        raise ConfigError(f"{setting}: {path} holds no certificate; it must be PEM") from None


def _read(setting: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"{setting}: {path} cannot be read: {error.strerror}; correct its path or permissions"
        ) from None

"""The options of the sending commands, and their conversion to the adapters' ``SendOptions``."""

import argparse
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path

from gateway.contract.errors import ConfigError
from gateway.contract.sending import ClientTls, Progress, SendOptions

FILES = {"ca_file": "--tls-ca-file", "certificate_file": "--tls-certificate-file", "key_file": "--tls-key-file"}
"""The TLS settings, and the option that gives each."""
LEAST_PDU, MOST_PDU = 4096, 131072  # DCMTK's bounds


def add_options(command: ArgumentParser, default: float) -> None:
    """Add the options of every sending command; *default* is that of --timeout, in seconds."""
    command.add_argument(
        "--timeout",
        type=seconds,
        default=default,
        metavar="SECONDS",
        help=f"time limit of each step, not counted while the peer takes data (default {default:g})",
    )
    tls = command.add_argument_group("TLS", "each of these options turns TLS on; versions 1.2 and 1.3")
    tls.add_argument("--tls", action="store_true", help="speak TLS, and trust the CAs of the system")
    tls.add_argument("--tls-ca-file", type=Path, metavar="FILE", help="CA certificates to trust instead, in PEM")
    tls.add_argument("--tls-certificate-file", type=Path, metavar="FILE", help="certificate to show, in PEM")
    tls.add_argument("--tls-key-file", type=Path, metavar="FILE", help="its private key, in PEM, not encrypted")
    tls.add_argument(
        "--tls-server-name", type=_name, metavar="NAME", help="name in the peer's certificate (default: the host)"
    )


def add_dicom_options(command: ArgumentParser) -> None:
    """Add the further options of the DICOM commands."""
    command.add_argument(
        "--calling-aet", type=ae_title, default="HILUM", metavar="AET", help="our own AE title (default HILUM)"
    )
    command.add_argument(
        "--max-pdu",
        type=_pdu,
        default=MOST_PDU,
        metavar="OCTETS",
        help=f"longest P-DATA-TF to take and to send, {LEAST_PDU} to {MOST_PDU} (default {MOST_PDU})",
    )


def options_of(given: Namespace, tell: Callable[[Progress], None]) -> SendOptions:
    """Return the options for an adapter; raises ConfigError if a TLS file cannot be used."""
    return SendOptions(
        timeout=given.timeout,
        tls=_tls(given),
        calling_ae_title=getattr(given, "calling_aet", "HILUM"),
        max_pdu=getattr(given, "max_pdu", None),
        tell=tell,
    )


def ae_title(text: str) -> str:
    """Parse an AE title (PS3.5 6.2); raises ArgumentTypeError."""
    if not 1 <= len(text.strip(" ")) <= 16 or not text.isascii() or not text.isprintable() or "\\" in text:
        raise argparse.ArgumentTypeError(f"{text!r} is not an AE title: 1 to 16 ASCII characters, no backslash")
    return text


def _tls(given: Namespace) -> ClientTls | None:
    files = {name: getattr(given, f"tls_{name}") for name in FILES}
    if not (given.tls or given.tls_server_name or any(files.values())):
        return None
    if (files["certificate_file"] is None) != (files["key_file"] is None):
        raise ConfigError("--tls-certificate-file and --tls-key-file belong together; add the other one")
    from gateway.contract.settings import ClientTlsSettings  # noqa: PLC0415  slow to import, and needed for TLS only
    from gateway.tls.contexts import client_context  # noqa: PLC0415  needed for TLS only

    settings = ClientTlsSettings.model_validate({name: path for name, path in files.items() if path is not None})
    try:
        context = client_context("tls", settings)
    except ConfigError as error:
        raise ConfigError(*map(_in_words_of_the_options, error.problems)) from None
    return ClientTls(context.ssl, given.tls_server_name)


def _in_words_of_the_options(problem: str) -> str:
    place, colon, reason = problem.partition(":")
    return f"{FILES.get(place.removeprefix('tls.'), place)}{colon}{reason}"


def _name(text: str) -> str:
    if not text or text.startswith(".") or not text.isprintable() or " " in text:
        raise argparse.ArgumentTypeError(f"{text!r} is not the name of a host or an IP address")
    return text


def seconds(text: str) -> float:
    """Parse a number of seconds; raises ArgumentTypeError."""
    try:
        parsed = float(text)
    except ValueError:
        parsed = 0
    if not 0 < parsed <= 86400:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0 and up to 86400")
    return parsed


def at_least_one(text: str) -> int:
    """Parse a number of things; raises ArgumentTypeError."""
    if not (text.isdecimal() and 1 <= int(text[:9]) <= 10_000):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 10000")
    return int(text)


def _pdu(text: str) -> int:
    if not (text.isdecimal() and LEAST_PDU <= int(text[:9]) <= MOST_PDU):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of octets from {LEAST_PDU} to {MOST_PDU}")
    return int(text)

"""Asks the admin port. Whatever keeps it from answering becomes one sentence with what helps."""

import json
import ssl
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, RemoteDisconnected
from typing import Any
from urllib.parse import urlencode

from gateway.cli.operating.place import AdminPort, NotAnswered
from gateway.telemetry.terminal import visible

SECONDS = 10.0
MOST_OCTETS = 32 * 2**20
START = "start it (`systemctl start hilum`), or name the configuration with which it runs"
TLS_DIFFERS = "it runs with another configuration than this one; restart it, or name the right configuration"
DEMANDS_CERTIFICATE = "demands a client certificate (admin.tls); name one with --certificate-file and --key-file"
WANTS_CERTIFICATE = ("CERTIFICATE_REQUIRED", "TLSV13_ALERT_CERTIFICATE_REQUIRED", "SSLV3_ALERT_HANDSHAKE_FAILURE")


def ask(port: AdminPort, path: str, **query: str) -> dict[str, Any]:
    """Return the JSON object that the admin port has at *path*; raises NotAnswered."""
    target = f"{path}?{urlencode(query)}" if query else path
    connection = _connection(port)
    try:
        headers = {"Authorization": f"Bearer {port.token}"} if port.token else {}
        connection.request("GET", target, headers=headers)
        response = connection.getresponse()
        return _read(port, path, response, response.read(MOST_OCTETS))
    except (OSError, HTTPException) as error:
        raise NotAnswered(f"{port.where} {_why(error, over_tls=port.tls is not None)}") from None
    finally:
        connection.close()


def _connection(port: AdminPort) -> HTTPConnection:
    if port.tls is not None:
        return HTTPSConnection(port.host, port.number, timeout=SECONDS, context=port.tls)
    return HTTPConnection(port.host, port.number, timeout=SECONDS)


def _read(port: AdminPort, path: str, response: HTTPResponse, body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if response.status == 200 and isinstance(found, dict):
        return found
    raise NotAnswered(f"{port.where} {_refusal(port, path, response.status, found)}")


def _refusal(port: AdminPort, path: str, status: int, found: object) -> str:
    """Return what an answer means that is not the one expected."""
    if status == 200:
        return f"does not answer in JSON: another program has this port; {START}"
    if status == 401 and port.token_file is not None:
        mend = "name the token with which the gateway runs: --token-file, or admin.token_file"
        return f"refuses the token in {port.token_file}: {mend}"
    if status == 401:
        return "demands a token, and there is none; name one with --token-file, or set admin.token_file"
    said = found.get("error") if isinstance(found, dict) else None
    if isinstance(said, str):
        return f"refuses the request: {visible(said)}"
    if status == 404:
        return f"has no {path}: it is another program, or an older Hilum; {START}"
    return f"answers HTTP {status}; look at the log of the gateway"


def _why(error: OSError | HTTPException, *, over_tls: bool) -> str:
    if over_tls and isinstance(error, ssl.SSLEOFError | ConnectionResetError | BrokenPipeError | RemoteDisconnected):
        return f"hangs up in the TLS handshake or after it: perhaps it {DEMANDS_CERTIFICATE}"
    if isinstance(error, ssl.SSLError):
        return _why_no_tls(error)
    if isinstance(error, ConnectionRefusedError):
        return f"has no listener: the gateway does not run, or has another admin.port; {START}"
    if isinstance(error, TimeoutError):
        return f"does not answer within {SECONDS:g} s: the gateway hangs, or a firewall is in between; look at its log"
    if isinstance(error, ConnectionError | HTTPException):
        return f"hangs up, or does not speak HTTP: it speaks TLS, or is another program; {TLS_DIFFERS}"
    return f"cannot be reached: {error.strerror or 'unknown reason'}; name the configuration of a gateway on this host"


def _why_no_tls(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"has a certificate that is not trusted: {error.verify_message}; name its CA with --ca-file"
    if error.reason in WANTS_CERTIFICATE:
        return DEMANDS_CERTIFICATE
    return f"speaks no TLS that fits, though the configuration has admin.tls ({error.reason}); {TLS_DIFFERS}"

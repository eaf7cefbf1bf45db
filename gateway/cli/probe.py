"""The health check of the container image: ``python -m gateway.cli.probe CONFIG`` asks /livez of the admin port.

It reads only ``admin`` of the configuration and imports as little as possible, because it runs every ten seconds.
"""

import os
import ssl
import sys
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from gateway.config.yaml_text import fill_in, read_yaml
from gateway.contract.errors import ConfigError

SECONDS = 2.0
HERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  a socket bound to all addresses answers at loopback, too
ADDRESS = "HILUM_ADMIN"
"""Environment variable with the URL of the admin port; it replaces the address in the configuration."""


class Port(NamedTuple):
    """The admin port to ask."""

    host: str
    number: int
    tls: bool = False
    needs_certificate: bool = False
    """Whether the port demands a client certificate."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 if the gateway is alive; otherwise print a line to stderr and return 1."""
    (path,) = sys.argv[1:] if arguments is None else arguments
    try:
        port = port_of(Path(path), os.environ)
        ask(port)
    except (ConfigError, OSError, HTTPException, ValueError) as error:
        print(f"hilum: not alive: {error}", file=sys.stderr)  # noqa: T201  it is the command's result
        return 1
    return 0


def port_of(path: Path, environment: Mapping[str, str]) -> Port:
    """Return the admin port that the environment or the configuration file names."""
    if (url := environment.get(ADDRESS)) is not None:
        parts = urlsplit(url)
        return Port(parts.hostname or "127.0.0.1", parts.port or 8080, parts.scheme == "https")
    admin: dict[str, Any] = read_yaml(path.read_text(encoding="utf-8")).data.get("admin") or {}
    missing: dict[str, str] = {}
    host, number = fill_in([admin.get("host", "127.0.0.1"), admin.get("port", 8080)], environment, missing)
    if missing:
        raise ConfigError(*(f"admin: {text}" for text in missing.values()))
    tls = admin.get("tls") or {}
    return Port(HERE.get(host, host), int(number), bool(tls), tls.get("client_auth") == "required")


def ask(port: Port) -> None:
    """Check that the port answers; raises OSError, HTTPException or ValueError if it does not."""
    connection = HTTPConnection(port.host, port.number, timeout=SECONDS)
    if port.tls:
        connection = HTTPSConnection(port.host, port.number, timeout=SECONDS, context=_any_certificate())
    try:
        connection.connect()
        if port.needs_certificate:
            return  # there is no client certificate to show; the handshake proves that the event loop runs
        connection.request("GET", "/livez")
        if (status := connection.getresponse().status) != 200:
            raise ValueError(f"/livez answers {status}")
    finally:
        connection.close()


def _any_certificate() -> ssl.SSLContext:
    """Return a context without verification: the certificate is for the gateway's host, not for a loopback address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


if __name__ == "__main__":
    sys.exit(main())

"""Where a command finds the admin port of a configuration, and what it shows there."""

import os
import ssl
from argparse import Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from gateway.admin.token_file import own_token_file, read_token
from gateway.cli.probe import ADDRESS, HERE
from gateway.config.admin_part import load_admin_part
from gateway.contract.addresses import is_loopback
from gateway.contract.errors import ConfigError, GatewayError


class NotAnswered(GatewayError):  # noqa: N818  it says what happened
    """The gateway does not answer, or refuses to; the text says why, and what helps."""


class AdminPort(NamedTuple):
    """The admin port to ask, and the proof to show."""

    host: str
    number: int
    token: str = ""
    token_file: Path | None = None
    """Where the token is from."""
    tls: ssl.SSLContext | None = None

    @property
    def where(self) -> str:
        """The address, as it is written in a sentence."""
        return f"[{self.host}]:{self.number}" if ":" in self.host else f"{self.host}:{self.number}"


def admin_port_of(options: Namespace, environment: Mapping[str, str] = os.environ) -> AdminPort:
    """Return the admin port of the configuration ``options.config``, or the one that the environment names.

    Raises ConfigError if the configuration is wrong, and NotAnswered if the token cannot be read.
    """
    part = load_admin_part(options.config, environment)
    host, number, has_tls = HERE.get(part.admin.host, part.admin.host), part.admin.port, part.admin.tls is not None
    if (url := environment.get(ADDRESS)) is not None:
        host, number, has_tls = _read_url(url)
    if number == 0:
        mend = f"write a port, or set {ADDRESS}, such as http://127.0.0.1:8080"
        raise ConfigError(f"admin.port: is 0, so that only the log line `gateway_started` tells the port; {mend}")
    configured = [options.token_file] if options.token_file else [part.admin.token_file, part.admin.viewer_token_file]
    token, path = _token(configured, part.data_dir)
    return AdminPort(host, number, token, path, _context(options, host) if has_tls else None)


def _read_url(url: str) -> tuple[str, int, bool]:
    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError
        return parts.hostname, parts.port or 8080, parts.scheme == "https"
    except ValueError:
        raise ConfigError(f"{ADDRESS}: is no address; write it such as http://127.0.0.1:8080") from None


def _token(configured: Sequence[Path | None], data_dir: Path) -> tuple[str, Path | None]:
    """Return the first token that can be read, and its file.

    If none is configured it is the one that Hilum has made itself; if that is absent, the port may demand none.
    """
    paths = [each for each in configured if each is not None] or [own_token_file(data_dir)]
    if not any(configured) and _is_absent(paths[0]):
        return "", None
    problems = []
    for path in paths:
        try:
            return read_token(path, "the token"), path
        except ConfigError as error:
            problems.append(str(error))
    mend = "run this as the user of `hilum serve` (such as `sudo -u hilum`), or name a token with --token-file"
    raise NotAnswered(f"the gateway was not asked: {problems[0]}; {mend}")


def _is_absent(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:  # the folder may not be entered
        return False
    return False


def _context(options: Namespace, host: str) -> ssl.SSLContext:
    """Return how the certificate of the port is checked; raises ConfigError for a file that cannot be used.

    At a loopback address it is not checked, unless a CA is named: it is for the gateway's name, not for that address.
    """
    try:
        context = ssl.create_default_context(cafile=options.ca_file)
        if options.certificate_file is not None:
            context.load_cert_chain(options.certificate_file, options.key_file)
    except OSError as error:  # an SSLError is one, too
        files = ", ".join(str(each) for each in (options.ca_file, options.certificate_file, options.key_file) if each)
        reason = error.reason if isinstance(error, ssl.SSLError) else error.strerror
        raise ConfigError(f"TLS: {files}: cannot be used: {reason}; name files in PEM") from None
    if is_loopback(host):
        context.check_hostname = False
        if options.ca_file is None:
            context.verify_mode = ssl.CERT_NONE
    return context

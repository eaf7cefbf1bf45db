"""Logs at start-up, before any port is open: version, configuration, routes, and missing secrets."""

from collections.abc import Iterator
from pathlib import Path

import structlog
from pydantic import BaseModel

from gateway import __version__
from gateway.config.loading import Config
from gateway.contract.errors import ConfigError
from gateway.contract.settings import ClientTlsSettings
from gateway.contract.small_file import read_small_file

log = structlog.get_logger()

WRITE_IT = "write the secret into the file; it is read again when it changes, and until then nothing is delivered"


def announce(config: Config, path: Path) -> None:
    """Log the version, the configuration file, the routes, and each missing secret of a destination."""
    log.info(
        "gateway_starting",
        version=__version__,
        configuration=str(path),
        data_dir=str(config.data_dir),
        workers=config.workers,
    )
    for number, route in enumerate(config.routes):
        log.info(
            "route_configured",
            route=number,
            listener=route.listener,
            acknowledge=config.listeners[route.listener].acknowledge,
            when=dict(route.when),
            via=list(route.via),
            destinations=list(route.destinations),
        )
    for place, file, reason in missing_secrets(config):
        log.error("secret_missing", place=place, path=str(file), reason=reason, mend=WRITE_IT)


def announce_failure(error: ConfigError) -> None:
    """Log each reason why the gateway does not start."""
    for problem in error.problems:
        log.critical("gateway_not_started", reason=problem)


def missing_secrets(config: Config) -> Iterator[tuple[str, Path, str]]:
    """Yield configuration key, file and problem of each secret of a destination that cannot be used.

    Such a secret does not stop the start, since another program may write the file later. A bad TLS file does stop it,
    and is reported where it is loaded.
    """
    for name, destination in config.destinations.items():
        for place, path in _secrets(destination, f"destinations.{name}"):
            if (reason := _flaw(path)) is not None:
                yield place, path, reason


def _secrets(settings: BaseModel, place: str) -> Iterator[tuple[str, Path]]:
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, Path) and name.endswith("_file"):
            yield f"{place}.{name}", value
        if isinstance(value, dict) and name.endswith("_files"):
            yield from ((f"{place}.{name}.{key}", path) for key, path in value.items())
        if isinstance(value, BaseModel) and not isinstance(value, ClientTlsSettings):
            yield from _secrets(value, f"{place}.{name}")


def _flaw(path: Path) -> str | None:
    try:
        return None if read_small_file(path) else "the file is empty"
    except OSError as error:
        return f"the file cannot be read: {error.strerror}"
    except ValueError:
        return "the file is too long, or is not text in UTF-8"

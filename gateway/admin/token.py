"""The bearer token of the admin port: from the configured file, or made by Hilum if none is configured."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

import structlog

from gateway.admin.token_file import SETTING, own_token_file, read_token
from gateway.contract.errors import ConfigError
from gateway.spool.payloads.files import sync_folder, write_all
from gateway.tls.renewal import Renewed

RANDOM_OCTETS = 32

Token = Callable[[], str | None]
"""Returns the current token; None while it is not valid, and then every request is refused."""

log = structlog.get_logger()


def configured_token(path: Path, setting: str = SETTING) -> Token:
    """Return a function that reads the token in the file *path* of *setting*; raises ConfigError if it is not valid."""
    read_token(path, setting)
    return _watched(path, setting, "write a token into the file; it is valid from the next request")


def own_token(data_dir: Path) -> Token:
    """Return a function that reads the token made at the first start, which only the owner of *data_dir* may read.

    If the token cannot be made or read, that is logged, and requests are refused until it can. Messages are still
    accepted: they do not need the admin port.
    """
    path = own_token_file(data_dir)
    try:
        if not path.exists():
            _make(path)
    except OSError as error:
        mend = "free disk space or correct the permissions of data_dir and restart, or set admin.token_file"
        log.error("admin_token_not_made", path=str(path), reason=error.strerror, mend=mend)
    return _watched(
        path, "data_dir", "remove the file and restart, so that a new token is made; or set admin.token_file"
    )


def _watched(path: Path, setting: str, mend: str) -> Token:
    def read() -> str | None:
        try:
            return read_token(path, setting)
        except ConfigError as error:
            log.error("admin_token_lost", reason=str(error), mend=mend)
            return None

    return Renewed([path], read, lambda _: None).current


def _make(path: Path) -> None:
    """Write the file atomically. If several processes do so at once, the last one wins, and all read its token.

    The token in the file is the only valid one: each process reads the file again when it changes.
    """
    unfinished = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            write_all(descriptor, f"{secrets.token_hex(RANDOM_OCTETS)}\n".encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        unfinished.replace(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
    log.info("admin_token_made", path=str(path))

"""The token that opens the admin port: the operator's, or our own where none is configured."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

import structlog

from gateway.errors import ConfigError
from gateway.spool.files import sync_folder, write_all
from gateway.tls.renewal import Renewed

SHORTEST = 16
"""Characters of a token; a shorter one can be guessed."""
RANDOM_OCTETS = 32

Token = Callable[[], str | None]
"""Gives the token as it is now; None, and nobody is let in, while it is no good."""

log = structlog.get_logger()


def own_token_file(data_dir: Path) -> Path:
    """Return where our own token is."""
    return data_dir / "admin-token"


def configured_token(path: Path) -> Token:
    """Return what gives the token in the file *path*; raises ConfigError where there is none that is good."""
    read_token(path)
    return _watched(path)


def own_token(data_dir: Path) -> Token:
    """Return what gives the token that is made at the first start, for the owner of *data_dir* to read.

    Messages need no admin port: where it cannot be made or read, that is logged, and nobody is let in until it can.
    """
    path = own_token_file(data_dir)
    try:
        if not path.exists():
            _make(path)
    except OSError as error:
        mend = "make room or mend the rights of data_dir and start anew, or set admin.token_file"
        log.error("admin_token_not_made", path=str(path), reason=error.strerror, mend=mend)
    return _watched(path)


def read_token(path: Path) -> str:
    """Return the token in the file *path*; raises ConfigError where there is none that is good."""
    try:
        token = path.read_text(encoding="ascii").strip()
    except OSError as error:
        reason = f"{path} cannot be read: {error.strerror}; mend the path or its rights"
        raise ConfigError(f"admin.token_file: {reason}") from None
    except ValueError:
        raise ConfigError(f"admin.token_file: {path} holds other characters than ASCII; make a new token") from None
    if len(token) < SHORTEST:
        mend = "make a longer one, for example with: openssl rand -hex 32"
        raise ConfigError(f"admin.token_file: {path} holds fewer than {SHORTEST} characters; {mend}")
    return token


def _watched(path: Path) -> Token:
    def read() -> str | None:
        try:
            return read_token(path)
        except ConfigError as error:
            log.error("admin_token_lost", reason=str(error))
            return None

    return Renewed([path], read, lambda _: None).current


def _make(path: Path) -> None:
    """Make the file, as a whole or not at all. Of several processes that do so at once, all read what the last wrote.

    The token in the file is the only one there is: each process reads it again when the file changes.
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

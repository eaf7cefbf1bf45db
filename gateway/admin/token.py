"""The token that opens the admin port: the operator's, or our own where none is configured."""

import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

import structlog

from gateway.contract.errors import ConfigError
from gateway.spool.payloads.files import sync_folder, write_all
from gateway.tls.renewal import Renewed

SETTING = "admin.token_file"
SHORTEST, LONGEST = 16, 4096
"""Characters of a token. A shorter one can be guessed, and a longer one fits into no header."""
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
    return _watched(path, SETTING, "write a token into the file; it counts from the next request")


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
    return _watched(path, "data_dir", "remove the file and start anew: another is made then; or set admin.token_file")


def read_token(path: Path, setting: str = SETTING) -> str:
    """Return the token in the file *path* of *setting*; raises ConfigError where there is none that is good.

    Nothing but a regular file is read: a pipe would stop the whole process until somebody writes into it.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ConfigError(f"{setting}: {path} is no regular file; write the token into one")
        with path.open(encoding="ascii") as file:
            token = file.read(LONGEST + 1).strip()
    except OSError as error:
        reason = f"{path} cannot be read: {error.strerror}; mend the path or its rights"
        raise ConfigError(f"{setting}: {reason}") from None
    except ValueError:
        raise ConfigError(f"{setting}: {path} holds other characters than ASCII; make a new token") from None
    if len(token) < SHORTEST:
        mend = "make a longer one, for example with: openssl rand -hex 32"
        raise ConfigError(f"{setting}: {path} holds fewer than {SHORTEST} characters; {mend}")
    if len(token) > LONGEST:
        raise ConfigError(f"{setting}: {path} holds more than {LONGEST} characters; write only the token into it")
    return token


def _watched(path: Path, setting: str, mend: str) -> Token:
    def read() -> str | None:
        try:
            return read_token(path, setting)
        except ConfigError as error:
            log.error("admin_token_lost", reason=str(error), mend=mend)
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

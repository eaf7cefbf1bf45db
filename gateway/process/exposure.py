"""Finds files that hold payloads or secrets and that others may read."""

import os
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

import structlog
from pydantic import BaseModel

from gateway.admin.token_file import own_token_file
from gateway.contract.errors import ConfigError
from gateway.spool.folders import existing_folders, spools_of

log = structlog.get_logger()

PUBLIC_FILES = ("ca_file", "certificate_file")
"""Configuration keys that end so name files that hold no secret."""
FOREIGN_FOLDER = "if only Hilum uses this folder, close it to other users; if not, set data_dir to one of Hilum's own"
"""No chmod for a folder that Hilum did not make: to close /tmp or /var/spool would stop other programs."""
FOREIGN_FILE = "make it readable only for the user that runs Hilum"
"""No chmod for a file that another user owns: after ``chmod 600`` only that owner could read it, and Hilum not."""


def warn_of_exposed_files(config: BaseModel, data_dir: Path) -> None:
    """Log each file or folder that is open to other users, with the remedy.

    This is the first access to *data_dir* at a start: raises ConfigError where this user may not read it.
    """
    try:
        found = list(exposed(config, data_dir))
    except OSError as error:
        mend = "run this as the owner of the folder, or set another one"
        raise ConfigError(f"data_dir: {data_dir}: the spool cannot be read: {error.strerror}; {mend}") from None
    for path, mend in found:
        log.warning("file_exposed", path=str(path), reason="others may read it", mend=mend)


def exposed(config: BaseModel, data_dir: Path) -> Iterator[tuple[Path, str]]:
    """Yield what is open to other users, each with the remedy: a command only for what Hilum made or owns."""
    made = existing_folders(data_dir)  # each contains the database of a spool, so Hilum made it
    for folder in (data_dir, spools_of(data_dir), *made):
        if _is_open(folder):
            yield folder, f"chmod 700 {shlex.quote(str(folder))}" if folder in made else FOREIGN_FOLDER
    for path in sorted({*secret_files(config), own_token_file(data_dir)}):
        if _is_open(path):
            yield path, f"chmod 600 {shlex.quote(str(path))}" if _is_ours(path) else FOREIGN_FILE


def secret_files(settings: BaseModel) -> Iterator[Path]:
    """Yield every file of *settings* that holds a secret: the values of ``*_file(s)``, except certificates."""
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, Path) and name.endswith("_file") and not name.endswith(PUBLIC_FILES):
            yield value
        if isinstance(value, dict) and name.endswith("_files"):
            yield from value.values()
        values = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else [value]
        for each in values:
            if isinstance(each, BaseModel):
                yield from secret_files(each)


def _is_ours(path: Path) -> bool:
    return path.stat().st_uid == os.geteuid()


def _is_open(path: Path) -> bool:
    """Whether users other than its owner and its group have any access. A missing file is reported elsewhere."""
    try:
        return bool(stat.S_IMODE(path.stat().st_mode) & stat.S_IRWXO)
    except OSError:
        return False

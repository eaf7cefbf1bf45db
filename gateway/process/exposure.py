"""Finds files that hold payloads or secrets and that others may read."""

import os
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

import structlog
from pydantic import BaseModel

from gateway.admin.token import own_token_file
from gateway.contract.errors import ConfigError
from gateway.spool.folders import existing_folders, spools_of

log = structlog.get_logger()

PUBLIC_FILES = ("ca_file", "certificate_file")
"""What ends so is a file that holds no secret."""
FOREIGN_FOLDER = "if it is for Hilum alone, keep others out of it; if not, let data_dir name a folder that is"
"""A folder that Hilum did not make may be everybody's: to close /tmp or /var/spool would stop other programs."""
FOREIGN_FILE = "let only the user that runs Hilum read it"
"""Of a file of another user: its owner alone could read it after ``chmod 600``, and that is not Hilum."""


def warn_of_exposed_files(config: BaseModel, data_dir: Path) -> None:
    """Log each file or folder that is open to others, with what mends it.

    It is the first at a start that looks into *data_dir*: raises ConfigError where this user may not.
    """
    try:
        found = list(exposed(config, data_dir))
    except OSError as error:
        mend = "run this as its owner, or name another folder"
        raise ConfigError(f"data_dir: {data_dir}: the spool cannot be read: {error.strerror}; {mend}") from None
    for path, mend in found:
        log.warning("file_exposed", path=str(path), reason="others may read it", mend=mend)


def exposed(config: BaseModel, data_dir: Path) -> Iterator[tuple[Path, str]]:
    """Yield what is open to others, each with what mends it; a command only for what Hilum made or owns."""
    made = existing_folders(data_dir)  # each has a spool's database in it, so Hilum made it
    for folder in (data_dir, spools_of(data_dir), *made):
        if _is_open(folder):
            yield folder, f"chmod 700 {shlex.quote(str(folder))}" if folder in made else FOREIGN_FOLDER
    for path in sorted({*secret_files(config), own_token_file(data_dir)}):
        if _is_open(path):
            yield path, f"chmod 600 {shlex.quote(str(path))}" if _is_ours(path) else FOREIGN_FILE


def secret_files(settings: BaseModel) -> Iterator[Path]:
    """Yield every file of *settings* that holds a secret: the values of ``*_file(s)`` but for certificates."""
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
    """Tell whether those who are neither its owner nor of its group may read it. A missing one is told elsewhere."""
    try:
        return bool(stat.S_IMODE(path.stat().st_mode) & stat.S_IRWXO)
    except OSError:
        return False

"""Reads the small files that hold a secret or an address: never one that could stop the process or fill its memory."""

import errno
import os
import stat
from pathlib import Path

MOST_OCTETS = 64 * 1024
"""More than any token, password, key file or address has."""


def read_small_file(path: Path) -> str:
    """Return the stripped text of a regular file of up to MOST_OCTETS, in UTF-8.

    Raises OSError where it cannot be read, ValueError where it is too long or no text. A pipe is refused: reading one
    would stop the whole process until somebody writes into it.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "it is no regular file", os.fspath(path))
    with path.open("rb") as file:
        octets = file.read(MOST_OCTETS + 1)
    if len(octets) > MOST_OCTETS:
        raise ValueError("the file is too long")
    return octets.decode().strip()

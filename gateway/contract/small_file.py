"""Reads small files that hold a secret or an address; refuses files that could block the process or fill its memory."""

import errno
import os
import stat
from pathlib import Path

MOST_OCTETS = 64 * 1024
"""No token, password, key file or address is larger."""


def read_small_file(path: Path) -> str:
    """Return the stripped text of a regular file of up to MOST_OCTETS, in UTF-8.

    Raises OSError if it cannot be read, ValueError if it is too long or not text. A pipe is refused, because reading
    one would block the whole process until a writer opens it.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "it is no regular file", os.fspath(path))
    with path.open("rb") as file:
        octets = file.read(MOST_OCTETS + 1)
    if len(octets) > MOST_OCTETS:
        raise ValueError("the file is too long")
    return octets.decode().strip()

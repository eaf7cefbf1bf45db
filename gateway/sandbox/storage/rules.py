"""Names of buckets and objects, and which of them a folder can hold.

A folder cannot hold everything that a bucket can: ``a`` and ``a/b`` at once, an object whose name ends with ``/``, or a
part of a name longer than the file system takes. Such a name is refused with the reason.
"""

import re
from pathlib import Path

from gateway.sandbox.buckets.folders import PART
from gateway.sandbox.reasoned_error import ReasonedError

BUCKET = "[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]"
RESERVED = ("storage", "upload", "download", "resumable", "batch", "bigquery")
"""First parts of paths of the other APIs on the same port, so no names of buckets."""
BUCKET_PATH = rf"/{{bucket:(?!(?:{'|'.join(RESERVED)})(?:/|$)){BUCKET}}}"
"""The path of a bucket in the XML API."""
MOST_KEY, MOST_PART = 1024, 255
"""Octets of the name of an object in UTF-8, and of a part of it between slashes."""


def check_bucket(name: object) -> str:
    """Return the name of a bucket; raises a 400."""
    if not isinstance(name, str) or not re.fullmatch(BUCKET, name) or name in RESERVED:
        raise ReasonedError(
            400, "a bucket's name has 3 to 63 of a-z, 0-9, . _ and -, and is none of " + ", ".join(RESERVED)
        )
    return name


def check_key(key: object) -> str:
    """Return the name of an object; raises a 400 if there can be none here."""
    if not isinstance(key, str) or not key:
        raise ReasonedError(400, "an object needs a name", "required")
    try:
        size = len(key.encode())
    except UnicodeEncodeError:
        raise ReasonedError(400, "the name of an object is not UTF-8") from None
    if size > MOST_KEY or "\r" in key or "\n" in key or "\0" in key:
        raise ReasonedError(400, f"the name of an object has at most {MOST_KEY} octets, and no line feed")
    parts = key.split("/")
    if any(part in {"", ".", ".."} or len(part.encode()) > MOST_PART for part in parts):
        raise ReasonedError(
            400,
            f"a bucket here is a folder: no part of an object's name between slashes may be empty, . or .., or have"
            f" more than {MOST_PART} octets",
        )
    if PART.match(parts[-1]):
        raise ReasonedError(400, "this name is one of those that the sandbox gives to unfinished objects")
    return key


def place(folder: Path, key: str) -> Path:
    """Return the path of an object; raises a 400 if it leaves the folder of the bucket by a link."""
    path = folder / check_key(key)
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ReasonedError(400, "a link in the folder of the bucket leads out of it")
    return path

"""The file with a key of S3, in the form that AWS's own tools write."""

from pathlib import Path
from typing import TypedDict

from gateway.contract.errors import ConfigError
from gateway.contract.small_file import read_small_file

NAMES = {
    "aws_access_key_id": "access_key_id",
    "aws_secret_access_key": "secret_access_key",
    "aws_session_token": "token",
}
MEND = "write the lines `aws_access_key_id = …` and `aws_secret_access_key = …` into it"


class S3Key(TypedDict):
    """A key as obstore takes it."""

    access_key_id: str
    secret_access_key: str
    token: str | None


def read_key(path: Path, place: str) -> S3Key:
    """Return the key in a file; raises ConfigError with *place*, the setting that names it. No line is repeated."""
    try:
        text = read_small_file(path)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no short text"
        raise ConfigError(f"{place}: {path}: cannot be read: {reason}; name a readable file") from None
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, _, value = (part.strip() for part in line.partition("="))
        if name in NAMES:
            if NAMES[name] in found:
                raise ConfigError(f"{place}: {path}: names {name} twice; leave one section in the file")
            found[NAMES[name]] = value
    if not found.get("access_key_id") or not found.get("secret_access_key"):
        raise ConfigError(f"{place}: {path}: has no whole key; {MEND}")
    token = found.get("token")
    return S3Key(access_key_id=found["access_key_id"], secret_access_key=found["secret_access_key"], token=token)

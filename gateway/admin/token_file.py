"""Files with a bearer token of the admin port: read by the gateway, and by the commands that ask it.

It imports little: those commands shall start fast on a machine in trouble.
"""

import stat
from pathlib import Path

from gateway.contract.errors import ConfigError

SETTING = "admin.token_file"
SHORTEST, LONGEST = 16, 4096
"""Length of a token in characters. A shorter token can be guessed, and a longer one does not fit into a header."""


def own_token_file(data_dir: Path) -> Path:
    """Return the path of the token that Hilum makes."""
    return data_dir / "admin-token"


def read_token(path: Path, setting: str = SETTING) -> str:
    """Return the token in the file *path* of *setting*; raises ConfigError if there is no valid one.

    Only a regular file is read: reading from a pipe would block the whole process until somebody writes into it.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ConfigError(f"{setting}: {path} is not a regular file; write the token into one")
        with path.open(encoding="ascii") as file:
            token = file.read(LONGEST + 1).strip()
    except OSError as error:
        reason = f"{path} cannot be read: {error.strerror}; correct the path or its permissions"
        raise ConfigError(f"{setting}: {reason}") from None
    except ValueError:
        raise ConfigError(f"{setting}: {path} has characters that are not ASCII; make a new token") from None
    if len(token) < SHORTEST:
        mend = "make a longer one, for example with: openssl rand -hex 32"
        raise ConfigError(f"{setting}: {path} has fewer than {SHORTEST} characters; {mend}")
    if len(token) > LONGEST:
        raise ConfigError(f"{setting}: {path} has more than {LONGEST} characters; write only the token into it")
    return token

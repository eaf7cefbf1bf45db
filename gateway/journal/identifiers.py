"""What is kept of identifiers: as they are, or, where they may be built from a patient's number, only a digest.

The digest has a key that only the owner of the data directory can read. So a copy of the journal tells nobody which
numbers are in it, not even by trying all numbers; and whoever asks for an identifier still finds it.
"""

import os
import secrets
from collections.abc import Collection
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from gateway.journal.folder import hand_over

KEY_FILE = "identifiers.key"
KEY_OCTETS = 32
PREFIX = "keyed:"


class Identifiers:
    """Keeps the identifiers of the *keyed* listeners as digests."""

    def __init__(self, key: bytes, keyed: Collection[str]) -> None:
        self._key = key
        self.keyed = frozenset(keyed)
        """The listeners of whose identifiers only digests are kept."""

    def kept(self, listener: str, identifier: str) -> str:
        """Return what is kept of an *identifier* of a message that came over *listener*."""
        return self.digest(identifier) if listener in self.keyed else identifier

    def digest(self, identifier: str) -> str:
        """Return the digest of an *identifier*."""
        return PREFIX + blake2b(identifier.encode(), digest_size=16, key=self._key).hexdigest()


def read_key(folder: Path) -> bytes | None:
    """Return the key in the *folder* of the journal; None if there is none, or this user may not read it."""
    try:
        key = (folder / KEY_FILE).read_bytes()
    except OSError:
        return None
    return key if len(key) == KEY_OCTETS else None


def make_key(folder: Path) -> bytes:
    """Return the key in *folder*, which is made where there is none; of several processes one makes it.

    Raises OSError if it cannot be read or made.
    """
    path, new = folder / KEY_FILE, folder / f"{KEY_FILE}.{os.getpid()}"
    if not path.exists():
        with suppress(FileNotFoundError):
            new.unlink()
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(KEY_OCTETS))
                file.flush()
                os.fsync(descriptor)
            hand_over(new)
            with suppress(FileExistsError):
                os.link(new, path)  # whole, or not at all
        finally:
            new.unlink()
    key = read_key(folder)
    if key is None:
        raise OSError(f"{path} is not a key of {KEY_OCTETS} octets")
    return key

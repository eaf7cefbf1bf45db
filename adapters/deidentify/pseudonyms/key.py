"""The secret key of a research project, and the keys that are derived from it for each purpose."""

import base64
import binascii
import hashlib
import hmac
from pathlib import Path

SIZE = 32
"""Octets of a key."""
MEND = "make one with `openssl rand -hex 32`, readable by Hilum only"


class Key:
    """A secret from which every pseudonym is made: whoever has it can make the pseudonym of a known identifier."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != SIZE:
            raise ValueError(f"a key has {SIZE} octets")
        self._secret = secret

    def derived(self, purpose: str) -> bytes:
        """Return the key for *purpose*: HKDF-Expand of one block (RFC 5869 2.3), as the secret is uniformly random."""
        return hmac.digest(self._secret, f"hilum deidentify {purpose}".encode() + b"\x01", hashlib.sha256)

    @property
    def fingerprint(self) -> str:
        """Eight characters that tell keys apart and say nothing of the secret."""
        return self.derived("fingerprint").hex()[:8]


def read_key(path: Path) -> Key:
    """Return the key in a file: 32 octets, or their hexadecimal or base64 text. Raises ValueError with the mend."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}; {MEND}") from None
    secret = _decoded(content)
    if secret is None:
        raise ValueError(f"{path}: is not a key of {SIZE} octets; {MEND}")
    return Key(secret)


def _decoded(content: bytes) -> bytes | None:
    if len(content) == SIZE:
        return content
    text = content.strip()
    for decode in (binascii.unhexlify, lambda data: base64.b64decode(data, validate=True)):
        try:
            secret = decode(text)
        except (binascii.Error, ValueError):
            continue
        if len(secret) == SIZE:
            return secret
    return None

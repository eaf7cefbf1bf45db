"""How the entries of a crosswalk are sealed: AES-256-GCM, as the payloads of the spool, and keyed tags to find them.

Each entry has a key of its own, derived from the crosswalk's key and a random salt, so that the nonce may be constant.
"""

import hashlib
import json
import os
from dataclasses import astuple, dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.deidentify.errors import CrosswalkError

SALT_SIZE = 16
NONCE = bytes(12)
TAG_SIZE = 16
DAMAGED = "the crosswalk file is damaged: an entry is not what was written; restore it from a backup"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a pseudonym stands for. It is never logged."""

    scope: str
    """How the pseudonym was made: ``keyed`` or ``random``."""
    purpose: str
    """What the identifier names: ``patient``, ``uid``, ``accession``, …, or ``shift``, the days of a patient."""
    domain: str
    value: str
    pseudonym: str


class Sealer:
    """Seals entries under one key, and makes the tags by which they are found without opening them."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def seal(self, entry: Entry) -> bytes:
        """Return the sealed octets of an entry."""
        salt = os.urandom(SALT_SIZE)
        text = json.dumps(astuple(entry)).encode()  # ASCII, so that any text survives
        return salt + self._cipher(salt).encrypt(NONCE, text, None)

    def open(self, sealed: bytes) -> Entry:
        """Return the entry; raises CrosswalkError if it is not what was sealed with this key."""
        salt = sealed[:SALT_SIZE]
        try:
            return Entry(*json.loads(self._cipher(salt).decrypt(NONCE, sealed[SALT_SIZE:], None)))
        except (InvalidTag, ValueError, TypeError):
            raise CrosswalkError(DAMAGED) from None

    def tag(self, *texts: str) -> bytes:
        """Return a keyed hash of the texts: with it somebody who has not the key cannot confirm a guess."""
        data = json.dumps(texts).encode()
        return hashlib.blake2b(data, key=self._key, digest_size=TAG_SIZE, person=b"hilum crosswalk").digest()

    def _cipher(self, salt: bytes) -> AESGCM:
        return AESGCM(hashlib.blake2b(salt, key=self._key, digest_size=32, person=b"hilum sealed row").digest())

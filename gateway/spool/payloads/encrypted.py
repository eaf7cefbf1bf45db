"""Encryption at rest: AES-256-GCM over chunks, so that a payload of any size is sealed and checked piece by piece.

Each payload has a key of its own, derived from the spool's key and a random salt, so a counter suffices as nonce. The
counter and a mark on the last chunk are authenticated: chunks that are swapped, repeated or cut off do not open.
"""

import hashlib
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.contract.body import Buffer
from gateway.spool.interface import PayloadDamaged
from gateway.spool.payloads.seal import KEY_SIZE, Cipher

SALT_SIZE = 16
TAG_SIZE = 16
RECORD_TAG_SIZE = 16


class Encrypted:
    """AES-256-GCM with the spool's *key*."""

    encrypted = True
    header_size = SALT_SIZE
    overhead = TAG_SIZE

    def __init__(self, key: bytes) -> None:
        self._key = key

    def new_header(self) -> bytes:
        """Return a random salt."""
        return os.urandom(SALT_SIZE)

    def cipher(self, header: bytes, /) -> Cipher:
        """Return the cipher with the key that the salt gives."""
        return AesGcm(hashlib.blake2b(header, key=self._key, digest_size=KEY_SIZE, person=b"hilum payload").digest())

    def fingerprint(self, digest: bytes) -> bytes:
        """Return a keyed digest: the plain one would confirm a guess at the payload."""
        return hashlib.blake2b(digest, key=self._key, digest_size=32, person=b"hilum digest").digest()

    def tag(self, fields: Sequence[object], /) -> bytes:
        """Return a keyed hash of the values; ``ascii`` keeps them distinct in the same way in each Python version."""
        text = ascii(tuple(fields)).encode()
        return hashlib.blake2b(text, key=self._key, digest_size=RECORD_TAG_SIZE, person=b"hilum record").digest()


class AesGcm:
    """The chunks of one payload, under a key used for nothing else."""

    def __init__(self, key: bytes) -> None:
        self._aes = AESGCM(key)

    def seal(self, chunk: Buffer, index: int, last: bool, /) -> Buffer:
        """Return ciphertext and tag."""
        return self._aes.encrypt(index.to_bytes(12, "big"), bytes(chunk), _place(index, last))

    def open(self, chunk: bytes, index: int, last: bool, /) -> bytes:
        """Return the plaintext; raises PayloadDamaged if the chunk, its place or its tag is not right."""
        try:
            return self._aes.decrypt(index.to_bytes(12, "big"), chunk, _place(index, last))
        except (InvalidTag, ValueError):  # ValueError: shorter than a tag
            raise PayloadDamaged("a sealed chunk does not open") from None


def _place(index: int, last: bool) -> bytes:
    return index.to_bytes(8, "big") + bytes([last])

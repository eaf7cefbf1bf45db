"""Encryption at rest: AES-256-GCM over chunks, so that a payload of any size is sealed and checked piece by piece.

Each payload has a key of its own, derived from the spool's key and a random salt, so a counter suffices as nonce. The
counter and a mark on the last chunk are authenticated: chunks that are swapped, repeated or cut off do not open.
"""

import base64
import binascii
import hashlib
import os
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.errors import ConfigError
from gateway.message import Buffer
from gateway.spool.interface import PayloadDamaged

CHUNK = 2**20
"""Octets of payload in each chunk of a file but the last."""
KEY_SIZE = 32
SALT_SIZE = 16
TAG_SIZE = 16


class Cipher(Protocol):
    """Seals or opens the chunks of one payload."""

    def seal(self, chunk: Buffer, index: int, last: bool, /) -> Buffer:
        """Return what is written for the chunk."""

    def open(self, chunk: bytes, index: int, last: bool, /) -> bytes:
        """Return the chunk that was sealed; raises PayloadDamaged if it is not what was written."""


class Seal(Protocol):
    """How payloads are written: plain or encrypted."""

    encrypted: bool
    header_size: int
    """Octets before the first chunk."""
    overhead: int
    """Octets that sealing adds to each chunk."""

    def new_header(self) -> bytes:
        """Return what stands before the first chunk of a new payload."""

    def cipher(self, header: bytes, /) -> Cipher:
        """Return the cipher of the payload with this header."""

    def fingerprint(self, digest: bytes) -> bytes:
        """Return what is kept of a payload's SHA-256."""


class Plain:
    """Nothing is encrypted."""

    encrypted = False
    header_size = 0
    overhead = 0

    def new_header(self) -> bytes:
        """Return nothing."""
        return b""

    def cipher(self, _header: bytes) -> Cipher:
        """Return itself: every payload is treated alike."""
        return self

    def fingerprint(self, digest: bytes) -> bytes:
        """Return the digest as it is."""
        return digest

    def seal(self, chunk: Buffer, _index: int, _last: bool) -> Buffer:
        """Return the chunk as it is."""
        return chunk

    def open(self, chunk: bytes, _index: int, _last: bool) -> bytes:
        """Return the chunk as it is."""
        return chunk


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


def load_seal(key_file: Path | None) -> Seal:
    """Return how to write payloads; raises ConfigError if the key cannot be used."""
    if key_file is None:
        return Plain()
    try:
        content = key_file.read_bytes()
    except OSError as error:
        raise ConfigError(f"spool.key_file: {key_file}: cannot be read: {error.strerror}") from None
    key = _decode(content)
    if key is None:
        raise ConfigError(
            f"spool.key_file: {key_file}: is not a key of 32 octets; make one with `openssl rand -hex 32`"
        )
    return Encrypted(key)


def _decode(content: bytes) -> bytes | None:
    if len(content) == KEY_SIZE:
        return content
    text = content.strip()
    for decode in (binascii.unhexlify, lambda data: base64.b64decode(data, validate=True)):
        try:
            key = decode(text)
        except binascii.Error:
            continue
        if len(key) == KEY_SIZE:
            return key
    return None

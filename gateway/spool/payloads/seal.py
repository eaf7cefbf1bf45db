"""How payloads are written to the disk: plain, or sealed with the operator's key (``encrypted``)."""

from collections.abc import Sequence
from typing import Protocol

from gateway.contract.body import Buffer

CHUNK = 2**20
"""Octets of payload in each chunk of a file but the last."""
KEY_SIZE = 32


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

    def tag(self, fields: Sequence[object], /) -> bytes | None:
        """Return a keyed hash of these values, which nobody can make without the key; None if there is no key."""


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

    def tag(self, _fields: Sequence[object]) -> None:
        """Return None: without a key nothing can be authenticated."""

    def seal(self, chunk: Buffer, _index: int, _last: bool) -> Buffer:
        """Return the chunk as it is."""
        return chunk

    def open(self, chunk: bytes, _index: int, _last: bool) -> bytes:
        """Return the chunk as it is."""
        return chunk

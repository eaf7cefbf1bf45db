"""Whether two Part 10 files hold the same data set, without keeping either.

A store may write its own File Meta Information, so only what follows it counts (PS3.10 7.1).

Every arriving instance passes through here, so the cost counts. "The store has this very instance" is a promise, and a
CRC would break it. AES-GMAC (NIST SP 800-38D) under a key drawn for each instance keeps it: nobody who sends or stores
an instance knows the key, and two different data sets of n octets have the same tag with a chance of n / 2^132 at most,
whoever chose them. Measured on one core with AES instructions, a gigabyte takes it 0.045 s, and SHA-256 0.55 s.
"""

import os
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from gateway.message import Buffer

PREAMBLE = 128
GROUP_LENGTH_END = 144  # preamble, "DICM", then (0002,0000) UL: tag, VR, length, value
GROUP_LENGTH = b"\x02\x00\x00\x00UL\x04\x00"
MAX_PART_HEADER = 16 * 1024
KEY_SIZE = 16
NONCE = bytes(12)
"""Always the same one, because no key is used twice."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What tells one data set from another."""

    length: int
    key: bytes
    """Makes the tags of two data sets comparable; known to this process only, and used for one instance."""
    tag: bytes


def data_set_offset(head: Buffer) -> int:
    """Return where the data set begins in a file that begins with *head*: GROUP_LENGTH_END octets, or the whole file.

    Without a group length the File Meta Information counts as part of the data set.
    """
    if bytes(head[PREAMBLE : GROUP_LENGTH_END - 4]) != b"DICM" + GROUP_LENGTH:
        return 0
    return GROUP_LENGTH_END + int.from_bytes(head[GROUP_LENGTH_END - 4 : GROUP_LENGTH_END], "little")


class DataSetDigest:
    """Takes a Part 10 file in pieces and gives the fingerprint of its data set, under *key* or a new one."""

    def __init__(self, key: bytes | None = None) -> None:
        self._key = os.urandom(KEY_SIZE) if key is None else key
        self._mac = Cipher(algorithms.AES(self._key), modes.GCM(NONCE)).encryptor()
        self._head = bytearray()
        self._skip: int | None = None
        self._length = 0

    def update(self, chunk: Buffer) -> None:
        """Take the next piece."""
        if self._skip is None:
            self._head += chunk
            if len(self._head) < GROUP_LENGTH_END:
                return
            chunk, self._skip = bytes(self._head), data_set_offset(self._head)
            self._head.clear()
        if self._skip:
            skipped = min(self._skip, len(chunk))
            self._skip -= skipped
            chunk = memoryview(chunk)[skipped:]
        self._length += len(chunk)
        self._mac.authenticate_additional_data(chunk)

    def finish(self) -> Fingerprint:
        """Return the fingerprint of what was taken."""
        if self._skip is None:
            self._mac.authenticate_additional_data(bytes(self._head))
            self._length = len(self._head)
        self._mac.finalize()
        return Fingerprint(self._length, self._key, self._mac.tag)


class Comparison:
    """Takes a retrieved instance, alone or as the one part of a multipart reply, and tells whether it is *expected*."""

    def __init__(self, expected: Fingerprint) -> None:
        self._expected = expected
        self._head: bytearray | None = bytearray()
        self._multipart = False
        self._digest = DataSetDigest(expected.key)
        self._remaining = 0
        self._tail = b""

    def update(self, piece: bytes) -> bool:
        """Take the next piece of the reply; False when no more is needed."""
        if self._head is None:
            self._take(piece)
        else:
            self._head += piece
            self._begin(self._head)
        return len(self._tail) < MAX_PART_HEADER

    def _begin(self, head: bytearray) -> None:
        start = part_start(head)
        if start is None or len(head) < start + GROUP_LENGTH_END:
            return
        self._head = None
        self._multipart = start > 0
        instance = bytes(head[start:])
        self._remaining = data_set_offset(instance) + self._expected.length
        self._take(instance)

    def _take(self, piece: bytes) -> None:
        instance = piece[: self._remaining]
        self._remaining -= len(instance)
        self._digest.update(instance)
        self._tail += piece[len(instance) :]

    def is_same(self) -> bool:
        """Whether the reply was the expected instance and nothing more."""
        if self._head is not None:
            self._digest.update(bytes(self._head))
        ended = self._tail.startswith(b"\r\n--") if self._multipart else not self._tail
        return ended and self._digest.finish() == self._expected


def part_start(head: bytes | bytearray) -> int | None:
    """Return where the Part 10 file begins in a reply that begins with *head*, or None while that is open."""
    if len(head) < PREAMBLE + 4:
        return None
    if head[PREAMBLE : PREAMBLE + 4] == b"DICM" or not head.lstrip(b"\r\n").startswith(b"--"):
        return 0
    end = head.find(b"\r\n\r\n")
    if end >= 0:
        return end + 4
    return None if len(head) < MAX_PART_HEADER else 0

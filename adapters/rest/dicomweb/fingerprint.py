"""Whether two Part 10 files hold the same data set, without keeping either.

A store may write its own File Meta Information, so only what follows it counts (PS3.10 7.1).

Every arriving instance passes through here, so the cost counts. "The store has this very instance" is a promise, and a
CRC would break it. AES-GMAC (NIST SP 800-38D) under a key drawn for each instance keeps it: nobody who sends or stores
an instance knows the key, and two different data sets of n octets have the same tag with a chance of n / 2^132 at most,
whoever chose them. Measured on one core with AES instructions, a gigabyte takes it 0.045 s, and SHA-256 0.55 s.
"""

import os
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from adapters.rest.dicomweb.file_meta import FileMeta
from adapters.rest.dicomweb.part_reader import PartReader
from gateway.contract.body import Buffer

MAX_BEHIND = 16 * 1024
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
    transfer_syntax: str = field(default="", compare=False)
    """Empty where the file does not tell."""


class Mac:
    """AES-GMAC under a key that is used for nothing else."""

    def __init__(self, key: bytes | None = None) -> None:
        self._key = os.urandom(KEY_SIZE) if key is None else key
        self._mac = Cipher(algorithms.AES(self._key), modes.GCM(NONCE)).encryptor()
        self.length = 0
        """Octets so far."""

    def update(self, octets: Buffer) -> None:
        """Take the next octets."""
        self.length += len(octets)
        self._mac.authenticate_additional_data(octets)

    def finish(self, transfer_syntax: str) -> Fingerprint:
        """Return the fingerprint of what was taken."""
        self._mac.finalize()
        return Fingerprint(self.length, self._key, self._mac.tag, transfer_syntax)


class DataSetDigest:
    """Takes a Part 10 file in pieces and gives the fingerprint of its data set, under *key* or a new one."""

    def __init__(self, key: bytes | None = None) -> None:
        self._meta = FileMeta()
        self._mac = Mac(key)

    @property
    def length(self) -> int:
        """Octets of the data set so far."""
        return self._mac.length

    @property
    def is_instance(self) -> bool:
        """Whether it is a DICOM file, or a data set; known at the end."""
        return self._meta.is_instance

    def update(self, chunk: Buffer) -> None:
        """Take the next piece."""
        self._mac.update(chunk if self._meta.passed else self._meta.strip(chunk))

    def finish(self) -> Fingerprint:
        """Return the fingerprint of what was taken."""
        if not self._meta.passed:
            self._mac.update(self._meta.rest())
        return self._mac.finish(self._meta.transfer_syntax)


class Comparison:
    """Takes a retrieved instance, alone or as the one part of a multipart reply, and tells whether it is *expected*."""

    def __init__(self, expected: Fingerprint) -> None:
        self._expected = expected
        self._digest = DataSetDigest(expected.key)
        self._part = PartReader(self._digest.update)
        self.is_instance = False
        """After the end: the reply was a DICOM file, which says what the store holds."""

    @property
    def length(self) -> int:
        """Octets of its data set so far."""
        return self._digest.length

    def update(self, piece: bytes) -> bool:
        """Take the next piece of the reply; False when no more is needed."""
        self._part.update(piece)
        return self._digest.length <= self._expected.length and self._part.behind < MAX_BEHIND

    def finish(self) -> tuple[bool, str]:
        """Return whether the reply was the expected instance and nothing more, and its transfer syntax."""
        ended = self._part.finish()
        found = self._digest.finish()
        self.is_instance = self._digest.is_instance and (ended or found.length > self._expected.length)
        return ended and found == self._expected, found.transfer_syntax

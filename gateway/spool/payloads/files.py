"""Payload files: written once under a unique name, on stable storage before the commit. Blocking calls only."""

import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from gateway.contract.body import Buffer
from gateway.spool.interface import PayloadDamaged
from gateway.spool.payloads.seal import CHUNK, Seal


class PayloadFile:
    """One payload on its way to the disk. Called from threads; :meth:`abandon` may be called at any moment."""

    def __init__(self, folder: Path, seal: Seal) -> None:
        self.name = uuid4().hex
        self._folder = folder
        self._seal = seal
        self._digest = hashlib.sha256()
        self._index = 0
        self._lock = threading.Lock()
        header = seal.new_header()
        self._cipher = seal.cipher(header)
        self._header = header
        self._descriptor: int | None = None
        self._abandoned = False

    def write(self, chunk: Buffer) -> None:
        """Append a chunk of exactly CHUNK octets that is not the last one."""
        with self._lock:
            self._write(chunk, last=False)

    def finish(self, chunk: Buffer) -> bytes:
        """Append the last chunk, make the file durable and return the payload's SHA-256."""
        with self._lock:
            self._write(chunk, last=True)
            if self._descriptor is not None:
                os.fsync(self._descriptor)
            self._close()
            sync_folder(self._folder)
            return self._digest.digest()

    def abandon(self) -> None:
        """Stop writing and remove the file."""
        with self._lock:
            self._abandoned = True
            self._close()
            remove(self._folder / self.name)

    def _write(self, chunk: Buffer, last: bool) -> None:
        if self._abandoned:  # its caller was cancelled while this call waited for a thread
            return
        if self._descriptor is None:
            self._descriptor = os.open(self._folder / self.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            write_all(self._descriptor, self._header)
        self._digest.update(chunk)
        write_all(self._descriptor, self._cipher.seal(chunk, self._index, last))
        self._index += 1

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class SealedFile:
    """A payload on the disk, read chunk by chunk. Whoever opens it closes it."""

    def __init__(self, path: Path, size: int, seal: Seal) -> None:
        self._size = size
        self._chunks = max(1, -(-size // CHUNK))
        self._overhead = seal.overhead
        self._start = seal.header_size
        try:
            self._descriptor = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            raise PayloadDamaged("the payload file is missing") from None
        try:
            self._check_length()
            self._cipher = seal.cipher(os.pread(self._descriptor, seal.header_size, 0))
        except BaseException:
            self.close()
            raise

    def read(self, index: int) -> bytes:
        """Return a chunk, or no octets after the last; raises PayloadDamaged if the damage shows in the chunk."""
        if index >= self._chunks:
            return b""
        last = index == self._chunks - 1
        step = CHUNK + self._overhead
        length = (self._size - index * CHUNK if last else CHUNK) + self._overhead
        chunk = os.pread(self._descriptor, length, self._start + index * step)
        if len(chunk) != length:
            raise PayloadDamaged("the payload file is cut short")
        return self._cipher.open(chunk, index, last)

    def sha256(self) -> bytes:
        """Read all of it and return the payload's digest."""
        digest = hashlib.sha256()
        for chunk in self._all():
            digest.update(chunk)
        return digest.digest()

    @property
    def is_one_chunk(self) -> bool:
        """Whether one chunk is all of it."""
        return self._chunks == 1

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def _all(self) -> Iterator[bytes]:
        return (self.read(index) for index in range(self._chunks))

    def _check_length(self) -> None:
        expected = self._start + self._size + self._chunks * self._overhead
        if os.fstat(self._descriptor).st_size != expected:
            raise PayloadDamaged("the payload file has not the length that was written")


def write_all(descriptor: int, data: bytes | bytearray | memoryview) -> None:
    """Write every octet; os.write may take fewer."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def sync_folder(folder: Path) -> None:
    """Put the folder's entries on stable storage."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make a folder for the owner alone, with its parents, on stable storage."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)
        sync_folder(each.parent)


def remove(path: Path) -> None:
    """Remove a file. If that fails, it is tried again when the spool is opened."""
    with suppress(OSError):
        path.unlink()

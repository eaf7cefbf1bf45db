"""The digest of a message that is written to a bucket, while it passes.

Of a DICOM instance only the data set counts: its File Meta Information names the sender, and may differ when the same
instance comes again on another way.
"""

import hashlib
from collections.abc import AsyncIterable, AsyncIterator

from adapters.dicom import file_meta
from adapters.dicom.encoding import Malformed
from gateway.contract.body import Buffer


class MessageDigest:
    """Takes a message in pieces."""

    def __init__(self, *, is_dicom: bool) -> None:
        self._digest = hashlib.sha256()
        self._head: bytearray | None = bytearray() if is_dicom else None

    def update(self, octets: Buffer) -> None:
        """Take the next octets."""
        if self._head is None:
            self._digest.update(octets)
            return
        self._head += octets
        try:
            found = file_meta.read(bytes(self._head), is_whole=False)
        except Malformed:
            self._begin(0)
            return
        if found is not None:
            self._begin(len(found.raw))

    def finish(self) -> str:
        """Return the digest of what has come."""
        if self._head is not None:
            self._begin(0)
        return self._digest.hexdigest()

    def _begin(self, start: int) -> None:
        assert self._head is not None  # noqa: S101  the callers have looked
        self._digest.update(memoryview(self._head)[start:].tobytes())
        self._head = None


class Watched:
    """Passes chunks on and takes their digest; what is not taken out of it can be read on."""

    def __init__(self, chunks: AsyncIterable[Buffer], digest: MessageDigest) -> None:
        self._chunks, self._digest = aiter(chunks), digest

    def __aiter__(self) -> AsyncIterator[Buffer]:
        return self

    async def __anext__(self) -> Buffer:
        chunk = await anext(self._chunks)
        self._digest.update(chunk)
        return chunk

    async def digest(self) -> str:
        """Read the rest and return the digest of all."""
        async for _ in self:
            pass
        return self._digest.finish()


async def digest_of(chunks: AsyncIterable[Buffer], *, is_dicom: bool) -> str:
    """Return the digest of all *chunks*."""
    return await Watched(chunks, MessageDigest(is_dicom=is_dicom)).digest()

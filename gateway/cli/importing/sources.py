"""Octets that can be read again from their beginning: an object, what a gzip file holds, a member of a zip file."""

import asyncio
import errno
import hashlib
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Protocol, TypeVar
from zipfile import ZipFile

from gateway.contract.body import Buffer
from gateway.contract.errors import GatewayError
from gateway.contract.objects import Bucket, BucketAway, ObjectError

CHUNK = 256 * 1024
HEAD = 64 * 1024
"""So many octets show what an object is, and hold the whole header of nearly every instance."""
GZIP = 16 + zlib.MAX_WBITS
MOST_UNPACKED = 64 * 1024**3
"""Octets that one gzip file may hold: more is no instance, but an attack."""


class NotReadError(GatewayError):
    """What an object holds cannot be read, however often it is tried. The text has nothing of it."""


T = TypeVar("T")


@asynccontextmanager
async def closing(iterator: AsyncIterator[T]) -> AsyncIterator[AsyncIterator[T]]:
    """Close *iterator* at the end, with the file or the connection that it reads from, although it is not read out."""
    try:
        yield iterator
    finally:
        if (close := getattr(iterator, "aclose", None)) is not None:
            await close()


class ChangedError(ObjectError):
    """An object is not as long as the listing has told: it was replaced, or is still growing."""

    def __init__(self) -> None:
        super().__init__("the object has changed while it was read; the next run reads it again")


class Source(Protocol):
    """Octets that can be read again."""

    @property
    def size(self) -> int | None:
        """How many there are, if that is known."""

    def chunks(self) -> AsyncIterator[bytes]:
        """Yield all octets from the beginning."""


class ObjectSource:
    """An object of a bucket. One that is small is read once and kept; a large one is streamed."""

    def __init__(self, bucket: Bucket, key: str, size: int, kept: bytes | None = None) -> None:
        self._bucket, self._key = bucket, key
        self.size: int | None = size
        self._length, self._kept = size, kept
        self.digest = "" if kept is None else hashlib.sha256(kept).hexdigest()
        """SHA-256 of all octets, as soon as they were read to the end."""

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the octets; raises ObjectError."""
        if self._kept is not None:
            yield self._kept
            return
        digest, octets = hashlib.sha256(), 0
        async with closing(self._bucket.stream(self._key)) as stream:
            async for chunk in stream:
                octets += len(chunk)
                if octets > self._length:
                    raise ChangedError
                digest.update(chunk)
                yield chunk
        if octets < self._length:
            raise ChangedError
        self.digest = digest.hexdigest()


class RangedSource:
    """An object of a bucket of which only parts are needed: its head is read once and kept."""

    digest = ""
    """Nothing: it is not read to its end."""

    def __init__(self, bucket: Bucket, key: str, size: int) -> None:
        self._bucket, self._key, self._length = bucket, key, size
        self._head: bytes | None = None
        self.size: int | None = size

    def chunks(self) -> AsyncIterator[bytes]:
        """Yield all octets; raises ObjectError."""
        return ObjectSource(self._bucket, self._key, self._length).chunks()

    async def read(self, first: int, count: int) -> bytes:
        """Return *count* octets from octet *first*, or fewer at the end; raises ObjectError."""
        if self._head is None:
            head = await self._bucket.read(self._key, 0, HEAD)
            if len(head) < min(HEAD, self._length):
                raise ChangedError
            self._head = head
        if first + count <= len(self._head) or len(self._head) >= self._length:
            return self._head[first : first + count]
        return await self._bucket.read(self._key, first, count)


class Unzipped:
    """What a gzip file holds."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.size: int | None = None

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the octets; raises NotReadError if the file is damaged or not whole."""
        inflate, octets = zlib.decompressobj(GZIP), 0
        async with closing(self._source.chunks()) as packed:
            async for chunk in packed:
                left: bytes = chunk
                while left:
                    if inflate.eof:  # several members, one behind the other (RFC 1952 2.2); zeros may end a file
                        if not (left := left.lstrip(b"\0")):
                            break
                        inflate = zlib.decompressobj(GZIP)
                    piece, left = _inflated(inflate, left)
                    octets += len(piece)
                    if octets > MOST_UNPACKED:
                        raise NotReadError(f"it unpacks to more than {MOST_UNPACKED // 2**30} GiB")
                    if piece:
                        yield piece
        while not inflate.eof:  # all of the file is read, and some of what it holds may be left
            piece, _ = _inflated(inflate, b"")
            if not piece:
                raise NotReadError("the gzip file is not whole")
            yield piece


def _inflated(inflate: "zlib._Decompress", data: bytes) -> tuple[bytes, bytes]:
    """Return the next octets, and what is left of *data*."""
    try:
        piece = inflate.decompress(data, CHUNK)
    except zlib.error:
        raise NotReadError("the gzip file is damaged") from None
    return piece, inflate.unused_data if inflate.eof else inflate.unconsumed_tail


class Member:
    """A member of a zip file on the disk."""

    def __init__(self, archive: Path, name: str, size: int) -> None:
        self._archive, self._name = archive, name
        self.size: int | None = size

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the octets; raises NotReadError if the member is damaged, BucketAway if the disk fails."""
        try:
            with ZipFile(self._archive) as archive, archive.open(self._name) as file:
                while chunk := await asyncio.to_thread(file.read, CHUNK):
                    yield chunk
        except Exception as error:  # noqa: BLE001  of a damaged file zipfile raises anything
            raise of_zip(error, "the member of the zip file is damaged, encrypted, or packed in another way") from None


def of_zip(error: Exception, damaged: str) -> GatewayError:
    """Return what an error of zipfile means: the file is *damaged*, or the disk fails."""
    if isinstance(error, OSError) and error.errno not in {None, errno.EINVAL}:  # EINVAL: a place before the beginning
        return BucketAway(f"data_dir takes no zip file: {error.strerror}")
    return NotReadError(damaged)


class SourceBody:
    """The body of a message: octets of a source, behind those that are missing in it."""

    def __init__(self, source: Source, missing: bytes = b"") -> None:
        self._source, self._missing = source, missing
        self.failure: GatewayError | None = None
        """Why it could not be read the last time: whoever sends it only tells that it broke off."""

    @property
    def length(self) -> int | None:
        """Octets in total, if they are known."""
        return None if self._source.size is None else self._source.size + len(self._missing)

    @property
    def replayable(self) -> bool:
        """Always true: a source can be read again."""
        return True

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the octets."""
        self.failure = None
        if self._missing:
            yield self._missing
        try:
            async with closing(self._source.chunks()) as chunks:
                async for chunk in chunks:
                    yield chunk
        except GatewayError as error:
            self.failure = error
            raise


class RangedSourceBody(SourceBody):
    """The same of a source whose parts can be read."""

    def __init__(self, source: RangedSource, missing: bytes = b"") -> None:
        super().__init__(source, missing)
        self._parts = source

    async def read(self, first: int, count: int) -> bytes:
        """Return *count* octets from octet *first*, or fewer at the end."""
        self.failure = None
        before = self._missing[first : first + count]
        try:
            behind = await self._parts.read(max(0, first - len(self._missing)), count - len(before))
        except GatewayError as error:
            self.failure = error
            raise
        return before + behind


async def head_of(source: Source, most: int) -> bytes:
    """Return the first octets, up to *most*."""
    if isinstance(source, RangedSource):
        return await source.read(0, most)
    head = bytearray()
    async with closing(source.chunks()) as chunks:
        async for chunk in chunks:
            head += memoryview(chunk)[: most - len(head)]
            if len(head) >= most:
                break
    return bytes(head)


async def whole_of(source: Source, most: int) -> bytes:
    """Return all octets; raises NotReadError if there are more than *most*."""
    data = bytearray()
    async with closing(source.chunks()) as chunks:
        async for chunk in chunks:
            data += chunk
            if len(data) > most:
                raise NotReadError(f"it is larger than {most // 2**20} MiB and no DICOM")
    return bytes(data)


async def spooled(source: Source, file: IO[bytes]) -> None:
    """Write all octets to *file*."""
    async with closing(source.chunks()) as chunks:
        async for chunk in chunks:
            await asyncio.to_thread(file.write, chunk)
    file.flush()

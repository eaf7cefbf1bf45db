"""A bucket of S3 or GCS behind the interface of all buckets.

An object of up to PART octets is written in one request, which the server refuses if there is an object with the key
(``If-None-Match: *``, ``x-goog-if-generation-match: 0``; a server that does not know these headers replaces it). A
larger one is sent in parts, for which there is no such header here: whether the key is free is asked before the first
part and again behind the last one, before the object appears. So only of two writers that end in the same moment the
later one wins. A half-sent object is never visible.
"""

import re
from collections.abc import AsyncIterable, AsyncIterator, Awaitable
from typing import Any, TypeVar

import obstore
from obstore import exceptions

from adapters.objects.contract import AlreadyThere, BadKey, BucketAway, Found, NotAllowed, NotThere, ObjectError
from adapters.objects.wildcards import check, has_wildcard, matches, prefix_of
from gateway.contract.body import Buffer

PAGE = 1000
"""Objects in one answer of a listing: as many as S3 gives."""
PART = 8 * 1024 * 1024
"""Octets of one part; 10,000 parts are the most, so an object may have 80 GB."""
PARTS_AT_ONCE = 2
CHUNK = 1024 * 1024
STATUS = re.compile(r"status code: (\d{3})")
T = TypeVar("T")


class Remote:
    """One bucket."""

    def __init__(self, store: Any, reader: Any) -> None:
        self._store, self._reader = store, reader

    async def list(self, pattern: str) -> AsyncIterator[Found]:
        """Yield each object that *pattern* means, in the order in which the server tells them; raises BadPattern."""
        check(pattern)
        if not has_wildcard(pattern):
            try:
                yield _found(await _told(obstore.head_async(self._store, pattern)))
            except NotThere:
                return
            return
        folder = prefix_of(pattern).rpartition("/")[0]
        pages = obstore.list(self._store, prefix=folder or None, chunk_size=PAGE)
        while (page := await self._page(pages)) is not None:
            for each in page:
                if matches(pattern, each["path"]) and await self._is_object(each):
                    yield _found(each)

    async def _page(self, pages: Any) -> Any:
        try:
            return await _told(_next(pages))
        except BadKey:  # obstore gives back nothing of a page with such a name
            raise BadKey(UNLISTED) from None

    async def read(self, key: str, first: int = 0, count: int | None = None) -> bytes:
        """Return octets of the object."""
        if count == 0:
            return b""
        wanted: Any = {"offset": first} if count is None else (first, first + count)
        try:
            got = await _told(obstore.get_async(self._reader, key, options={"range": wanted} if first or count else {}))
            return bytes(await _told(got.bytes_async()))
        except _BehindTheEnd:
            return b""

    async def stream(self, key: str) -> AsyncIterator[bytes]:
        """Yield the octets of the object."""
        got = await _told(obstore.get_async(self._reader, key))
        chunks = got.stream(min_chunk_size=CHUNK)
        while (chunk := await _told(_next(chunks))) is not None:
            yield bytes(chunk)

    async def create(self, key: str, chunks: AsyncIterable[Buffer], *, replace: bool = False) -> None:
        """Write an object."""
        source = _Source(chunks)
        beginning = await source.beginning()
        try:
            if source.is_whole:
                mode: Any = "overwrite" if replace else "create"
                await _told(obstore.put_async(self._store, key, beginning, mode=mode, use_multipart=False))
                return
            if not replace and await self._has(key):
                raise AlreadyThere(THERE)
            pieces = source.pieces() if replace else self._while_free(source, key)
            put = obstore.put_async(
                self._store, key, pieces, use_multipart=True, chunk_size=PART, max_concurrency=PARTS_AT_ONCE
            )
            await _told(put)
        except ObjectError:
            if source.error is not None:
                raise source.error from None
            raise

    async def _while_free(self, source: "_Source", key: str) -> AsyncIterator[bytes]:
        """Yield the octets of a new object; at their end, raise AlreadyThere if another writer was faster."""
        async for piece in source.pieces():
            yield piece
        if await self._has(key):
            source.error = AlreadyThere(THERE)
            raise source.error

    async def remove(self, key: str) -> None:
        """Remove an object; one that is not there is no error."""
        try:
            await _told(obstore.delete_async(self._store, key))
        except NotThere:
            return

    async def _has(self, key: str) -> bool:
        try:
            await _told(obstore.head_async(self._store, key))
        except NotThere:
            return False
        return True

    async def _is_object(self, meta: Any) -> bool:
        """Whether it is no folder: obstore tells the empty object ``a/`` as ``a``, which then is not there."""
        return bool(meta["size"]) or await self._has(meta["path"])


class _Source:
    """The octets of a new object: the first of them are read before, to see whether it is a small one."""

    def __init__(self, chunks: AsyncIterable[Buffer]) -> None:
        self._chunks = aiter(chunks)
        self._beginning = bytearray()
        self.is_whole = False
        self.error: Exception | None = None
        """What the source has raised, in the place of which obstore raises an error of its own."""

    async def beginning(self) -> bytes:
        """Return the first octets: all of them where there are no more than PART."""
        while len(self._beginning) <= PART:
            try:
                self._beginning += await anext(self._chunks)
            except StopAsyncIteration:
                self.is_whole = True
                break
        return bytes(self._beginning) if self.is_whole else b""

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield all octets."""
        yield bytes(self._beginning)
        self._beginning.clear()
        try:
            async for chunk in self._chunks:
                yield bytes(chunk)
        except Exception as error:
            self.error = error
            raise


THERE = "there is an object with this key"
ABSENT = "there is no object with this key, or no such bucket"
UNLISTED = (
    "an object here has a name with an empty part, `.` or `..` (such as a//b), with which the bucket cannot be listed; "
    "rename it, or name a folder without it"
)
REFUSED = "the server refuses it; check the credentials of the bucket and what they allow"
AWAY = "the server of the bucket cannot be reached"
FAILED = "the server of the bucket answers with the HTTP status {}"


class _BehindTheEnd(ObjectError):  # noqa: N818  it names what happened
    """A part was asked for that begins behind the end of the object."""


async def _next(stream: Any) -> Any:
    """Return what comes next of a stream of obstore, or None at its end."""
    try:
        return await anext(stream)
    except StopAsyncIteration:
        return None


async def _told(asking: Awaitable[T]) -> T:
    """Return what obstore answers; raises ObjectError instead of its errors, whose texts have keys and addresses."""
    try:
        return await asking
    except (exceptions.AlreadyExistsError, exceptions.PreconditionError):
        raise AlreadyThere(THERE) from None
    except FileNotFoundError:
        raise NotThere(ABSENT) from None
    except (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError):
        raise NotAllowed(REFUSED) from None
    except exceptions.InvalidPathError:
        raise BadKey("the bucket cannot have an object of this name") from None
    except exceptions.BaseError as error:
        raise _by_status(str(error)) from None


def _by_status(text: str) -> ObjectError:
    """Return the error for a status that obstore tells in its text only."""
    found = STATUS.search(text)
    match found.group(1) if found else "":
        case "":
            return BucketAway(AWAY)
        case "401" | "403":
            return NotAllowed(REFUSED)
        case "404":
            return NotThere(ABSENT)
        case "416":
            return _BehindTheEnd("the part begins behind the end of the object")
        case status:
            return BucketAway(FAILED.format(status))


def _found(meta: Any) -> Found:
    # The ETag first: a listing does not tell the version that an answer about one object has.
    version = meta["e_tag"] or meta["version"] or f"{meta['last_modified'].timestamp()}-{meta['size']}"
    return Found(meta["path"], meta["size"], str(version), meta["last_modified"])

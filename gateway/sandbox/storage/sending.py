"""The content of an object, or a range of it, as a reply; the parts of HTTP that both APIs share."""

import os
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from functools import partial

from aiohttp import web

from gateway.sandbox.reasoned_error import ReasonedError
from gateway.sandbox.storage.store import Store, Stored, read_at

CHUNK = 1024 * 1024
SMALL = 64 * 1024 * 1024
"""The content of greater objects is not read before it is sent, so their digests are told only if they are known."""
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z")
HEADERS = {
    "contentEncoding": "Content-Encoding",
    "contentDisposition": "Content-Disposition",
    "contentLanguage": "Content-Language",
    "cacheControl": "Cache-Control",
}


@dataclass(frozen=True, slots=True)
class Span:
    """What of an object is sent."""

    first: int
    count: int
    is_part: bool


def span_of(header: str, size: int) -> Span:
    """Return what a ``Range`` asks for; raises a 416 beyond the end. One of another form is ignored (RFC 9110 14.2)."""
    found = RANGE.match(header)
    if found is None or not (found[1] or found[2]):
        return Span(0, size, is_part=False)
    first = int(found[1]) if found[1] else max(0, size - int(found[2]))
    last = min(int(found[2]), size - 1) if found[1] and found[2] else size - 1
    if found[1] and found[2] and int(found[2]) < first:
        return Span(0, size, is_part=False)
    if first >= size or (not found[1] and int(found[2]) == 0):
        raise ReasonedError(416, "the object ends before the range begins")
    return Span(first, last - first + 1, is_part=True)


def headers_of(found: Stored, *, prefix: str = "x-goog-") -> dict[str, str]:
    """Return what the headers of a reply tell of an object; names of metadata begin with *prefix*."""
    record = found.record
    told = {
        "Content-Type": record.content_type,
        "ETag": f'"{found.etag}"',
        "Last-Modified": formatdate(found.file.generation / 1e6, usegmt=True),
        "Accept-Ranges": "bytes",
        "x-goog-generation": str(found.file.generation),
        "x-goog-metageneration": str(record.metageneration),
        "x-goog-storage-class": "STANDARD",
        "x-goog-stored-content-length": str(found.file.size),
        "x-goog-stored-content-encoding": record.headers.get("contentEncoding", "identity"),
    }
    if record.has_digests:
        told["x-goog-hash"] = f"crc32c={record.crc32c},md5={record.md5}"
    told |= {name: record.headers[key] for key, name in HEADERS.items() if key in record.headers}
    return told | {f"{prefix}meta-{name}": value for name, value in record.metadata.items() if _is_token(name)}


def _is_token(name: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name) is not None


async def send(store: Store, request: web.Request, found: Stored, headers: Mapping[str, str]) -> web.StreamResponse:
    """Send the content. The file is opened once, so an object that is replaced meanwhile is sent as it was."""
    span = span_of(request.headers.get("Range", ""), found.file.size)
    reply = web.StreamResponse(status=206 if span.is_part else 200, headers=dict(headers))
    reply.content_length = span.count
    if span.is_part:
        last = span.first + span.count - 1
        reply.headers["Content-Range"] = f"bytes {span.first}-{last}/{found.file.size}"
    descriptor = await _open(store, found)
    try:
        await reply.prepare(request)
        if request.method != "HEAD":
            async for data in _octets(store, descriptor, span):
                await reply.write(data)
        await reply.write_eof()
    finally:
        os.close(descriptor)
    return reply


async def _open(store: Store, found: Stored) -> int:
    try:
        descriptor = await store.do(partial(os.open, found.file.path, os.O_RDONLY))
    except FileNotFoundError:
        raise ReasonedError(404, "there is no such object") from None
    status = os.fstat(descriptor)
    if (status.st_mtime_ns // 1000, status.st_size) != (found.file.generation, found.file.size):
        os.close(descriptor)
        raise ReasonedError(503, "the object is being replaced; ask again", "backendError")
    return descriptor


async def _octets(store: Store, descriptor: int, span: Span) -> AsyncIterator[bytes]:
    at, end = span.first, span.first + span.count
    while at < end:
        data = await store.do(partial(read_at, descriptor, at, min(CHUNK, end - at)))
        if not data:  # somebody else has cut the file: the reply stays shorter than its header says
            raise ConnectionResetError("the file became shorter while it was sent")
        at += len(data)
        yield data

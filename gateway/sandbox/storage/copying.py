"""Objects that are made of others: copies, and one object of several."""

from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any

from gateway.sandbox.reasoned_error import ReasonedError
from gateway.sandbox.storage import files
from gateway.sandbox.storage.digests import Digests
from gateway.sandbox.storage.sending import CHUNK
from gateway.sandbox.storage.store import Conditions, Store, Stored

MOST_SOURCES = 32
"""As Cloud Storage has it."""


async def copied(
    store: Store, source: Stored, bucket: str, key: str, resource: dict[str, Any], conditions: Conditions
) -> Stored:
    """Copy an object with its metadata, or with those of *resource* if it has any."""
    wanted = {name: value for name, value in resource.items() if name not in {"md5Hash", "crc32c"}}
    if not wanted:
        wanted = {**source.record.headers, "metadata": source.record.metadata}
    return await _made(store, [source], bucket, key, wanted, conditions)


async def compose(store: Store, bucket: str, key: str, body: dict[str, Any], conditions: Conditions) -> Stored:
    """Make an object of the ``sourceObjects`` of a request, in their order."""
    named = body.get("sourceObjects")
    if not isinstance(named, list) or not 0 < len(named) <= MOST_SOURCES:
        raise ReasonedError(400, f"sourceObjects must name 1 to {MOST_SOURCES} objects")
    sources = []
    for each in named:
        name = each.get("name") if isinstance(each, dict) else None
        found = await store.get(bucket, name if isinstance(name, str) else "")
        wanted = str(each.get("generation") or found.file.generation)
        if wanted != str(found.file.generation):
            raise ReasonedError(404, "there is no such generation of a source object")
        sources.append(found)
    destination = body.get("destination")
    resource = dict(destination) if isinstance(destination, dict) else {}
    return await _made(store, sources, bucket, key, resource, conditions)


async def _made(
    store: Store, sources: Sequence[Stored], bucket: str, key: str, resource: dict[str, Any], conditions: Conditions
) -> Stored:
    part, digests = await store.begin(bucket), Digests()
    try:
        for each in sources:
            await store.receive(part, _content(store, each), digests)
    except BaseException:
        await store.do(partial(part.unlink, missing_ok=True))
        raise
    return await store.finish(bucket, key, part, digests, resource, conditions)


async def _content(store: Store, source: Stored) -> AsyncIterator[bytes]:
    try:
        file = await store.do(partial(files.opened, source.file.path))
    except FileNotFoundError:
        raise ReasonedError(404, "a source object was removed meanwhile") from None
    with file:
        while data := await store.do(partial(file.read, CHUNK)):
            yield data

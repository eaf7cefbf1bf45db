"""Puts an object into a store, as a handler does."""

from collections.abc import AsyncIterator
from typing import Any

from gateway.sandbox.storage.digests import Digests
from gateway.sandbox.storage.store import Conditions, Store, Stored


async def pieces(*octets: bytes) -> AsyncIterator[bytes]:
    """Yield octets as they come from a socket."""
    for each in octets:
        yield each


async def put(
    store: Store, key: str, octets: bytes, resource: dict[str, Any] | None = None, conditions: Conditions | None = None
) -> Stored:
    """Put an object into the bucket ``north``."""
    part, digests = await store.begin("north"), Digests()
    await store.receive(part, pieces(octets), digests)
    return await store.finish("north", key, part, digests, resource or {}, conditions or Conditions())

"""Reading large replies beside the event loop, so that a store which says much holds up nobody else."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from adapters.rest.http.reply import Reply

SMALL = 64 * 1024
"""Octets of a reply that are read at once: that takes less than to hand them over."""

Read = TypeVar("Read")


async def off_loop(reply: Reply, read: Callable[[], Read]) -> Read:
    """Return what *read* makes of *reply*, from a thread of its own where the reply is large."""
    return read() if len(reply.body) <= SMALL else await asyncio.to_thread(read)

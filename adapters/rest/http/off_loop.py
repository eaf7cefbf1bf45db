"""Reading large replies in a thread, so that they do not block the event loop."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from adapters.rest.http.reply import Reply

SMALL = 64 * 1024
"""Largest reply that is read in the event loop: this takes less time than handing it to a thread."""

Read = TypeVar("Read")


async def off_loop(reply: Reply, read: Callable[[], Read]) -> Read:
    """Return the result of *read*, which reads *reply*; it runs in a thread if the reply is large."""
    return read() if len(reply.body) <= SMALL else await asyncio.to_thread(read)

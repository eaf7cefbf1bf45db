"""Work on what its caller has locked, in threads that cannot be cancelled: the caller stays until it has ended."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


async def to_its_end(work: Awaitable[T]) -> T:
    """Return what *work* returns; a caller that is cancelled stays until it has ended."""
    future = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        while not future.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([future])
        with suppress(asyncio.CancelledError):
            future.exception()  # nobody else is left to look at it
        raise


async def in_thread(work: Callable[[], T], undo: Callable[[T], object]) -> T:
    """Return what *work* returns in a thread; where the caller is cancelled, *undo* is given that.

    Nothing is left at work behind a lock that the caller lets go of next.
    """
    future = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        return await to_its_end(future)
    except asyncio.CancelledError:
        if not future.cancelled() and future.exception() is None:
            undo(future.result())
        raise

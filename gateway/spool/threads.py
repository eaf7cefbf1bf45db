"""Work in threads, which cannot be cancelled, on what the caller has locked: the caller waits until it has ended."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


async def to_its_end(work: Awaitable[T]) -> T:
    """Return the result of *work*; a caller that is cancelled waits until the work has ended."""
    future = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        while not future.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([future])
        with suppress(asyncio.CancelledError):
            future.exception()  # nobody else retrieves it
        raise


async def in_thread(work: Callable[[], T], undo: Callable[[T], object]) -> T:
    """Run *work* in a thread and return its result; if the caller is cancelled, call *undo* with the result.

    Thus no thread is still at work when the caller releases its lock.
    """
    future = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        return await to_its_end(future)
    except asyncio.CancelledError:
        if not future.cancelled() and future.exception() is None:
            undo(future.result())
        raise

"""Work in a thread on what its caller has locked: the caller stays until the thread has ended."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


async def in_thread(work: Callable[[], T], undo: Callable[[T], object]) -> T:
    """Return what *work* returns in a thread.

    A thread cannot be cancelled. Where the caller is, it waits for the end of *work* all the same, and what that
    returned is given to *undo*: nothing is left at work behind a lock that the caller lets go of next.
    """
    future = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        while not future.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([future])
        if future.exception() is None:
            undo(future.result())
        raise

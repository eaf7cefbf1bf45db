"""How long a connection is read on after its last answer."""

import asyncio
import contextlib
from collections.abc import Callable

LINGER_SECONDS = 2.0
"""Longest wait for a silent peer: closing over unread input would reset the connection and may lose the answer."""
LONGEST_LINGER_SECONDS = 30.0
"""The same for a peer that sends on: many read the answer only after they have sent all of a too large block."""


async def linger(gone: asyncio.Event, heard: Callable[[], float], most: float, silence: float = LINGER_SECONDS) -> None:
    """Wait until the peer has *gone*, has sent nothing for *silence* seconds, or *most* seconds have passed.

    *heard* returns when something last came from it, in the event loop's time.
    """
    now = asyncio.get_running_loop().time
    began = now()
    while not gone.is_set():
        until = min(max(began, heard()) + silence, began + most)
        if until <= now():
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                await gone.wait()

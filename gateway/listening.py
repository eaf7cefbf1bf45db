"""What binds and what lets go: the words for a port that cannot be had, and the end of listeners that are bound."""

import asyncio
import os
from collections.abc import Sequence

from gateway.errors import ConfigError
from gateway.message import Listener


def cannot_bind(place: str, host: str, port: int, error: OSError) -> ConfigError:
    """Return what to tell the operator of a port that cannot be bound."""
    # The loop words a system error differently from place to place; an address that cannot be resolved has no number.
    known = error.errno is not None and error.errno > 0
    reason = os.strerror(error.errno or 0) if known else error.strerror or "the address cannot be used"
    return ConfigError(f"{place}: cannot bind {host}:{port}: {reason}; free it or change {place}.port")


async def drain(listeners: Sequence[Listener], grace: float) -> int:
    """Stop accepting, let busy peers have their answers for *grace* seconds; return how many were cut off."""
    for listener in listeners:
        listener.stop_accepting()  # idle peers leave now, busy ones after their answer
    busy = {task for listener in listeners for task in listener.tasks}
    late = (await asyncio.wait(busy, timeout=grace))[1] if busy else set()
    for task in late:
        task.cancel()
    if late:
        await asyncio.wait(late)
    return len(late)

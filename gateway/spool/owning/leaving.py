"""Takes adopted spools out of use that are no longer needed, while messages are committed and delivered."""

from collections.abc import Awaitable, Callable

from gateway.spool.combined import CombinedSpool, Part
from gateway.spool.interface import State


async def take_out(spool: CombinedSpool, part: Part, may_go: Callable[[CombinedSpool, Part], Awaitable[bool]]) -> bool:
    """Take a part out of use if *may_go* allows it."""
    if not await may_go(spool, part):
        return False
    spool.remove(part.name)  # before the second check: from here on nothing can be committed to it
    gone = False
    try:
        gone = await may_go(spool, part)
    finally:
        if not gone:
            spool.add(part)
    return gone


async def is_unused(spool: CombinedSpool, part: Part) -> bool:
    """Tell whether there is nothing in a part, not even a record."""
    return not spool.in_use(part) and await part.operations.is_empty()


async def is_drained(spool: CombinedSpool, part: Part) -> bool:
    """Tell whether nothing waits in a part any more."""
    waits = any(each.count and each.state is State.WAITING for each in await part.operations.totals())
    return not waits and not spool.in_use(part)

"""Restarts a task of the gateway that must never end, whenever it ends."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from gateway.flow.retry import Backoff
from gateway.telemetry.faults import report

log = structlog.get_logger()

BACKOFF = Backoff(first=1.0, ceiling=60.0)
SOUND_SECONDS = 60.0
"""A task that ran for longer than this is healthy: when it ends, the backoff starts from the beginning."""

Trouble = Callable[[str, str | None], None]
"""Called with the name of a part and what is wrong with it; with None when the problem is over."""


async def supervise(
    name: str,
    run: Callable[[], Awaitable[None]],
    trouble: Trouble,
    restarted: Callable[[], None],
    backoff: Backoff | None = None,
) -> None:
    """Run *run* until cancelled. If it ends by itself, log that, wait, call *restarted*, and run it again."""
    loop, backoff = asyncio.get_running_loop(), backoff or BACKOFF
    attempt = 0
    while True:
        started = loop.time()
        mended = loop.call_later(backoff.first, trouble, name, None)
        error: Exception | None = None
        try:
            await run()
        except Exception as caught:  # noqa: BLE001 - the task must be restarted after any error
            error = caught
        finally:
            mended.cancel()
        attempt = 1 if loop.time() - started > SOUND_SECONDS else min(attempt + 1, 32)
        trouble(name, "has ended unexpectedly and is being restarted")
        report(error, name)
        log.error("task_ended", task=name, again_in=backoff.pause(attempt))
        await asyncio.sleep(backoff.pause(attempt))
        restarted()

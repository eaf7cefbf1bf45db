"""What the images of a step share: the thread that waits for them, their memory, the process that searches them."""

import asyncio
import multiprocessing
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from adapters.deidentify.memory import MemoryBudget
from adapters.isolation.process import LostError

if TYPE_CHECKING:  # it imports numpy, which only the extra brings
    from adapters.deidentify.dicom.pixels.redacting import Redacting

MOST_IN_MEMORY = 256 * 1024 * 1024
"""Most octets of images that are searched for text or wait for it; the senders of others wait."""
PROCESS_LOST = "process_lost"
"""What is counted when the process was lost."""
Lost = Callable[[LostError], None]
"""Is told that the process that covers text in images was lost."""

log = structlog.get_logger()


def _one_thread() -> Executor:
    return ThreadPoolExecutor(1, "deidentify-images")  # one: the detector takes 250 MiB for each that it works on


@dataclass(frozen=True, slots=True)
class Images:
    """What all images of a step share that are searched for text."""

    redacting: "Redacting | None"
    """None if none is searched."""
    thread: Executor = field(default_factory=_one_thread)
    memory: MemoryBudget = field(default_factory=lambda: MemoryBudget(MOST_IN_MEMORY))

    async def close(self) -> None:
        """End the process, which gives back a thread that waits for it, then the thread."""
        if self.redacting is not None:
            await asyncio.to_thread(self.redacting.close)
        await asyncio.to_thread(self.thread.shutdown, cancel_futures=True)


def lost_by(step: str, count: Callable[[str], None]) -> Lost | None:
    """Return what is told of each process that is lost; None where this process is itself one that may be lost.

    A process of ``hilum deidentify``, for example, may start none of its own, and is replaced itself.
    """
    if multiprocessing.current_process().daemon:
        return None

    def lost(error: LostError) -> None:
        count(PROCESS_LOST)
        log.error("image_process_lost", step=step, status=error.status, reason="hung" if error.has_hung else "ended")

    return lost

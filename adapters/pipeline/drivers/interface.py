"""What a driver is: it works on tasks, wherever, and tells what became of each."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from adapters.pipeline.work import Done, Task


class Driver(Protocol):
    """Works on tasks."""

    def run(self, tasks: Sequence[Task]) -> AsyncIterator[Done]:
        """Yield what became of each task, in whatever order. A result that it tells of is on the disk."""

"""An event loop whose clock jumps to the next timer instead of waiting: hours of a simulation pass in seconds.

Only for code that does no I/O. It is asyncio's own loop, because uvloop's clock cannot be replaced.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Selector(selectors.SelectSelector):
    """Never waits: the time until the next timer passes at once."""

    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return no event, and move the clock."""
        if timeout is None:
            raise RuntimeError("the simulation waits for something that will never happen")
        self.loop.now += max(timeout, 0.0)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop; its time begins at 1,000 s."""

    def __init__(self) -> None:
        self.now = 1000.0
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        """Return the simulated time."""
        return self.now


def simulate(scenario: Coroutine[Any, Any, T]) -> T:
    """Run *scenario* in simulated time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(scenario)

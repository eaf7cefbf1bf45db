"""Passes on the resources of a store of which notifications tell, each for itself: they need no order.

A resource is fetched as it is when its turn comes, so several notifications about it are one delivery. The notification
is all there is: it is acknowledged when the resource is passed on, and comes again until then.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Generic, TypeVar

from adapters.events.getting import GONE_AFTER_SECONDS
from adapters.events.stopping import Stopping
from adapters.events.telling import Teller
from adapters.events.trials import Trial
from gateway.contract.meter import Passed, SourceMeter
from gateway.contract.outcome import NO_ROUTE, Outcome, Stored, Unavailable

AT_ONCE = 2
"""Resources that are in memory at a time."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FetchRules:
    """How resources are fetched."""

    settle: float = 2.0
    """Seconds from the notification to the fetch: by then it is known whether Hilum has stored the resource itself."""
    skips: bool = False
    """Whether a resource that is refused is given up."""


@dataclass(frozen=True, slots=True)
class FetchEnds(Generic[T]):
    """What a fetcher is connected to."""

    is_name: Callable[[str], bool]
    """Whether a name is that of a resource of the store."""
    get: Callable[[str], Awaitable[T | Passed | Unavailable]]
    """Returns the resource of a name, or that it is gone or Hilum's own."""
    deliver: Callable[[T], Awaitable[Outcome]]
    settling: Callable[[str], Callable[[], None]]
    """Returns a function that has those notifications about a resource acknowledged that are held now."""
    meter: SourceMeter
    tell: Teller


class Fetcher(Generic[T]):
    """Fetches what it is told of."""

    def __init__(self, rules: FetchRules, ends: FetchEnds[T]) -> None:
        self._rules, self._ends = rules, ends
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._stop = Stopping()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        """Resources that were told of again after the last attempt began: there may be a newer version."""
        self._since: dict[str, float] = {}
        """When each resource that is not passed on was first told of."""

    def is_name(self, name: str) -> bool:
        """Whether a notification with this name is about a resource of the store."""
        return self._ends.is_name(name)

    def told(self, name: str) -> None:
        """Take a notification about a resource."""
        if name in self._tasks:
            self._again.add(name)
        elif not self._stop.is_set:
            self._since[name] = asyncio.get_running_loop().time()
            task = self._tasks[name] = asyncio.create_task(self._pass_on(name))
            task.add_done_callback(partial(self._done, name))

    def _done(self, name: str, _: asyncio.Task[None]) -> None:
        del self._tasks[name]
        if name in self._again:
            self._again.discard(name)
            self.told(name)

    def stop(self) -> None:
        """End after the resources that are being delivered."""
        self._stop.set()

    async def run(self) -> None:
        """Run until :meth:`stop`."""
        try:
            await self._stop.wait()
            if self._tasks:
                await asyncio.wait(list(self._tasks.values()))
        finally:
            for task in list(self._tasks.values()):
                task.cancel()

    async def _pass_on(self, name: str) -> None:
        await self._stop.within(self._rules.settle)
        missing, trial = iter(GONE_AFTER_SECONDS), Trial()
        for attempt in count(1):
            async with self._slots:
                if self._stop.is_set:
                    return
                settle = self._ends.settling(name)
                self._again.discard(name)
                result, is_over = self._judged(name, await self._attempt(name), trial, attempt)
            if result is Passed.GONE and (gone_pause := next(missing, None)) is not None:
                self._ends.meter.failed("store")
                await self._stop.within(gone_pause)
                continue
            if isinstance(result, Passed):
                self._passed(name, result)
                settle()
                return
            missing = iter(GONE_AFTER_SECONDS)
            self._ends.meter.refused()
            self._show_lag()
            pause = trial.pause(result, attempt, is_over=is_over)
            self._ends.tell.held(name, result, attempt, pause)
            await self._stop.within(pause)

    def _judged(self, name: str, result: Passed | Outcome, trial: Trial, attempt: int) -> tuple[Passed | Outcome, bool]:
        """Count an attempt; return its result, which may be to give up, and whether ``on_refused`` decides."""
        if isinstance(result, Passed):
            return result, False
        is_over = trial.is_over(result, asyncio.get_running_loop().time())
        if is_over and self._rules.skips:
            self._ends.tell.skipped(name, result, attempt)
            return Passed.SKIPPED, True
        return result, is_over

    async def _attempt(self, name: str) -> Passed | Outcome:
        found = await self._ends.get(name)
        if isinstance(found, Passed):
            return found
        if isinstance(found, Unavailable):
            self._ends.meter.failed("store")
            return found
        outcome = await self._ends.deliver(found)
        return Passed.UNROUTED if outcome is NO_ROUTE else Passed.DELIVERED if isinstance(outcome, Stored) else outcome

    def _passed(self, name: str, result: Passed) -> None:
        if result is Passed.GONE:
            self._ends.tell.gone(name)
        self._ends.meter.passed(result)
        self._since.pop(name, None)
        self._show_lag()

    def _show_lag(self) -> None:
        oldest = min(self._since.values(), default=None)
        self._ends.meter.lag(0.0 if oldest is None else asyncio.get_running_loop().time() - oldest)

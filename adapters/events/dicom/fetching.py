"""Passes on the instances of a DICOM store of which notifications tell, each for itself: a study needs no order.

A DICOM store cannot be asked what is new, so here the notification is all there is. It is acknowledged when the
instance is passed on, and comes again until then.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import count

import structlog

from adapters.events.dicom.instance import Instance, InstanceAddresses, read_instance, uid_of
from adapters.events.getting import GONE_AFTER_SECONDS, Gone, get_body
from adapters.events.pauses import is_told
from adapters.events.trials import Trial
from adapters.rest.http.client import Client
from gateway.contract.meter import Passed, SourceMeter
from gateway.contract.outcome import NO_ROUTE, Outcome, Refused, Stored, Unavailable

AT_ONCE = 2
"""Instances that are in memory at a time."""
ACCEPT = "application/dicom; transfer-syntax=*"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class InstanceRules:
    """How instances are fetched."""

    listener: str
    settle: float = 2.0
    """Seconds from the notification to the fetch: by then it is known whether Hilum has stored the instance itself."""
    skips: bool = False
    most: int = 96 * 1024 * 1024
    """Octets of the largest instance."""


@dataclass(frozen=True, slots=True)
class InstanceEnds:
    """What the fetcher is connected to."""

    client: Client
    addresses: InstanceAddresses
    deliver: Callable[[Instance], Awaitable[Outcome]]
    own: Callable[[Collection[str]], Awaitable[Collection[str]]]
    """Returns the SOP Instance UIDs that Hilum has stored itself."""
    settling: Callable[[str], Callable[[], None]]
    """Returns a function that has those notifications about an instance acknowledged that are held now."""
    meter: SourceMeter


class InstanceFetcher:
    """Fetches what it is told of."""

    def __init__(self, rules: InstanceRules, ends: InstanceEnds) -> None:
        self._rules, self._ends = rules, ends
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._stop = asyncio.Event()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        """Instances that were told of again after the last attempt began: there may be a newer version."""
        self._since: dict[str, float] = {}
        """When each instance that is not passed on was first told of."""

    def is_name(self, name: str) -> bool:
        """Whether a notification with this name is about an instance of the store."""
        return self._ends.addresses.is_name(name)

    def told(self, name: str) -> None:
        """Take a notification about an instance."""
        if name in self._tasks:
            self._again.add(name)
        elif not self._stop.is_set():
            self._since[name] = asyncio.get_running_loop().time()
            task = self._tasks[name] = asyncio.create_task(self._pass_on(name))
            task.add_done_callback(partial(self._done, name))

    def _done(self, name: str, _: asyncio.Task[None]) -> None:
        del self._tasks[name]
        if name in self._again:
            self._again.discard(name)
            self.told(name)

    def stop(self) -> None:
        """End after the instances that are being delivered."""
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
        await self._pause(self._rules.settle)
        missing, trial = iter(GONE_AFTER_SECONDS), Trial()
        for attempt in count(1):
            async with self._slots:
                if self._stop.is_set():
                    return
                settle = self._ends.settling(name)
                self._again.discard(name)
                result = await self._attempt(name)
            is_over = False
            if not isinstance(result, Passed):
                is_over = trial.is_over(result, asyncio.get_running_loop().time())
                if is_over and self._rules.skips:
                    result = self._skipped(name, result, attempt)
            if result is Passed.GONE and (gone_pause := next(missing, None)) is not None:
                self._ends.meter.failed("store")
                await self._pause(gone_pause)
                continue
            if result is not Passed.GONE:
                missing = iter(GONE_AFTER_SECONDS)
            else:
                log.warning("source_message_gone", listener=self._rules.listener, sop_instance_uid=uid_of(name))
            if isinstance(result, Passed):
                self._ends.meter.passed(result)
                self._since.pop(name, None)
                self._show_lag()
                settle()
                return
            self._ends.meter.refused()
            self._show_lag()
            pause = trial.pause(result, attempt, is_over=is_over)
            self._tell_held(name, result, attempt, pause)
            await self._pause(pause)

    def _skipped(self, name: str, outcome: Outcome, attempt: int) -> Passed:
        log.error(
            "source_message_skipped",
            listener=self._rules.listener,
            sop_instance_uid=uid_of(name),
            reason=getattr(outcome, "reason", ""),
            attempt=attempt,
        )
        return Passed.SKIPPED

    async def _attempt(self, name: str) -> Passed | Outcome:
        if await self._ends.own([uid_of(name)]):
            return Passed.OWN
        body = await get_body(self._ends.client, self._ends.addresses.instance(name), ACCEPT, self._rules.most)
        if isinstance(body, Gone):
            return Passed.GONE
        instance = body if isinstance(body, Unavailable) else read_instance(body, name)
        if isinstance(instance, Unavailable):
            self._ends.meter.failed("store")
            return instance
        outcome = await self._ends.deliver(instance)
        return Passed.UNROUTED if outcome is NO_ROUTE else Passed.DELIVERED if isinstance(outcome, Stored) else outcome

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stop.wait()

    def _tell_held(self, name: str, result: Outcome, attempt: int, pause: float) -> None:
        if is_told(attempt) and not isinstance(result, Stored):
            log.warning(
                "source_message_held",
                listener=self._rules.listener,
                sop_instance_uid=uid_of(name),
                outcome="refused" if isinstance(result, Refused) else "unavailable",
                reason=result.reason,
                attempt=attempt,
                again_in=round(pause, 3),
            )

    def _show_lag(self) -> None:
        oldest = min(self._since.values(), default=None)
        self._ends.meter.lag(0.0 if oldest is None else asyncio.get_running_loop().time() - oldest)

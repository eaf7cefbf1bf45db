"""Commit mode: takes the messages of one destination out of the spool, as many as may be delivered at a time."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from itertools import chain

import structlog

from gateway.contract.destination import BatchDestination, Destination
from gateway.flow.attempts import Attempts
from gateway.flow.availability import Availability
from gateway.flow.batching import Batch, groups
from gateway.flow.breaker import Breaker
from gateway.flow.settlement import RetryPolicy
from gateway.spool.interface import Entry, Spool, SpoolError
from gateway.telemetry.destination_metrics import DestinationMetrics

log = structlog.get_logger()

LOOK_AGAIN_SECONDS = 2.0
"""Longest wait before the spool is asked again: an operator in another process may have queued messages."""
AGAIN_SECONDS = 1.0
"""How long to wait after a claim, or a wait for work, has failed."""


class Dispatcher:
    """Sends up to *concurrency* requests at once; the spool gives out one message per ordering key at a time."""

    def __init__(
        self,
        spool: Spool,
        destination: Destination | BatchDestination,
        concurrency: int,
        retry_policy: RetryPolicy,
        meter: DestinationMetrics,
        *,
        batch: Batch | None = None,
        breaker: Breaker | None = None,
    ) -> None:
        self._spool = spool
        self._destination = destination
        self._concurrency = concurrency
        self._batch = batch
        self._breaker = breaker or Breaker()
        self._attempts = Attempts(spool, destination, retry_policy, meter, self._breaker)
        self._failures: Counter[str] = Counter()
        """By event name, failures in a row of a claim or of a wait for work."""
        self._running: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        self._work: asyncio.Task[None] | None = None
        """Waits for work. It goes on from one wait to the next: to begin and cancel it costs as much as a claim."""

    @property
    def name(self) -> str:
        """The destination's name."""
        return self._destination.name

    def share(self, availability: Availability) -> None:
        """Log when the destination becomes unavailable or recovers by *availability*, as relay mode does."""
        self._attempts.availability = availability

    async def run(self) -> None:
        """Deliver until cancelled, then wait for the running deliveries. After an error, running deliveries go on."""
        try:
            while True:
                self._changed.clear()
                if not await self._start_some():
                    await self._wait()
        except asyncio.CancelledError:
            ends = set(self._running)
            if self._work is not None:
                self._work.cancel()
                ends.add(self._work)
            if ends:
                await asyncio.wait(ends)
            raise

    def cut_off(self) -> None:
        """Cancel the running deliveries: their messages are delivered again after the next start."""
        for task in self._running:
            task.cancel()

    async def _start_some(self) -> bool:
        """Start as many deliveries as may run; return whether the spool may have more messages right now."""
        room = self._breaker.room(time.monotonic(), len(self._running), self._concurrency)
        if room == 0:
            return False
        each = self._batch.most if self._batch and not self._breaker.is_open else 1
        entries = await self._claim(room * each)
        if self._batch and 0 < len(entries) < self._batch.most and each > 1:
            entries = [*entries, *await self._more_than(entries, room * each, self._batch.wait)]
        requests = list(groups(entries, self._batch))
        for group in requests[:room]:
            task = asyncio.create_task(self._attempts.deliver(group))
            self._running.add(task)
            task.add_done_callback(self._ended)
        for entry in chain.from_iterable(requests[room:]):  # small groups: there are more than may run
            self._spool.release(entry)
        return bool(entries)

    async def _more_than(self, entries: Sequence[Entry], limit: int, wait: float) -> Sequence[Entry]:
        """Wait for more messages to fill a batch; if that fails, the batch is sent as it is."""
        try:
            await self._spool.wait_for_work(self._destination.name, wait)
            return await self._spool.claim(self._destination.name, limit - len(entries))
        except Exception as error:  # noqa: BLE001  the next claim reports it again, with no message claimed
            log.warning("batch_not_filled", destination=self._destination.name, error=type(error).__name__)
            return ()
        except BaseException:  # cancelled: nothing else releases what was claimed for this batch
            for entry in entries:
                self._spool.release(entry)
            raise

    async def _claim(self, limit: int) -> Sequence[Entry]:
        try:
            entries = await self._spool.claim(self._destination.name, limit, probe=self._breaker.is_open)
        except SpoolError as error:
            await self._pause_after("claim_failed", str(error))
            return ()
        self._failures.pop("claim_failed", None)
        return entries

    async def _pause_after(self, event: str, reason: str) -> None:
        """Wait after a failure, so that the loop does not repeat it without a pause.

        The first failure in a row is logged, then the second, the fourth, the eighth and so on.
        """
        self._failures[event] += 1
        times = self._failures[event]
        if times.bit_count() == 1:
            log.error(event, destination=self._destination.name, reason=reason, times=times)
        await asyncio.sleep(AGAIN_SECONDS)

    async def _wait(self) -> None:
        """Return when a delivery has ended, work may have come, or the next probe is due."""
        now = time.monotonic()
        pause = self._breaker.wait(now) or LOOK_AGAIN_SECONDS
        if self._work is None and self._breaker.room(now, len(self._running), self._concurrency):
            self._work = asyncio.create_task(self._spool.wait_for_work(self._destination.name, LOOK_AGAIN_SECONDS))
            self._work.add_done_callback(lambda _: self._changed.set())
        if self._work is None or not self._work.done():
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._changed.wait()
        if self._work is not None and self._work.done():
            work, self._work = self._work, None
            await self._heed(None if work.cancelled() else work.exception())

    async def _heed(self, error: BaseException | None) -> None:
        """Go on after a wait for work; after one that failed not at once, or the loop would repeat that."""
        if error is None:
            self._failures.pop("wait_failed", None)
        else:
            await self._pause_after(
                "wait_failed", str(error) if isinstance(error, SpoolError) else type(error).__name__
            )

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._changed.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("settle_failed", destination=self._destination.name, error=type(error).__name__)

"""Commit mode: takes the messages of one destination out of the spool, delivers them, and settles each."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import cast

import structlog

from gateway.contract.destination import BatchDestination, Destination
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Stored, is_by_step
from gateway.flow.availability import Availability
from gateway.flow.breaker import Breaker
from gateway.flow.settlement import RetryPolicy, is_over, settle
from gateway.flow.trials import Failure, Trials, Tries
from gateway.spool.interface import DAMAGED, Entry, Parked, RetryLater, Settlement, Spool, SpoolError, State
from gateway.telemetry.destination_metrics import DestinationMetrics

log = structlog.get_logger()

LOOK_AGAIN_SECONDS = 2.0
"""Longest wait before the spool is asked again: an operator in another process may have queued messages."""
UNREADABLE_SECONDS = 10.0
"""How long a message is put off when its payload cannot be read from the disk."""
AGAIN_SECONDS = 1.0
"""How long to wait after a claim, or a wait for work, has failed."""
INTERNAL_ERROR = "internal error while delivering"


@dataclass(frozen=True, slots=True)
class Batch:
    """How several messages are combined into one request to a BatchDestination."""

    most: int
    """Most messages in one request."""
    octets: int
    """Most octets of payload in one request; a larger message is sent alone."""
    wait: float
    """Seconds to wait for more messages when a request is not full."""


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
        self._retry_policy = retry_policy
        self._meter = meter
        self._batch = batch
        self._breaker = breaker or Breaker()
        self.availability = Availability(destination.name, meter)
        """Logs when the destination becomes unavailable or recovers; replaced by the one shared with relay mode."""
        self._trials = Trials(retry_policy.max_unreadable)
        self._failures: Counter[str] = Counter()
        """By event name, failures in a row of a claim or of a wait for work."""
        self._running: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()

    @property
    def name(self) -> str:
        """The destination's name."""
        return self._destination.name

    async def run(self) -> None:
        """Deliver until cancelled, then wait for the running deliveries. After an error, running deliveries go on."""
        try:
            while True:
                self._changed.clear()
                if not await self._start_some():
                    await self._wait()
        except asyncio.CancelledError:
            if self._running:
                await asyncio.wait(self._running)
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
        groups = list(self._groups(entries))
        for group in groups[:room]:
            task = asyncio.create_task(self._deliver(group))
            self._running.add(task)
            task.add_done_callback(self._ended)
        for entry in chain.from_iterable(groups[room:]):  # small groups: there are more than may run
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

    def _groups(self, entries: Iterable[Entry]) -> Iterator[list[Entry]]:
        if self._batch is None:
            yield from ([entry] for entry in entries)
            return
        group: list[Entry] = []
        octets = 0
        for entry in entries:
            if entry.attempts:
                yield [entry]  # alone, so that a message that makes its request fail does not make others fail again
                continue
            full = len(group) == self._batch.most or octets + entry.size > self._batch.octets
            if group and (full or _is_among(entry, group)):
                yield group
                group, octets = [], 0
            group.append(entry)
            octets += entry.size
        if group:
            yield group

    async def _wait(self) -> None:
        """Return when a delivery has ended, work may have come, or the next probe is due."""
        now = time.monotonic()
        waits: set[asyncio.Task[object]] = {asyncio.create_task(self._changed.wait())}
        pause = self._breaker.wait(now) or LOOK_AGAIN_SECONDS
        if self._breaker.room(now, len(self._running), self._concurrency):
            work = self._spool.wait_for_work(self._destination.name, LOOK_AGAIN_SECONDS)
            waits.add(asyncio.create_task(work))
        try:
            await asyncio.wait(waits, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            ends = await asyncio.gather(*waits, return_exceptions=True)
        error = next((end for end in ends if isinstance(end, Exception)), None)
        if error is None:
            self._failures.pop("wait_failed", None)
        else:  # without a pause, the loop would repeat it at once
            await self._pause_after(
                "wait_failed", str(error) if isinstance(error, SpoolError) else type(error).__name__
            )

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._changed.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("settle_failed", destination=self._destination.name, error=type(error).__name__)

    async def _deliver(self, group: list[Entry]) -> None:
        """Deliver a group of messages and settle each of them.

        A message whose settlement fails stays claimed, so that it is not delivered again and again; it is delivered
        once more after the next start.
        """
        unsettled = list(group)
        try:
            flaws = [(entry, await self._flaw(entry)) for entry in group]
            settled: list[tuple[Entry, Settlement]] = [(entry, flaw) for entry, flaw in flaws if flaw is not None]
            whole = [entry for entry, flaw in flaws if flaw is None]
            if whole:
                settled += zip(whole, await self._attempt(whole), strict=True)
            # At the same time, so that all share one fsync
            settling = (self._spool.settle(entry, settlement) for entry, settlement in settled)
            results = await asyncio.gather(*settling, return_exceptions=True)
            for (entry, settlement), result in zip(settled, results, strict=True):
                if isinstance(result, asyncio.CancelledError):
                    continue
                unsettled.remove(entry)
                if isinstance(result, BaseException):
                    log.error("settle_failed", entry_id=entry.entry_id, error=type(result).__name__)
                    self._meter.damaged()
                    continue
                self._report(entry, settlement)
        finally:
            for entry in unsettled:
                self._spool.release(entry)

    async def _flaw(self, entry: Entry) -> Settlement | None:
        """Return the settlement of a message whose payload is damaged or cannot be read; None if it is intact."""
        try:
            return None if await self._spool.intact(entry) else self._retry_policy.park(DAMAGED)
        except SpoolError as error:
            return RetryLater(str(error), UNREADABLE_SECONDS)
        except Exception as error:  # noqa: BLE001  whatever it is, the other messages must not wait for it
            log.error("delivery_failed", destination=self._destination.name, error=type(error).__name__)
            return self._retry_policy.park(INTERNAL_ERROR)

    async def _attempt(self, entries: list[Entry]) -> list[Settlement]:
        started = time.monotonic()
        try:
            outcomes = await self._outcomes([entry.message for entry in entries])
        except Exception as error:  # noqa: BLE001  whatever it is, the other messages must not wait for it
            log.error("delivery_failed", destination=self._destination.name, error=type(error).__name__)
            if len(entries) > 1:  # so that one message does not get the others parked
                return [settlement for each in entries for settlement in await self._attempt([each])]
            return [self._retry_policy.park(INTERNAL_ERROR)]
        now = time.monotonic()
        took, answered = now - started, list(zip(entries, outcomes, strict=True))
        await self._judge_destination(answered, now)
        self._trials.stored([entry.entry_id for entry, outcome in answered if isinstance(outcome, Stored)])
        for outcome in outcomes:
            self._meter.attempted(outcome)
            if is_over(outcome):
                self._meter.delivered(outcome, took)
        return [self._settlement(entry, outcome, took) for entry, outcome in answered]

    async def _judge_destination(self, answered: Sequence[tuple[Entry, Outcome]], now: float) -> None:
        """Tell the breaker and the availability what the destination has done.

        What a step decided says nothing of the destination. But the breaker counts the failures of a step, so that a
        broken one is not tried with every message that waits.
        """
        asked = [(entry, outcome) for entry, outcome in answered if not is_by_step(outcome)]
        over = [entry.entry_id for entry, outcome in asked if is_over(outcome)]
        failed = [entry.entry_id for entry, outcome in answered if not is_over(outcome)]
        edge = False
        if over:
            self._breaker.succeeded(over)
            edge = self.availability.took()
        elif failed:
            self._breaker.failed(failed, now)
            edge = bool(asked) and self.availability.failed(is_open=self._breaker.is_open)
        if edge:
            await self._tell_edge([outcome for _, outcome in asked], len(over), self._breaker.wait(now))

    async def _tell_edge(self, outcomes: Sequence[Outcome], decided: int, pause: float) -> None:
        """Log that the destination has become unavailable or available again, and how many messages wait for it."""
        figures = {} if (waiting := await self._waiting()) is None else {"waiting": waiting}
        if decided:
            self.availability.tell_recovered(sum(isinstance(each, Stored) for each in outcomes), **figures)
            return
        reason = next((each.reason for each in outcomes if not isinstance(each, Stored)), "")
        self.availability.tell_unavailable(reason, next_try_seconds=round(pause, 3), **figures)

    async def _waiting(self) -> int | None:
        """Return how many messages wait for the destination, those just tried included; None if the spool fails."""
        try:
            totals = await self._spool.totals()
        except SpoolError:
            return None
        return sum(each.count for each in totals if each.destination == self.name and each.state is State.WAITING)

    async def _outcomes(self, messages: list[Message]) -> list[Outcome]:
        if len(messages) == 1:
            return [await self._destination.deliver(messages[0])]
        return await cast("BatchDestination", self._destination).deliver_many(messages)

    def _settlement(self, entry: Entry, outcome: Outcome, took: float) -> Settlement:
        jitter = random.random()  # noqa: S311  it spreads load and protects no secret
        tries = self._tries(entry, outcome)
        settlement = settle(outcome, entry.attempts + 1, entry.age + took, self._retry_policy, jitter, tries)
        if isinstance(settlement, Parked):
            self._trials.forget([entry.entry_id])
        return settlement

    def _tries(self, entry: Entry, outcome: Outcome) -> Tries:
        if isinstance(outcome, Stored):
            return Tries()
        failure = Failure(outcome.reason, outcome.outlook, entry.attempts, entry.reason)
        return self._trials.failed(entry.entry_id, failure)

    def _report(self, entry: Entry, settlement: Settlement) -> None:
        if isinstance(settlement, Parked) and settlement.reason == DAMAGED:
            self._meter.damaged()
        fields = {
            "destination": self._destination.name,
            "entry_id": entry.entry_id,
            "message_id": entry.message.message_id,
            "attempt": entry.attempts + 1,
            **entry.message.identifiers,
        }
        match settlement:
            case RetryLater(reason):
                log.warning("delivery_put_off", reason=reason, **fields)
            case Parked(reason):
                log.error("message_parked", reason=reason, **fields)
            case _:
                log.info("message_delivered", outcome="stored", **fields)


def _is_among(entry: Entry, group: list[Entry]) -> bool:
    """Whether *group* has a message with the same identifiers; it can come from another worker's spool."""
    identifiers = entry.message.identifiers
    return bool(identifiers) and any(identifiers == each.message.identifiers for each in group)

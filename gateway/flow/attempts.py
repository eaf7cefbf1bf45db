"""Commit mode: one request with messages of the spool, from the claimed entries to their settlement."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import starmap
from typing import cast

import structlog

from gateway.contract.destination import BatchDestination, Destination
from gateway.contract.journal import Attempted
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Stored, Unavailable, is_by_step
from gateway.flow.availability import Availability
from gateway.flow.breaker import Breaker
from gateway.flow.settlement import RetryPolicy, is_over, settle
from gateway.flow.trials import Doubts, Failure, Trials, Tries
from gateway.spool.interface import DAMAGED, Delivered, Entry, Parked, RetryLater, Settlement, Spool, SpoolError, State
from gateway.telemetry.destination_metrics import DestinationMetrics

log = structlog.get_logger()

UNREADABLE_SECONDS = 10.0
"""How long a message is put off when its payload cannot be read from the disk."""
INTERNAL_ERROR = "internal error while delivering"


class Attempts:
    """Delivers groups of entries to one destination, settles each entry, and tells what that shows of the destination.

    The *breaker* is told of each failure and success.
    """

    def __init__(
        self,
        spool: Spool,
        destination: Destination | BatchDestination,
        retry_policy: RetryPolicy,
        meter: DestinationMetrics,
        breaker: Breaker,
    ) -> None:
        self._spool = spool
        self._destination = destination
        self._retry_policy = retry_policy
        self._meter = meter
        self._breaker = breaker
        self.availability = Availability(destination.name, meter)
        """Logs when the destination becomes unavailable or recovers; replaced by the one shared with relay mode."""
        self._trials = Trials(retry_policy.max_unreadable)
        self._doubts = Doubts()

    async def deliver(self, group: list[Entry]) -> None:
        """Deliver a group of messages and settle each of them.

        A message whose settlement fails stays claimed, so that it is not delivered again and again; it is delivered
        once more after the next start.
        """
        unsettled, began = list(group), time.monotonic()
        try:
            flaws = [(entry, await self._flaw(entry)) for entry in group]
            settled: list[tuple[Entry, Settlement]] = [(entry, flaw) for entry, flaw in flaws if flaw is not None]
            whole = [entry for entry, flaw in flaws if flaw is None]
            if whole:
                settled += zip(whole, await self._attempt(whole), strict=True)
            took = time.monotonic() - began
            results = await self._settle_all(settled)
            for (entry, settlement), result in zip(settled, results, strict=True):
                if isinstance(result, asyncio.CancelledError):
                    continue
                unsettled.remove(entry)
                if isinstance(result, BaseException):
                    log.error("settle_failed", entry_id=entry.entry_id, error=type(result).__name__)
                    self._meter.damaged()
                    continue
                self._report(entry, settlement)
                self._record(entry, settlement, took)
        finally:
            for entry in unsettled:
                self._spool.release(entry)

    async def _settle_all(self, settled: Sequence[tuple[Entry, Settlement]]) -> Sequence[bool | BaseException]:
        """Settle all at the same time, so that they share one fsync."""
        if len(settled) > 1:
            return await asyncio.gather(*starmap(self._spool.settle, settled), return_exceptions=True)
        try:
            return [await self._spool.settle(*each) for each in settled]
        except Exception as error:  # noqa: BLE001 - as gather returns it
            return [error]

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
            outcomes = await self._outcomes([self._message(entry) for entry in entries])
        except Exception as error:  # noqa: BLE001  whatever it is, the other messages must not wait for it
            for entry in entries:
                self._doubts.note(entry.entry_id, maybe_stored=True)
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
        for entry, outcome in sorted(asked, key=lambda each: isinstance(each[1], Stored)):  # failures do not come last
            self.availability.record.answered(entry.message, outcome)
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
        return sum(
            each.count for each in totals if each.destination == self._destination.name and each.state is State.WAITING
        )

    def _message(self, entry: Entry) -> Message:
        """Return the message, told whether an earlier attempt may have stored it: claims live in memory only."""
        is_doubtful = entry.is_inherited or entry.entry_id in self._doubts
        return replace(entry.message, maybe_stored=True) if is_doubtful else entry.message

    async def _outcomes(self, messages: list[Message]) -> list[Outcome]:
        if len(messages) == 1:
            return [await self._destination.deliver(messages[0])]
        return await cast("BatchDestination", self._destination).deliver_many(messages)

    def _settlement(self, entry: Entry, outcome: Outcome, took: float) -> Settlement:
        jitter = random.random()  # noqa: S311  it spreads load and protects no secret
        tries = self._tries(entry, outcome, entry.age + took)
        settlement = settle(outcome, entry.attempts + 1, entry.age + took, self._retry_policy, jitter, tries)
        if isinstance(settlement, Parked):
            self._trials.forget([entry.entry_id])
        return settlement

    def _tries(self, entry: Entry, outcome: Outcome, age: float) -> Tries:
        if isinstance(outcome, Stored):
            self._doubts.settle(entry.entry_id)
            return Tries()
        maybe_stored = isinstance(outcome, Unavailable) and outcome.maybe_stored
        self._doubts.note(entry.entry_id, maybe_stored=maybe_stored)
        failure = Failure(outcome.reason, outcome.outlook, entry.attempts, entry.reason, maybe_stored, age)
        return self._trials.failed(entry.entry_id, failure)

    def _record(self, entry: Entry, settlement: Settlement, took: float) -> None:
        """Tell the journal what became of an entry; of a group each has taken as long as the group."""
        message = entry.message
        word = "retried" if isinstance(settlement, RetryLater) else "parked"
        is_stored = isinstance(settlement, Delivered)
        self._meter.recorded(
            Attempted(
                time.time(),
                message.message_id,
                message.facts,
                message.connection,
                message.identifiers,
                entry.size,
                "stored" if is_stored else word,
                "" if isinstance(settlement, Delivered) else settlement.reason,
                self._destination.name,
                entry.attempts + 1,
                took,
            )
        )

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
            case RetryLater(reason, pause):
                self.availability.record.next_in(self._breaker.wait(time.monotonic()) or pause)
                log.warning("delivery_put_off", reason=reason, **fields)
            case Parked(reason):
                self.availability.record.parked(entry.message.message_id)
                log.error("message_parked", reason=reason, **fields)
            case _:
                log.info("message_delivered", outcome="stored", **fields)

"""Relay mode: delivers a message to its destination before a deadline, and returns the outcome."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from dataclasses import replace
from itertools import count
from typing import Any

import structlog

from gateway.contract.body import Body, Buffer, WholeBody
from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.destination import Destination
from gateway.contract.journal import Passages
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable, is_by_step
from gateway.contract.outlook import Outlook
from gateway.contract.timeouts import Timeout, Timeouts
from gateway.flow.availability import Availability
from gateway.flow.retry import Backoff, pause_before_retry
from gateway.telemetry.destination_metrics import DestinationMetrics

log = structlog.get_logger()

TOO_LATE = Unavailable("the destination did not answer in time", maybe_stored=True)


class Delivery:
    """Delivers each message to one destination within *within* seconds, with retries where a retry is safe."""

    def __init__(
        self,
        destination: Destination,
        within: float,
        backoff: Backoff,
        meter: DestinationMetrics,
        availability: Availability | None = None,
        passages: Passages | None = None,
    ) -> None:
        self._destination = destination
        self._passages = passages
        self._passed_at_once = (destination.name, 1, "")
        self._availability = availability or Availability(destination.name, meter)
        self._within = within
        self._too_late = replace(TOO_LATE, diagnosis=Diagnosis(Cause.NO_ANSWER, {"seconds": f"{within:g}"}))
        self._timeouts = Timeouts(within)
        self._backoff = backoff
        self._meter = meter

    def __call__(self, message: Message) -> Coroutine[Any, Any, Outcome]:
        """Return the outcome of *message*. Raises only after a bug; cancelling it aborts the request."""
        body = message.body
        is_whole = isinstance(body, WholeBody) or body.replayable
        return self._deliver_whole(message) if is_whole else self._deliver_arriving(message)

    async def _deliver_whole(self, message: Message) -> Outcome:
        timeout = self._timeouts.start()
        try:
            with timeout:
                outcome = await self._destination.deliver(message)
                if isinstance(outcome, Unavailable):
                    outcome = await self._try_again(message, outcome, timeout)
        except TimeoutError:
            if not timeout.expired:
                raise
            outcome = self._too_late
        self._report(message, outcome, timeout.seconds())
        return outcome

    async def _try_again(self, message: Message, outcome: Unavailable, limit: Timeout) -> Outcome:
        """Return the outcome of the last attempt; that of the first one is *outcome*."""
        for attempt in count(1):
            remaining = limit.end - limit.began - limit.seconds()
            pause = pause_before_retry(outcome, attempt, self._backoff, remaining)
            if pause is None:
                break
            await asyncio.sleep(pause)
            if self._passages is not None:
                self._passages[message.message_id] = (self._destination.name, attempt + 1, "")
            result = await self._destination.deliver(message)
            if not isinstance(result, Unavailable):
                return result
            outcome = result
        return outcome

    async def _deliver_arriving(self, message: Message) -> Outcome:
        loop = asyncio.get_running_loop()
        started = loop.time()
        outcome = await self._try_once(message)
        self._report(message, outcome, loop.time() - started)
        return outcome

    async def _try_once(self, message: Message) -> Outcome:
        try:
            async with asyncio.timeout(None) as deadline:
                body = ArrivingBody(message.body, deadline, self._within)
                try:
                    return await self._destination.deliver(replace(message, body=body))
                finally:
                    body.detach()
        except TimeoutError:
            if not deadline.expired():
                raise
            return self._too_late

    def _report(self, message: Message, outcome: Outcome, seconds: float) -> None:
        self._meter.delivered(outcome, seconds)
        if self._passages is not None:
            self._passages.setdefault(message.message_id, self._passed_at_once)
        record = self._availability.record
        if isinstance(outcome, Stored) and self._availability.is_sound and record.is_plain:
            record.stored()
            return
        if not is_by_step(outcome):
            record.answered(message, outcome)
            self._tell_edge(outcome)
        if isinstance(outcome, Stored):
            return
        log.warning(
            "delivery_refused" if isinstance(outcome, Refused) else "delivery_failed",
            destination=self._destination.name,
            message_id=message.message_id,
            reason=outcome.reason,
            **message.identifiers,
        )

    def _tell_edge(self, outcome: Outcome) -> None:
        """Log when the destination becomes unavailable, or available again."""
        if isinstance(outcome, Unavailable) and outcome.outlook is not Outlook.FINAL:
            if self._availability.failed():
                self._availability.tell_unavailable(outcome.reason)
        elif self._availability.took():
            self._availability.tell_recovered(int(isinstance(outcome, Stored)))


class ArrivingBody:
    """A body that is still arriving; waiting for the peer's octets does not count towards the *deadline*.

    A body may have tens of thousands of chunks, so each only stores the new due time; a timer checks it now and then.
    """

    def __init__(self, body: Body, deadline: asyncio.Timeout, within: float) -> None:
        self._body = body
        self._deadline = deadline
        self._within = within
        self._loop = asyncio.get_running_loop()
        self._due: float | None = self._loop.time() + within
        self._timer = self._loop.call_later(within, self._look)

    @property
    def length(self) -> int | None:
        """Octets in total, or None while the end is not known."""
        return self._body.length

    @property
    def replayable(self) -> bool:
        """Always False: the octets arrive once and are not kept."""
        return False

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the payload in order."""
        self._due = None
        async for chunk in self._body.chunks():
            self._due = self._loop.time() + self._within
            yield chunk
            self._due = None
        self._due = self._loop.time() + self._within

    def detach(self) -> None:
        """Stop moving the deadline: an HTTP client may still read the body after the delivery has ended."""
        self._timer.cancel()

    def _look(self) -> None:
        now = self._loop.time()
        if self._due is None or self._due > now:
            self._timer = self._loop.call_at(self._due or now + self._within, self._look)
        else:
            self._deadline.reschedule(now)

"""A message, its destination, a deadline: one outcome."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import count

import structlog

from gateway.message import Body, Buffer, Destination, Message, Outcome, Refused, Stored, Unavailable
from gateway.metrics import DestinationMetrics
from gateway.retry import Backoff, pause_before_retry

log = structlog.get_logger()

TOO_LATE = Unavailable("the destination did not answer in time", maybe_stored=True)


class Delivery:
    """Delivers messages to one destination within *within* seconds each, trying again where that is safe."""

    def __init__(self, destination: Destination, within: float, backoff: Backoff, meter: DestinationMetrics) -> None:
        self._destination = destination
        self._within = within
        self._backoff = backoff
        self._meter = meter

    async def __call__(self, message: Message) -> Outcome:
        """Return what became of *message*. Only a bug raises; cancelling tears the request down."""
        started = asyncio.get_running_loop().time()
        deliver = self._deliver_whole if message.body.replayable else self._deliver_arriving
        try:
            async with asyncio.timeout(self._within) as deadline:
                outcome = await deliver(message, deadline)
        except TimeoutError:
            if not deadline.expired():
                raise
            outcome = TOO_LATE
        self._report(message, outcome, asyncio.get_running_loop().time() - started)
        return outcome

    async def _deliver_whole(self, message: Message, deadline: asyncio.Timeout) -> Outcome:
        loop = asyncio.get_running_loop()
        end = deadline.when() or 0.0
        for attempt in count(1):
            outcome = await self._destination.deliver(message)
            if not isinstance(outcome, Unavailable):
                break
            pause = pause_before_retry(outcome, attempt, self._backoff, end - loop.time())
            if pause is None:
                break
            await asyncio.sleep(pause)
        return outcome

    async def _deliver_arriving(self, message: Message, deadline: asyncio.Timeout) -> Outcome:
        body = ArrivingBody(message.body, deadline, self._within)
        try:
            return await self._destination.deliver(replace(message, body=body))
        finally:
            body.detach()

    def _report(self, message: Message, outcome: Outcome, seconds: float) -> None:
        self._meter.delivered(outcome, seconds)
        if isinstance(outcome, Stored):
            return
        log.warning(
            "delivery_refused" if isinstance(outcome, Refused) else "delivery_failed",
            destination=self._destination.name,
            message_id=message.message_id,
            reason=outcome.reason,
            **message.identifiers,
        )


class ArrivingBody:
    """A body still arriving; the deadline counts only the time that the destination takes, not the peer's."""

    def __init__(self, body: Body, deadline: asyncio.Timeout, within: float) -> None:
        self._body = body
        self._deadline = deadline
        self._within = within
        self._attached = True

    @property
    def length(self) -> int | None:
        """Octets in total, or None while the end is not known."""
        return self._body.length

    @property
    def replayable(self) -> bool:
        """The octets pass once."""
        return False

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the payload in order."""
        self._suspend()
        async for chunk in self._body.chunks():
            self._resume()
            yield chunk
            self._suspend()
        self._resume()

    def detach(self) -> None:
        """Leave the deadline alone from now on: an HTTP client may read on after the delivery has ended."""
        self._attached = False

    def _suspend(self) -> None:
        if self._attached and not self._deadline.expired():
            self._deadline.reschedule(None)

    def _resume(self) -> None:
        if self._attached and not self._deadline.expired():
            self._deadline.reschedule(asyncio.get_running_loop().time() + self._within)

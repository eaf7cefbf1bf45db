"""Instances that are sent at the same time share requests to a store that takes several in one.

A store syncs its disk and its database once for each request, so several instances in one request take hardly longer
than one. Nothing waits for others to come: while all requests that may be in progress are, instances gather, and the
next request takes those that have.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from gateway.contract.destination import BatchDestination
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome

REQUESTS, INSTANCES = 4, 16
"""Requests with several instances at a time: more of them would only be smaller. Instances in each."""
LARGEST = 1024 * 1024
"""Octets of the largest instance that shares a request: what is gained of a larger one is little."""


@dataclass(frozen=True, slots=True)
class Most:
    """Limits."""

    requests: int
    """Requests with several instances that are in progress at a time, and as many with a large one."""
    instances: int
    """Instances in one request."""
    octets: int
    """Octets of the instances in one request."""


def most_of(settings: Any, requests: int) -> Most | None:
    """Return the limits for a destination with up to so many *requests* at a time; None if it takes no batches.

    What its settings say of batches counts; without a word of them, an import sends INSTANCES in a request.
    """
    batch = getattr(settings, "batch", None)
    if batch is None:
        return None
    is_given = "batch" in settings.model_fields_set
    instances = batch.instances if is_given else INSTANCES
    return None if instances == 1 else Most(min(requests, REQUESTS), instances, batch.bytes)


@dataclass(frozen=True, slots=True)
class _Waiting:
    message: Message
    octets: int
    outcome: asyncio.Future[Outcome]


class Gathering:
    """A destination that gathers the instances for another one, inside of ``async with``."""

    def __init__(self, destination: BatchDestination, most: Most) -> None:
        self._destination, self._most = destination, most
        self._alone = asyncio.Semaphore(most.requests)
        self._waiting: deque[_Waiting] = deque()
        self._requests: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for request in self._requests:
            request.cancel()
        await asyncio.gather(*self._requests, return_exceptions=True)

    @property
    def name(self) -> str:
        """The key of the destination in the configuration."""
        return self._destination.name

    async def probe(self) -> str | None:
        """Return why the store cannot be reached now, or None if it can."""
        return await self._destination.probe()

    async def deliver(self, message: Message) -> Outcome:
        """Send *message*, with others if it is a small instance, and return its outcome."""
        octets = message.body.length
        if "sop_instance_uid" not in message.identifiers or octets is None or octets > LARGEST:
            async with self._alone:
                return await self._destination.deliver(message)
        waiting = _Waiting(message, octets, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if len(self._requests) < self._most.requests:
            self._begin()
        return await waiting.outcome

    def _begin(self) -> None:
        request = asyncio.create_task(self._send_all())
        self._requests.add(request)
        request.add_done_callback(self._requests.discard)

    async def _send_all(self) -> None:
        """Send requests until nothing is waiting."""
        while batch := self._next():
            await self._send(batch)

    def _next(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        octets = 0
        while self._waiting and len(batch) < self._most.instances:
            if self._waiting[0].outcome.done():  # who has waited for it has been cancelled
                self._waiting.popleft()
                continue
            octets += self._waiting[0].octets
            if batch and octets > self._most.octets:
                break
            batch.append(self._waiting.popleft())
        return batch

    async def _send(self, batch: Sequence[_Waiting]) -> None:
        try:
            outcomes = await self._destination.deliver_many([each.message for each in batch])
        except BaseException as error:
            for each in batch:
                if not each.outcome.done():
                    each.outcome.set_exception(error if isinstance(error, Exception) else asyncio.CancelledError())
            if not isinstance(error, Exception):
                raise
        else:
            for each, outcome in zip(batch, outcomes, strict=True):
                if not each.outcome.done():
                    each.outcome.set_result(outcome)

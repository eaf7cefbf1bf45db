"""Load with one request outstanding on each of several connections, and the times of its answers."""

import asyncio
import json
import random
import sys
import time
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import cast

PLACEHOLDER = b"@@@@@@@@@@@@"
"""Stands in a body where each request has a number of its own."""

PACE = 0.002
"""Seconds between two connects: some servers have a backlog of five."""


class Numbered:
    """A body that is different each time if it has a PLACEHOLDER."""

    def __init__(self, body: bytes) -> None:
        self._before, self._mark, self._after = body.partition(PLACEHOLDER)
        # From the clock, so that two runs against one gateway never send the same message.
        self._numbers = count(time.time_ns() // 1_000_000 % 10**9 * 1000)

    def next(self) -> bytes:
        """Return the next body; all have the same length."""
        return b"%b%012d%b" % (self._before, next(self._numbers), self._after) if self._mark else self._before


@dataclass(slots=True)
class Record:
    """What was answered, from the start of the load to its end."""

    begin: float = 0.0
    end: float = 0.0
    total: int = 0
    failed: int = 0
    pause: float = 0.0
    """Mean of the random seconds from an answer to the next request: without, connections ask in step after a stall."""
    seconds: list[float] = field(default_factory=list)
    """Of the requests answered between begin and end."""

    def answered(self, sent: float, now: float, *, good: bool) -> None:
        """Count an answer."""
        self.total += 1
        self.failed += not good
        if self.begin <= now < self.end:
            self.seconds.append(now - sent)

    def report(self) -> dict[str, float]:
        """Return the result; at least one answer came in time."""
        ordered = sorted(self.seconds)
        if not ordered:
            sys.exit("no answer came in time")
        return {
            "rate": len(ordered) / (self.end - self.begin),
            "p50": ordered[len(ordered) // 2],
            "p99": ordered[len(ordered) * 99 // 100],
            "total": self.total,
            "failed": self.failed,
        }


class Requester(asyncio.Protocol):
    """One connection: ask, wait for the answer, ask again until the record's end."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._sent = 0.0
        self._answer = b""
        self._transport: asyncio.Transport
        self.done = asyncio.get_running_loop().create_future()

    @abstractmethod
    def request(self) -> bytes:
        """Return what to send next."""

    @abstractmethod
    def verdict(self, answer: bytes) -> bool | None:
        """Tell whether *answer* is positive, or None while it is not complete."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def ask(self) -> None:
        """Send one request."""
        self._sent = time.perf_counter()
        self._transport.write(self.request())

    def data_received(self, data: bytes) -> None:
        """Take a piece of the answer."""
        self._answer += data
        verdict = self.verdict(self._answer)
        if verdict is None:
            return
        now = time.perf_counter()
        self._answer = b""
        self._record.answered(self._sent, now, good=verdict)
        if now >= self._record.end:
            self._transport.close()
        elif self._record.pause:
            asyncio.get_running_loop().call_later(random.expovariate(1 / self._record.pause), self.ask)
        else:
            self.ask()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell that this connection is through; the other side never ends one first."""
        self._record.failed += time.perf_counter() < self._record.end
        self.done.set_result(None)


async def run(
    make: Callable[[Record], Requester],
    port: int,
    connections: int,
    warm_up: float,
    seconds: float,
    pause: float = 0.0,
) -> None:
    """Connect, then load for *warm_up* and *seconds*; print the result as JSON."""
    record = Record(pause=pause)
    loop = asyncio.get_running_loop()
    requesters: list[Requester] = []
    for _ in range(connections):
        requesters.append((await loop.create_connection(lambda: make(record), "127.0.0.1", port))[1])
        await asyncio.sleep(PACE)
    record.begin = time.perf_counter() + warm_up
    record.end = record.begin + seconds
    for each in requesters:
        each.ask()
    async with asyncio.timeout(warm_up + seconds + 30):
        await asyncio.gather(*(each.done for each in requesters))
    json.dump(record.report(), sys.stdout)

"""The queue of a sink, limited in messages and octets, so that a slow sink never delays the gateway's traffic."""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import structlog

from gateway.audit.fitting import fit
from gateway.audit.interface import Sink
from gateway.audit.message import AuditMessage, memory_of
from gateway.telemetry.audit_metrics import AuditMetrics

MOST_AT_ONCE = 256
MOST_OCTETS = 64 * 1024 * 1024
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0

log = structlog.get_logger()


class SinkQueue:
    """One queue per sink. :meth:`put` never waits: if the queue is full, the message is dropped, counted and logged."""

    def __init__(
        self,
        sink: Sink,
        most: int,
        meter: AuditMetrics,
        pause: Callable[[float], float] = float,
        most_octets: int = MOST_OCTETS,
    ) -> None:
        self._sink = sink
        self._most = most
        self._meter = meter
        self._pause = pause
        self._most_octets = most_octets
        self._queue: deque[tuple[AuditMessage, int]] = deque()
        self.octets = 0
        """Octets of memory that the queued messages take."""
        self._accepted = self._done = 0
        """Numbers of messages that were queued, and that have left the queue."""
        self._trouble = "no answer"
        """Why the last attempt to write failed."""
        self._moved = asyncio.Condition()
        """Notified when messages have left the queue."""
        self._arrived = asyncio.Event()
        self._closing = asyncio.Event()
        self._dropped = 0
        self._thread = ThreadPoolExecutor(1, f"audit-{sink.name}")
        self._task = asyncio.create_task(self._run())

    def put(self, message: AuditMessage) -> bool:
        """Queue *message*; split or shorten it if it alone is larger than the queue may be. Return whether it fits."""
        fits = [self._put(each) for each in fit(message, self._most_octets, memory_of)]
        return all(fits)

    async def put_and_wait(self, message: AuditMessage, grace: float) -> str | None:
        """Queue *message*; return None once the sink has written it, or after *grace* seconds why it has not.

        What is not written in time stays queued.
        """
        if not self.put(message):
            return f"{self._sink.name}: the queue is full"
        last = self._accepted
        try:
            async with asyncio.timeout(grace), self._moved:
                await self._moved.wait_for(lambda: self._done >= last)
        except TimeoutError:
            return f"{self._sink.name}: {self._trouble}"
        return None

    def _put(self, message: AuditMessage) -> bool:
        size = memory_of(message)
        if len(self._queue) >= self._most or self.octets + size > self._most_octets:
            self._meter.dropped()
            if not self._dropped:
                log.error("audit_events_dropped", sink=self._sink.name, reason="the queue is full")
            self._dropped += 1
            return False
        self._queue.append((message, size))
        self._accepted += 1
        self.octets += size
        self._arrived.set()
        return True

    async def close(self, grace: float) -> None:
        """Write what is queued, for *grace* seconds at most; drop the rest."""
        self._closing.set()
        self._arrived.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await asyncio.shield(self._task)
        self._task.cancel()
        await asyncio.wait({self._task})
        for _ in self._queue:
            self._meter.dropped()
        if self._queue:
            log.error("audit_events_dropped", sink=self._sink.name, reason="the process ends", count=len(self._queue))
        self._thread.submit(self._sink.close)  # runs after a write that may still be in progress
        self._thread.shutdown(wait=False)

    async def _run(self) -> None:
        failures = 0
        while self._queue or not self._closing.is_set():
            if not self._queue:
                self._arrived.clear()
                await self._arrived.wait()
                continue
            failures = 0 if await self._write_some(failures) else failures + 1
            if failures:
                await self._wait(min(FIRST_PAUSE * 2 ** min(failures - 1, 16), LONGEST_PAUSE))

    async def _write_some(self, failures: int) -> bool:
        batch = [self._queue[index][0] for index in range(min(MOST_AT_ONCE, len(self._queue)))]
        try:
            taken = await asyncio.get_running_loop().run_in_executor(self._thread, self._sink.write, batch)
        except Exception as error:  # noqa: BLE001  after any error the messages stay queued and are tried again
            self._meter.failed()
            self._trouble = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
            if not failures:
                log.error("audit_sink_failed", sink=self._sink.name, reason=self._trouble)
            with suppress(OSError):  # its buffered data is lost in any case, and the next try opens the sink again
                await asyncio.get_running_loop().run_in_executor(self._thread, self._sink.close)
            return False
        for _ in batch:
            self.octets -= self._queue.popleft()[1]
        async with self._moved:
            self._done += len(batch)
            self._moved.notify_all()
        self._meter.written(len(batch), taken.shortened, taken.too_large)
        if failures or self._dropped:
            log.info("audit_sink_recovered", sink=self._sink.name, dropped=self._dropped)
            self._dropped = 0
        return True

    async def _wait(self, seconds: float) -> None:
        """Wait before the next try. While the gateway stops, wait for FIRST_PAUSE at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._pause(seconds)):
                await self._closing.wait()
                await asyncio.sleep(self._pause(FIRST_PAUSE))

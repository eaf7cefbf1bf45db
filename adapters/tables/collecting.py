"""Collects what waits, so that it is done together: a write of a hundred rows costs hardly more than that of one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from adapters.tables.making import Rows
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Unavailable

STOPPED = Unavailable("the gateway stops while the row is written", maybe_stored=True)


@dataclass(slots=True)
class Waiting:
    """The rows of a message, which wait for their batch."""

    rows: Sequence[Rows]
    message: Message
    outcome: asyncio.Future[Outcome] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def settle(self, outcome: Outcome) -> None:
        """Tell the sender, if it still waits."""
        if not self.outcome.done():
            self.outcome.set_result(outcome)


class Collector:
    """Passes what comes within some seconds to *settle*, which must settle each of them."""

    def __init__(self, seconds: float, most: int, settle: Callable[[Sequence[Waiting]], Awaitable[None]]) -> None:
        self._seconds, self._most, self._settle = seconds, most, settle
        self._queue: asyncio.Queue[Waiting] = asyncio.Queue()
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; once."""
        self._running = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End; whoever waits is told that the row may be written."""
        if self._running is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running
        while not self._queue.empty():
            self._queue.get_nowait().settle(STOPPED)

    async def done(self, rows: Sequence[Rows], message: Message) -> Outcome:
        """Return what became of the rows of a message."""
        waiting = Waiting(rows, message)
        self._queue.put_nowait(waiting)
        return await waiting.outcome

    async def _run(self) -> None:
        while True:
            batch = [await self._queue.get()]
            try:
                if self._seconds:
                    await asyncio.sleep(self._seconds)
                while len(batch) < self._most and not self._queue.empty():
                    batch.append(self._queue.get_nowait())
                await self._settle(batch)
            except Exception as error:  # noqa: BLE001  whatever it is, the next batch must be written
                for each in batch:
                    each.settle(Unavailable(f"the row cannot be written: {type(error).__name__}", maybe_stored=True))
            finally:
                for each in batch:
                    each.settle(STOPPED)

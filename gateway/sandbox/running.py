"""The long-running operations that are in progress: their tasks, how far each is, and how it ends."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Self

import structlog

from gateway.sandbox.database import Database
from gateway.sandbox.fhir.managing import operations
from gateway.sandbox.google_error import ApiError

CANCELLED, ABORTED, INTERNAL, FAILED_PRECONDITION = 1, 10, 13, 9
"""Of google.rpc.Code."""
STOPPED = "the sandbox was stopped while the operation was in progress"
OFTEN = 20
"""The counter is written after so many resources."""

log = structlog.get_logger()


@dataclass(slots=True)
class Progress:
    """How far an operation is."""

    write: Callable[["Progress"], Awaitable[None]]
    pending: int = 0
    success: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    """Why resources failed, and how many."""
    report: Sequence[str] = ()

    @property
    def failure(self) -> int:
        """How many have failed."""
        return self.reasons.total()

    async def done(self, reason: str | None = None) -> None:
        """Count a resource: it succeeded, or failed for a reason."""
        self.pending -= 1
        if reason is None:
            self.success += 1
        else:
            self.reasons[reason] += 1
        if (self.success + self.failure) % OFTEN == 0:
            await self.write(self)


Work = Callable[[Progress], Awaitable[None]]


class Running:
    """Runs operations inside ``async with``; at its end those in progress are stopped."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._cancelled: set[str] = set()

    async def __aenter__(self) -> Self:
        await self._database.run(partial(operations.abort_unfinished, code=ABORTED, message=STOPPED))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def start(self, name: str, response: str, work: Work, close: Callable[[], Awaitable[None]]) -> None:
        """Run *work* of an operation that is recorded, then *close*; *response* is the type of its result."""
        task = asyncio.create_task(self._run(name, response, work, close))
        self._tasks[name] = task
        task.add_done_callback(lambda _: self._tasks.pop(name, None))
        await asyncio.sleep(0)  # until it has begun: a task that is cancelled before could not record its end

    async def cancel(self, name: str) -> None:
        """Stop an operation."""
        task = self._tasks.get(name)
        if task is not None:
            self._cancelled.add(name)
            await self._database.run(partial(operations.mark_cancelled, name=name))
            task.cancel()

    async def _run(self, name: str, response: str, work: Work, close: Callable[[], Awaitable[None]]) -> None:
        progress = Progress(partial(self._write, name))
        try:
            await work(progress)
        except asyncio.CancelledError:
            is_asked_for = name in self._cancelled
            code, why = (CANCELLED, "the operation was cancelled") if is_asked_for else (ABORTED, STOPPED)
            await self._finish(name, progress, {"error": {"code": code, "message": why}})
            raise
        except ApiError as error:
            await self._finish(name, progress, {"error": {"code": FAILED_PRECONDITION, "message": error.reason}})
        except Exception as error:  # noqa: BLE001  its text may quote a patient's data
            log.error("sandbox_request_failed", method="deidentify", error=type(error).__name__)
            await self._finish(name, progress, {"error": {"code": INTERNAL, "message": "the sandbox failed"}})
        else:
            await self._finish(name, progress, {"response": {"@type": response}})
        finally:
            self._cancelled.discard(name)
            await close()

    async def _write(self, name: str, progress: Progress) -> None:
        await self._database.run(partial(operations.write_progress, name=name, counter=_counter(progress)))

    async def _finish(self, name: str, progress: Progress, result: dict[str, object]) -> None:
        told = {"report": list(progress.report), "failures": dict(progress.reasons)}
        work = partial(operations.finish, name=name, counter=_counter(progress), result=result, told=told)
        await asyncio.shield(self._database.run(work))


def _counter(progress: Progress) -> dict[str, str]:
    """Return the ``ProgressCounter``; a number that is 0 has no key, as in protobuf's JSON."""
    numbers = {"pending": progress.pending, "success": progress.success, "failure": progress.failure}
    return {name: str(number) for name, number in numbers.items() if number}

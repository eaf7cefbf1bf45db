"""The long-running operations that are in progress: their tasks, how far each is, and how it ends."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Any, Self

import structlog

from gateway.sandbox.database import Database
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.operations import records

CANCELLED, INVALID_ARGUMENT, ABORTED, INTERNAL, FAILED_PRECONDITION = 1, 3, 10, 13, 9
"""Of google.rpc.Code."""
CODES = {404: 5, 409: 6, 501: 12}
"""Of statuses of HTTP, where the code of an operation is not FAILED_PRECONDITION."""
STOPPED = "the sandbox was stopped while the operation was in progress"
OFTEN = 20
"""The counter is written after so many resources."""

log = structlog.get_logger()


class PartlyDoneError(Exception):
    """An operation ends with an error, although some of it is done. Clients are told the text, and where the log is."""


@dataclass(slots=True)
class Progress:
    """How far an operation is."""

    write: Callable[["Progress"], Awaitable[None]]
    pending: int = 0
    success: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    """Why resources failed, and how many."""
    report: Sequence[str] = ()
    response: Mapping[str, object] = field(default_factory=dict)
    """What the response has besides its type."""
    failed: list[records.Failed] = field(default_factory=list)
    """What failed since the last time that this was written."""
    _written: int = 0

    @property
    def failure(self) -> int:
        """How many have failed."""
        return self.reasons.total()

    async def done(self, reason: str | None = None, place: str = "") -> None:
        """Count a resource: it succeeded, or failed for a reason; the log tells the place, if one is given."""
        await self.add(success=reason is None, failed=[] if reason is None else [(place, reason)])

    async def add(self, success: int = 0, failed: Sequence[records.Failed] = (), taken: int | None = None) -> None:
        """Count several; *taken* is how many units are no longer pending, if that is another number."""
        self.pending = max(0, self.pending - (success + len(failed) if taken is None else taken))
        self.success += success
        self.reasons.update(reason for _, reason in failed)
        self.failed += [(place, reason) for place, reason in failed if place]
        if self.success + self.failure >= self._written + OFTEN:
            self._written = self.success + self.failure
            await self.write(self)


Work = Callable[[Progress], Awaitable[None]]


async def nothing() -> None:
    """Close nothing: of an operation that holds nothing open."""


class Running:
    """Runs operations inside ``async with``; at its end those in progress are stopped."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._cancelled: set[str] = set()

    async def __aenter__(self) -> Self:
        await self._database.run(partial(records.abort_unfinished, code=ABORTED, message=STOPPED))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def start(
        self, operation: Mapping[str, Any], response: str, work: Work, close: Callable[[], Awaitable[None]] = nothing
    ) -> None:
        """Run *work* of an operation that is recorded, then *close*; *response* is the type of its result."""
        name = operation["name"]
        task = asyncio.create_task(self._run(operation, response, work, close))
        self._tasks[name] = task
        task.add_done_callback(lambda _: self._tasks.pop(name, None))
        await asyncio.sleep(0)  # until it has begun: a task that is cancelled before could not record its end

    async def cancel(self, name: str) -> None:
        """Stop an operation."""
        task = self._tasks.get(name)
        if task is not None:
            self._cancelled.add(name)
            await self._database.run(partial(records.mark_cancelled, name=name))
            task.cancel()

    async def stop(self, name: str) -> None:
        """Stop an operation, and return when it has ended."""
        task = self._tasks.get(name)
        await self.cancel(name)
        if task is not None:
            await asyncio.wait([task])

    async def stop_below(self, above: str) -> None:
        """Stop every operation whose name begins with *above*."""
        for name in [each for each in self._tasks if each.startswith(above)]:
            await self.stop(name)

    async def _run(
        self, operation: Mapping[str, Any], response: str, work: Work, close: Callable[[], Awaitable[None]]
    ) -> None:
        name = operation["name"]
        progress = Progress(partial(self._write, name))
        try:
            await work(progress)
        except asyncio.CancelledError:
            is_asked_for = name in self._cancelled
            code, why = (CANCELLED, "the operation was cancelled") if is_asked_for else (ABORTED, STOPPED)
            await self._finish(name, progress, {"error": {"code": code, "message": why}})
            raise
        except PartlyDoneError as error:
            message = f"{error}; {operation['metadata']['logsUrl']} names each and why"
            await self._finish(name, progress, {"error": {"code": INVALID_ARGUMENT, "message": message}})
        except ApiError as error:
            code = CODES.get(error.status, FAILED_PRECONDITION)
            await self._finish(name, progress, {"error": {"code": code, "message": error.reason}})
        except Exception as error:  # noqa: BLE001  its text may quote a patient's data
            method = str(operation["metadata"]["apiMethodName"]).rpartition(".")[2]
            log.error("sandbox_request_failed", method=method, error=type(error).__name__)
            await self._finish(name, progress, {"error": {"code": INTERNAL, "message": "the sandbox failed"}})
        else:
            await self._finish(name, progress, {"response": {"@type": response, **progress.response}})
        finally:
            self._cancelled.discard(name)
            await close()

    async def _write(self, name: str, progress: Progress) -> None:
        await self._database.run(
            partial(records.write_progress, name=name, counter=_counter(progress), failed=progress.failed)
        )
        progress.failed = []

    async def _finish(self, name: str, progress: Progress, result: dict[str, object]) -> None:
        await asyncio.shield(self._write(name, progress))
        told = {"report": list(progress.report), "failures": dict(progress.reasons)}
        work = partial(records.finish, name=name, counter=_counter(progress), result=result, told=told)
        await asyncio.shield(self._database.run(work))


def _counter(progress: Progress) -> dict[str, str]:
    return records.counted(pending=progress.pending, success=progress.success, failure=progress.failure)

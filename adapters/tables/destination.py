"""The destination kind ``table``: a row for each message, durable before the answer.

Rows that come together are written together: a message waits until the batch that it is in is on the disk.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from adapters.tables.collecting import Collector, Waiting
from adapters.tables.contract import Tables
from adapters.tables.making import NotARowError, rows_of
from adapters.tables.settings import TableSettings
from adapters.tables.writing import TableUnavailableError, Writers
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable

MOST_IN_BATCH = 4096


def _now() -> datetime:
    return datetime.now(UTC)


class TableDestination:
    """A table, or of FHIR a table for each type."""

    def __init__(self, name: str, settings: TableSettings, folder: Path, clock: Callable[[], datetime] = _now) -> None:
        self._name, self._settings, self._folder, self._clock = name, settings, folder, clock
        self._collector = Collector(settings.collect_seconds, MOST_IN_BATCH, self._settle)
        self._writers = Writers(Tables(folder))
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tables")

    @property
    def name(self) -> str:
        """The key of the destination in the configuration."""
        return self._name

    @property
    def address(self) -> str:
        """The folder of the table."""
        return str(self._folder / self._settings.table)

    async def __aenter__(self) -> Self:
        self._collector.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._collector.stop()
        await asyncio.get_running_loop().run_in_executor(self._thread, self._writers.__exit__, None, None, None)
        self._thread.shutdown()

    async def deliver(self, message: Message) -> Outcome:
        """Add the row of *message*; the outcome comes when it is on the disk."""
        try:
            rows = await rows_of(message, self._settings, self._clock().isoformat())
        except NotARowError as error:
            return Refused(str(error))
        if not rows:
            return Stored()  # a transaction that only names things says nothing of them
        return await self._collector.done(rows, message)

    async def probe(self) -> str | None:
        """Return why the folder cannot be written, or None."""
        try:
            await asyncio.to_thread(self._folder.mkdir, mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            return f"the folder of the tables cannot be used: {error.strerror}"
        return None

    async def _settle(self, batch: Sequence[Waiting]) -> None:
        parts = [rows for each in batch for rows in each.rows]
        loop = asyncio.get_running_loop()
        try:
            results = iter(await loop.run_in_executor(self._thread, self._writers.write, parts))
        except Exception as error:  # noqa: BLE001  whatever it is, senders must hear that their rows are not there
            results = iter([TableUnavailableError(f"the table cannot be written: {type(error).__name__}")] * len(parts))
        for each in batch:
            wrong = [found for _ in each.rows if (found := next(results)) is not None]
            each.settle(_outcome(wrong))


def _outcome(wrong: Sequence[Exception]) -> Outcome:
    if not wrong:
        return Stored()
    away = next((each for each in wrong if isinstance(each, TableUnavailableError)), None)
    return Refused(str(wrong[0])) if away is None else Unavailable(str(away))

"""The destination kind ``bigquery``: a row for each message, by ``tabledata.insertAll`` or load jobs."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from adapters.rest.connecting.dialer import SYSTEM, Trust
from adapters.rest.destination import RestDestination
from adapters.rest.http.reply import Reply
from adapters.tables.bigquery.jobs import Load
from adapters.tables.bigquery.requests import (
    HEADERS,
    MOST_ROW,
    columns_in,
    failure,
    inserted,
    new_table,
    rows_body,
    schema,
)
from adapters.tables.bigquery.settings import BigQuerySettings
from adapters.tables.collecting import Collector, Waiting
from adapters.tables.columns import Column, SchemaConflictError, merged
from adapters.tables.encoder import ENCODER
from adapters.tables.making import NotARowError, Rows, rows_of
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable

MOST_IN_BATCH = 200
MOST_IN_JOB = 10_000
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
"""Seconds between two looks at the state of a load job."""


def _now() -> datetime:
    return datetime.now(UTC)


class BigQuery(RestDestination):
    """A dataset of BigQuery, and the tables in it that rows go to."""

    def __init__(
        self, name: str, settings: BigQuerySettings, trust: Trust = SYSTEM, clock: Callable[[], datetime] = _now
    ) -> None:
        super().__init__(name, settings, trust)
        self._settings, self._clock = settings, clock
        most = MOST_IN_JOB if settings.write == "load" else MOST_IN_BATCH
        self._collector = Collector(settings.collect_seconds, most, self._settle)
        self._columns: dict[str, tuple[Column, ...]] = {}
        """By table, as far as they are known."""

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self._collector.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._collector.stop()
        await super().__aexit__(kind, error, trace)

    async def deliver(self, message: Message) -> Outcome:
        """Insert the row of *message*."""
        try:
            rows = await rows_of(message, self._settings, self._clock().isoformat())
        except NotARowError as error:
            return Refused(str(error))
        return await self._collector.done(rows, message) if rows else Stored()

    async def _settle(self, batch: Sequence[Waiting]) -> None:
        found: dict[int, list[Outcome]] = {number: [] for number in range(len(batch))}
        by_table: dict[str, list[tuple[int, int, Rows]]] = {}
        for number, waiting in enumerate(batch):
            for part, rows in enumerate(waiting.rows):
                by_table.setdefault(rows.table, []).append((number, part, rows))
        for table, parts in by_table.items():
            named = [(number, f"{batch[number].message.message_id}-{part}", rows) for number, part, rows in parts]
            for (number, _, _), outcome in zip(named, await self._insert(table, named), strict=True):
                found[number].append(outcome)
        for number, waiting in enumerate(batch):
            waiting.settle(_worst(found[number]))

    async def _insert(self, table: str, parts: Sequence[tuple[int, str, Rows]]) -> list[Outcome]:
        """Return the outcome of each part; a row that is wrong does not keep the others out."""
        wrong = await self._prepare(table, [rows for _, _, rows in parts])
        if wrong is not None:
            if len(parts) == 1 or isinstance(wrong, Unavailable):
                return [wrong] * len(parts)
            return [each for part in parts for each in await self._insert(table, [part])]
        named = [(name, rows.rows[0]) for _, name, rows in parts]
        return await self._ask(table, named)

    async def _ask(self, table: str, named: Sequence[tuple[str, Any]]) -> list[Outcome]:
        if self._settings.write == "load":
            return await self._load(table, named)
        body = rows_body(named, self._columns[table])
        if len(body) > MOST_ROW:
            if len(named) == 1:
                return [Refused("the row has more than 9 MiB, which BigQuery does not take")]
            half = len(named) // 2
            return [*await self._ask(table, named[:half]), *await self._ask(table, named[half:])]
        url = f"{self._url}/tables/{table}/insertAll"
        # A row that BigQuery gets twice within about a minute is one row, by its insertId.
        reply = await self._client.request("POST", url, HEADERS, body, repeatable=True)
        if isinstance(reply, Unavailable):
            return [reply] * len(named)
        found = inserted(reply, len(named))
        left = [each for each, outcome in zip(named, found, strict=True) if outcome is None]
        if len(left) == len(named):
            return [Unavailable("BigQuery: the rows are not inserted: stopped")] * len(named)
        again = iter(await self._ask(table, left) if left else [])
        return [next(again) if outcome is None else outcome for outcome in found]

    async def _load(self, table: str, named: Sequence[tuple[str, Any]]) -> list[Outcome]:
        """Load rows by a job; if one of them is refused, each half by a job of its own."""
        outcome = await self._loaded(table, [row for _, row in named])
        if not isinstance(outcome, Refused) or len(named) == 1:
            return [outcome] * len(named)
        half = len(named) // 2
        return [*await self._load(table, named[:half]), *await self._load(table, named[half:])]

    async def _loaded(self, table: str, rows: Sequence[Any]) -> Outcome:
        job, pause = Load(self._url, table), FIRST_PAUSE
        body = job.body(rows, self._columns[table])
        reply = await self._client.request("POST", job.start_url, job.headers, body, repeatable=True)
        due = self._loop_time() + self._settings.load_seconds
        while True:
            if isinstance(reply, Unavailable):
                return reply
            outcome = job.outcome(reply)
            if outcome is not None:
                return outcome
            if self._loop_time() > due:
                return Unavailable("BigQuery: the load job takes too long", maybe_stored=True)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            reply = await self._client.request("GET", job.state_url, {})

    @staticmethod
    def _loop_time() -> float:
        return asyncio.get_running_loop().time()

    async def _prepare(self, table: str, rows: Sequence[Rows]) -> Outcome | None:
        """Make the table, or add columns to it; return why that is not possible, or None."""
        known = self._columns.get(table)
        try:
            wanted = merged(known or (), (column for each in rows for column in (*each.shape.columns, *each.columns)))
            if known is not None and wanted == known:
                return None
            there = await self._described(table)
            if isinstance(there, Unavailable | Refused | Stored):
                return there
            wanted = merged(there or (), wanted)
        except SchemaConflictError as error:
            return Refused(str(error))
        if there is None:
            failed = await self._change("POST", f"{self._url}/tables", new_table(self._url, table, wanted))
        elif wanted != there:
            failed = await self._change("PATCH", f"{self._url}/tables/{table}", ENCODER.encode(schema(wanted)))
        else:
            failed = None
        if failed is None:
            self._columns[table] = wanted
        return failed

    async def _described(self, table: str) -> tuple[Column, ...] | Outcome | None:
        """Return the columns that the table has now; None if there is no table."""
        reply = await self._client.request("GET", f"{self._url}/tables/{table}", {})
        if isinstance(reply, Unavailable):
            return reply
        if reply.status == 404:
            return None
        if reply.status != 200:
            return failure(reply, "the table cannot be read")
        try:
            return columns_in(reply)
        except (ValueError, RecursionError):
            return Refused("BigQuery: the table has columns of a type that no row here has; name another table")

    async def _change(self, method: str, url: str, body: bytes) -> Outcome | None:
        reply: Reply | Unavailable = await self._client.request(method, url, HEADERS, body, repeatable=True)
        if isinstance(reply, Unavailable):
            return reply
        if 200 <= reply.status < 300:
            return None
        if reply.status == 409:  # another process was faster
            return Unavailable("BigQuery: the table has changed meanwhile", retry_after=1)
        return failure(reply, "the table cannot be changed")


def _worst(outcomes: Sequence[Outcome]) -> Outcome:
    for kind in (Unavailable, Refused):
        for each in outcomes:
            if isinstance(each, kind):
                return each
    return Stored()

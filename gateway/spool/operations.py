"""What an operator may do with one spool."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence, Set
from dataclasses import replace
from functools import partial
from typing import TypeVar

from gateway.contract.body import Body
from gateway.contract.message import Message
from gateway.spool.claiming.entries import body_of
from gateway.spool.commits import reason as reason_of
from gateway.spool.database.ledger import Key, Ledger, Settled
from gateway.spool.database.pseudonyms import read_entry_id, write_entry_id
from gateway.spool.database.reading.operator_queries import BEGINNING
from gateway.spool.database.reading.queries import Queries
from gateway.spool.database.reading.rows import Payload, Row
from gateway.spool.database.store import Store
from gateway.spool.interface import Moved, Record, Selection, SpoolError, State, Total
from gateway.spool.log.files import kept_of
from gateway.spool.payloads.seal import Seal

T = TypeVar("T")
STEP = 500
"""Deliveries changed in one transaction: messages that are being committed need not wait long."""
UNDECIDED = (State.PARKED, State.WAITING)


class Operations:
    """What operators read from one spool, and what they change there, a step at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def totals(self) -> list[Total]:
        """Return the sums by destination and state; one that is in two places has two."""
        return await self._store.totals()

    async def with_identifiers(self, selection: Selection, most: int) -> list[str] | None:
        """Return the entries of the messages with these identifiers; None if there are more than *most*."""
        keys = await self._browse(lambda queries: queries.with_identifiers(selection, most))
        return None if keys is None else [write_entry_id(self._store.name, key) for key in keys]

    async def totals_by_reason(self, selection: Selection) -> list[Total]:
        """Return the sums by destination, state and reason of what is selected and waits or is parked."""
        states, keys = _undecided_of(selection), self._keys_of(selection)
        return await self._browse(lambda queries: queries.count(selection, states, keys))

    async def find(self, selection: Selection, after: Key, limit: int, *, newest: bool = False) -> list[Record]:
        """Return up to *limit* records that match, after the delivery *after*, or with *newest* before it."""
        return [self._record(row) for row in await self._find(selection, after, limit, newest=newest)]

    async def place(self, received_at: float, *, newest: bool) -> Key:
        """Return the key after which a list starts of what was received since that time; until then with *newest*."""
        return await self._browse(lambda queries: queries.place(received_at, newest=newest))

    async def get(self, key: Key) -> Record | None:
        """Return one record."""
        row = await self._browse(lambda queries: queries.get(key))
        return None if row is None else self._record(row)

    async def open_body(self, key: Key) -> Body | None:
        """Return a payload, or None once it is gone."""
        payload = await self._browse(partial(_payload, key=key, seal=self._store.seal))
        return None if payload is None else body_of(self._store, payload)

    async def open_bodies(self, keys: Sequence[Key]) -> list[Body | None]:
        """Return several payloads in one call to the reading thread, since the call costs more than the reads."""
        seal = self._store.seal
        payloads = await self._browse(lambda queries: [_payload(queries, key, seal) for key in keys])
        return [None if payload is None else body_of(self._store, payload) for payload in payloads]

    async def open_message(self, key: Key) -> Message | None:
        """Return a delivery's message, or None once its payload is gone."""
        row, body = await self._browse(lambda queries: queries.get(key)), await self.open_body(key)
        if row is None or body is None:
            return None
        header = row.header
        return Message(header.message_id, body, header.facts, header.identifiers, header.charset, via=tuple(header.via))

    async def retry(self, selection: Selection) -> int:
        """Make parked entries wait again, end the pause of waiting ones; return how many."""
        count = 0
        async for rows in self._undecided(selection):
            count += await self._retry([row.key for row in rows])
        self._store.signals.wake_all()
        return count

    async def discard(self, selection: Selection, reason: str, by: str | None = None) -> int:
        """Give up parked and waiting entries for good; return how many. *reason* and who did it are recorded."""
        count = 0
        async for rows in self._undecided(selection):
            settled = await self._discard([row.key for row in rows], reason, by)
            for each in settled:
                await self._store.remove_file(each.file)
            count += sum(each.done for each in settled)
        self._store.signals.wake_all()
        return count

    async def move(self, selection: Selection, to: str, protocols: Set[str]) -> Moved:
        """Give parked and waiting entries to another destination, which takes messages of these *protocols*."""
        sums = Moved()
        async for rows in self._undecided(selection):
            # A header that cannot be read names no protocol: its message is parked as damaged at any destination.
            fit = [row.key for row in rows if row.header.facts.get("protocol", "") in {"", *protocols}]
            sums += Moved(unfit=len(rows) - len(fit))
            for moved, file in await self._move(fit, to):
                await self._store.remove_file(file)
                sums += moved
        self._store.signals.wake_all()
        return sums

    async def purge(self) -> int:
        """Remove the records whose retention has passed; return of how many messages."""
        before = self._store.clock.now() - self._store.settings.retention_days * 86400
        count = 0
        while done := await self._write(lambda ledger: ledger.purge(before, STEP)):
            count += done
        return count

    async def is_empty(self) -> bool:
        """Tell whether there is no message, not even a record of one, and no damaged part of the log that is kept."""
        await self._store.flush()
        if await asyncio.to_thread(kept_of, self._store.folder):
            return False
        return await self._store.read(Queries.is_empty)

    async def _retry(self, keys: list[Key]) -> int:
        return await self._write(lambda ledger: sum(map(ledger.retry, keys)))

    async def _discard(self, keys: list[Key], reason: str, by: str | None) -> list[Settled]:
        now, wall = self._store.clock.now(), self._store.wall()
        return await self._write(lambda ledger: [ledger.discard(key, reason, now, wall, by) for key in keys])

    async def _move(self, keys: list[Key], to: str) -> list[tuple[Moved, str | None]]:
        now = self._store.clock.now()
        return await self._write(lambda ledger: [ledger.move(key, to, now) for key in keys])

    async def _undecided(self, selection: Selection) -> AsyncIterator[list[Row]]:
        """Yield the selected deliveries that wait or are parked, in steps; not those that come in meanwhile."""
        newest = await self._browse(Queries.newest)
        for state in _undecided_of(selection):
            meant = replace(selection, state=state)
            after = BEGINNING
            while rows := [row for row in await self._find(meant, after, STEP) if row.key[0] <= newest]:
                yield rows
                after = rows[-1].key

    async def _find(self, selection: Selection, after: Key, limit: int, *, newest: bool = False) -> list[Row]:
        keys = self._keys_of(selection)
        return await self._browse(lambda queries: queries.find(selection, keys, after, limit, newest=newest))

    def _keys_of(self, selection: Selection) -> list[Key] | None:
        """Return the deliveries in this spool that the selection names by ID; None if it names no IDs."""
        if selection.entry_ids is None:
            return None
        named = map(read_entry_id, selection.entry_ids)
        return [each[1] for each in named if each is not None and each[0] == self._store.name]

    async def _browse(self, work: Callable[[Queries], T]) -> T:
        """Return what *work* finds when all that was committed is in the database, if that can be."""
        await self._store.flush_if_possible()
        return await self._store.browse(work)

    async def _write(self, work: Callable[[Ledger], T]) -> T:
        try:
            return await self._store.write(work)
        except sqlite3.Error as error:
            raise SpoolError(reason_of(error)) from None

    def _record(self, row: Row) -> Record:
        return Record(
            write_entry_id(self._store.name, row.key),
            row.header.message_id,
            row.destination,
            row.listener,
            row.state,
            row.reason,
            row.attempts,
            row.size,
            row.received_at,
            row.settled_at,
            row.header.identifiers,
            None if row.due is None else self._store.wall() + row.due - self._store.clock.now(),
            row.earlier_reason,
            row.discarded_by,
        )


def _undecided_of(selection: Selection) -> Sequence[State]:
    """Return those of the states parked and waiting that are selected."""
    return [state for state in UNDECIDED if selection.state in (None, state)]


def _payload(queries: Queries, key: Key, seal: Seal) -> Payload | None:
    """Return where a payload is; if it is not what was committed under the key, one that fails every check."""
    with queries.at_one_moment():
        payload = queries.payload(key)
        if payload is None or queries.is_authentic(key, seal):
            return payload
        return replace(payload, digest=b"")

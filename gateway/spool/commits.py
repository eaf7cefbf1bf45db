"""Commits messages: payload first, then the row that makes it count."""

import asyncio
import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from gateway.message import Message, Unavailable
from gateway.spool.intake import CANNOT_WRITE, DISK_IS_FULL, Intake, Taken
from gateway.spool.interface import Committed, Plan, SpoolError
from gateway.spool.ledger import Added, NewMessage
from gateway.spool.room import NoRoom
from gateway.spool.store import Store

REASONS = {
    sqlite3.SQLITE_FULL: DISK_IS_FULL,
    sqlite3.SQLITE_BUSY: "another program keeps the spool locked",
    sqlite3.SQLITE_LOCKED: "another program keeps the spool locked",
}


class Commits:
    """The way into one spool; closed before its store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._intake = Intake(
            store.bodies, store.seal, store.room, store.settings.inline_bytes, store.threads, store.recount
        )
        self._tasks: set[asyncio.Task[Added]] = set()

    async def commit(self, message: Message, plan: Plan, others: "Sequence[Commits]" = ()) -> Committed | Unavailable:
        """Commit to this spool, unless this or one of the *others* holds the message already."""
        store = self._store
        try:
            with store.room.reservation() as reservation:
                taken = await self._intake.take(message.body, reservation)
                if earlier := await self._find_elsewhere(plan, taken, others):
                    return earlier
                added = await self._record(message, plan, taken)
        except NoRoom as error:
            return Unavailable(error.reason)
        except sqlite3.Error as error:
            return Unavailable(reason(error))
        except SpoolError as error:
            return Unavailable(str(error))
        if not added.duplicate:
            store.signals.wake(plan.destinations)
        return Committed(f"{store.name}-{added.seq}", added.duplicate)

    async def holds_key(self, plan: Plan) -> bool:
        """Tell whether messages of the plan's key are queued here."""
        lane = self._store.pseudonyms.lane(plan.key)
        return lane is not None and await self._store.read(lambda queries: queries.has_lane(lane, plan.destinations))

    async def find_duplicate(self, plan: Plan, digest: bytes) -> Committed | None:
        """Return the message in this spool that one of this plan and payload would repeat."""
        twin, since = self._twin(plan, digest)
        seq = None if twin is None else await self._store.read(lambda queries: queries.twin(twin, since))
        return None if seq is None else Committed(f"{self._store.name}-{seq}", duplicate=True)

    async def close(self) -> None:
        """Finish what was under way when its caller was cancelled."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _find_elsewhere(self, plan: Plan, taken: Taken, others: "Sequence[Commits]") -> Committed | None:
        """Look in other spools for the payload that was taken in here; give that up if it is there."""
        try:
            for other in others:
                if earlier := await other.find_duplicate(plan, taken.digest):
                    await self._intake.abandon(taken.file)
                    return earlier
        except BaseException:
            await self._intake.abandon(taken.file)
            raise
        return None

    async def _record(self, message: Message, plan: Plan, taken: Taken) -> Added:
        store = self._store
        twin, since = self._twin(plan, taken.digest)
        new = NewMessage(
            replace(message, facts=dict(message.facts)),  # they may be read only now: not in the writer's thread
            plan.destinations,
            store.pseudonyms.lane(plan.key),
            twin,
            since,
            store.wall(),
            taken.size,
            taken.digest,
            store.seal.encrypted,
            taken.data,
            None if taken.file is None else taken.file.name,
        )
        now = store.clock.now()
        adding = store.writer.submit(lambda ledger: ledger.add(new, now))
        if taken.file is None:
            return await adding
        task = asyncio.create_task(self._finish(adding, taken))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)

    async def _finish(self, adding: asyncio.Future[Added], taken: Taken) -> Added:
        """Remove the file if no row names it; whether one does must be known, so this is not cancelled."""
        added: Added | None = None
        try:
            added = await adding
        finally:
            if added is None or added.duplicate:
                await self._intake.abandon(taken.file)
        return added

    def _twin(self, plan: Plan, digest: bytes) -> tuple[bytes | None, float]:
        if plan.duplicate_window <= 0:
            return None, 0.0
        twin = self._store.pseudonyms.twin(plan.identity, digest)
        return twin, self._store.clock.now() - plan.duplicate_window


def reason(error: sqlite3.Error) -> str:
    """Return a fixed sentence for what SQLite could not do."""
    return REASONS.get(error.sqlite_errorcode & 0xFF, CANNOT_WRITE)

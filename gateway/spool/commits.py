"""Commits messages: payload first, then the row that makes it count."""

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace

from gateway.contract.message import Message
from gateway.contract.outcome import Unavailable
from gateway.spool.beside import Beside
from gateway.spool.damage import DAMAGED
from gateway.spool.database.ledger import Added, NewMessage
from gateway.spool.database.recognition import Last, Wanted, latest_of
from gateway.spool.database.store import Store
from gateway.spool.interface import Committed, Plan, Space, SpoolError
from gateway.spool.log.works import AddBeside, Append
from gateway.spool.neighbours import Neighbours
from gateway.spool.payloads.intake import CANNOT_WRITE, DISK_IS_FULL, Intake, Taken
from gateway.spool.room import NoRoom

REASONS = {
    sqlite3.SQLITE_FULL: DISK_IS_FULL,
    sqlite3.SQLITE_BUSY: "another program keeps the spool locked",
    sqlite3.SQLITE_LOCKED: "another program keeps the spool locked",
}


class Commits:
    """Commits messages to one spool; must be closed before its store."""

    def __init__(self, store: Store, neighbours: Neighbours) -> None:
        self._store = store
        self._intake = Intake(
            store.bodies, store.seal, store.room, store.settings.inline_bytes, store.threads, store.recount
        )
        self._beside = Beside(store, neighbours)
        self._tasks: set[asyncio.Task[Added]] = set()

    @property
    def spool(self) -> str:
        """The name of the spool."""
        return self._store.name

    async def commit(
        self, message: Message, plan: Plan, others: "Sequence[Commits]" = (), *, alone: bool = True
    ) -> Committed | Unavailable:
        """Commit to this spool, for those destinations that have the message from neither this one nor the *others*.

        If other spools exist, in this process or beside it, it is not *alone*: it is written to the database, because
        that is where the others look.
        """
        store = self._store
        try:
            with store.room.reservation() as reservation:
                taken = await self._intake.take(message.body, reservation)
                if store.damage.found:  # the spool is about to be set aside: nobody would deliver what it takes now
                    await self._intake.abandon(taken.file)
                    return Unavailable(DAMAGED)
                name, wanted = self._name(plan, taken.digest)
                ours = {self.spool, *(other.spool for other in others)}
                beside = self._beside.exist(ours)
                elsewhere = await self._find_elsewhere(plan, taken, others, ours if beside else None) if wanted else {}
                logged = alone and not beside
                added = await self._record(message, plan, taken, name, wanted, elsewhere, logged=logged)
        except NoRoom as error:
            return Unavailable(error.reason)
        except sqlite3.Error as error:
            return Unavailable(reason(error))
        except SpoolError as error:
            return Unavailable(str(error))
        if not (added.duplicate or logged):  # what is logged is told when it may be claimed
            store.signals.wake(plan.destinations)
        states = {name: last.state for name, last in added.earlier.items() if last.state}
        return Committed(added.spool_id, added.duplicate, states)

    async def space(self) -> Space:
        """Return how much more may be committed; the octets held are read anew before it says that nothing may."""
        space = self._store.room.space()
        if space.limit is not None:
            await self._store.recount()
            space = self._store.room.space()
        return space

    async def holds_key(self, plan: Plan) -> bool:
        """Tell whether messages of the plan's key are queued here."""
        ordering_key = self._store.pseudonyms.ordering_key(plan.key)
        await self._store.flush()
        return ordering_key is not None and await self._store.read(
            lambda queries: queries.has_ordering_key(ordering_key, plan.destinations)
        )

    async def holds_name(self, plan: Plan) -> bool:
        """Tell whether messages of the plan's identity wait here."""
        name = None if plan.by_content else self._store.pseudonyms.name(plan.identity)
        await self._store.flush()
        return name is not None and await self._store.read(lambda queries: queries.has_name(name, plan.destinations))

    async def find_last(self, plan: Plan, digest: bytes) -> Mapping[str, Last]:
        """Return by destination the last message in this spool of the plan's identity, with its present age."""
        _, wanted = self._name(plan, digest)
        if wanted is None:
            return {}
        spool = self._store.name
        await self._store.flush()
        return await self._store.read(lambda queries: queries.last(spool, wanted, plan.destinations))

    async def close(self) -> None:
        """Finish what was under way when its caller was cancelled."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _find_elsewhere(
        self, plan: Plan, taken: Taken, others: "Sequence[Commits]", ours: Set[str] | None
    ) -> Mapping[str, Last]:
        """Look in other spools for the message of the plan; if that fails, remove the payload that was received.

        *ours* are the names of this process's spools if there may be others beside it.
        """
        looks = [other.find_last(plan, taken.digest) for other in others]
        if ours is not None:
            looks.append(self._beside.find_last(ours, plan, taken.digest))
        try:
            return latest_of(plan.destinations, await asyncio.gather(*looks)) if looks else {}
        except BaseException:
            await self._intake.abandon(taken.file)
            raise

    async def _record(
        self,
        message: Message,
        plan: Plan,
        taken: Taken,
        name: bytes | None,
        wanted: Wanted | None,
        elsewhere: Mapping[str, Last],
        *,
        logged: bool,
    ) -> Added:
        store = self._store
        new = NewMessage(
            replace(message, facts=dict(message.facts)),  # read lazily: here, not in the writer's thread
            plan.destinations,
            store.pseudonyms.ordering_key(plan.key),
            name,
            store.wall(),
            taken.size,
            taken.digest,
            store.seal.encrypted,
            taken.data,
            None if taken.file is None else taken.file.name,
            store.name,
            wanted,
            elsewhere,
        )
        now = store.clock.now()
        work = Append(new, now)
        adding = store.writer.submit(work if logged else AddBeside(work))
        if message.placed is not None:
            message.placed()
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

    def _name(self, plan: Plan, digest: bytes) -> tuple[bytes | None, Wanted | None]:
        """Return the pseudonym of a plan's identity, and how to find duplicates, None if they are not looked for."""
        name = self._store.pseudonyms.of(plan, digest)
        if name is None or plan.duplicate_window <= 0:
            return name, None
        return name, Wanted(name, digest, self._store.clock.now(), plan.duplicate_window)


def reason(error: sqlite3.Error) -> str:
    """Return a fixed sentence for what SQLite could not do."""
    return REASONS.get(error.sqlite_errorcode & 0xFF, CANNOT_WRITE)

"""Hands entries out, one at a time of an ordering key or identity, and records what became of them."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain

import structlog

from gateway.spool.claiming.entries import body_of_head, entry_of, key_of
from gateway.spool.claiming.heads import Found, QueueHeads, Turn
from gateway.spool.damage import DAMAGED, ERRORS, name_of, passes
from gateway.spool.database.pseudonyms import Pseudonyms, write_entry_id
from gateway.spool.database.reading.queries import Queries
from gateway.spool.database.reading.rows import Busy, QueueHead, Queues
from gateway.spool.database.store import Store
from gateway.spool.database.writer import WorkFailed
from gateway.spool.interface import Entry, Settlement, SpoolDamaged, SpoolError
from gateway.spool.log.works import Settle
from gateway.spool.neighbours import Neighbours
from gateway.spool.payloads.body import SpooledBody

log = structlog.get_logger()

POLL_SECONDS = 2.0
"""How soon a change by another process is noticed, while nothing waits for an entry in another spool."""
REWRITE_SECONDS = 1.0
"""The pause before a settlement that could not be written is tried again."""
MOST_REWRITE_SECONDS = 30.0
"""The longest such pause: each try that fails is a line in the log."""
MOST_KEPT = 16
"""While no more entries than this are under way, payloads of one chunk stay in memory between compare and send."""
SET_SECONDS = 0.5
"""If the difference between the machine's clock and the steady one has changed by more than this, the clock was set."""


@dataclass(frozen=True, slots=True)
class Claim:
    """An entry that is being delivered."""

    destination: str
    queues: Queues
    body: SpooledBody


class Claims:
    """Hands out and settles the entries of one spool. Claims are kept in memory only."""

    def __init__(self, store: Store, neighbours: Neighbours) -> None:
        self._store = store
        self._claims: dict[str, Claim] = {}
        self._opened_at = store.clock.now()
        self._heads = QueueHeads(store, neighbours)
        self._turn = asyncio.Lock()
        self._version = 0
        self._ahead: float | None = None
        """How far the machine's clock was ahead of the steady one when both were last known to be stored."""

    async def claim(
        self, destination: str, limit: int, *, probe: bool = False, others: "Sequence[Claims]" = ()
    ) -> list[Entry]:
        """Return what may be delivered now, one entry of an ordering key or identity; as a *probe*, in another order.

        An entry waits while one of the *others* has an entry of its key or identity that is under way or was committed
        earlier. It also waits while an earlier one waits in the spool of another process.
        """
        # One at a time: a claim that was read before an entry was settled must not be handed out after it.
        async with self._turn:
            signal = self._store.signals.of(destination)
            signal.clear()
            try:
                await self._keep_time()
                found = await self._look(destination, limit, others, probe=probe)
            except BaseException:
                signal.set()
                raise
            entries = [self._hand_out(destination, head, body) for head, body in found]
            if not others:
                entries += self._take(destination, limit - len(entries))
        if len(entries) == limit:
            signal.set()
        return entries

    async def _look(self, destination: str, limit: int, others: "Sequence[Claims]", *, probe: bool) -> Found:
        """Return what may be handed out of the database; of all there is, where that must be compared or spread."""
        store, now = self._store, asyncio.get_running_loop().time()
        if others or probe:
            await store.flush_if_possible()
        elif not store.ready.must_look(destination, now):
            return []
        found = await self._heads.read(destination, limit, self._busy(destination), others, probe=probe)
        store.ready.looked(destination, now)
        return found

    def _take(self, destination: str, limit: int) -> list[Entry]:
        """Hand out what is not in the database yet."""
        busy = self._busy(destination) | self._heads.held(destination)
        heads = self._store.ready.take(destination, limit, busy)
        return [self._hand_out(destination, head, body_of_head(self._store, head)) for head in heads]

    async def intact(self, entry: Entry) -> bool:
        """Compare the whole payload with what was committed."""
        claim = self._claims.get(entry.entry_id)
        keep = len(self._claims) <= MOST_KEPT
        return claim is not None and await claim.body.intact(keep=keep)

    async def settle(self, entry: Entry, settlement: Settlement) -> bool:
        """Record what became of a claimed entry; False if an operator decided otherwise in the meantime."""
        store, key = self._store, key_of(entry)
        pause = REWRITE_SECONDS
        while True:
            now, wall = store.clock.now(), store.wall()
            try:
                settled = await store.write(Settle(key, settlement, now, wall))
                break
            except (WorkFailed, *ERRORS) as error:
                if not (isinstance(error, WorkFailed) or passes(error)):
                    raise SpoolDamaged(DAMAGED) from None
                log.error("settlement_delayed", entry_id=entry.entry_id, reason=name_of(error), again_in=pause)
                await asyncio.sleep(pause)
                pause = min(2 * pause, MOST_REWRITE_SECONDS)
        store.ready.settled(key)
        self.release(entry)
        await store.remove_file(settled.file)
        return settled.done

    def any_claimed(self) -> bool:
        """Tell whether an entry has been handed out that is not settled."""
        return bool(self._claims)

    def release(self, entry: Entry) -> None:
        """Give a claim back; nothing else changes."""
        self._claims.pop(entry.entry_id, None)
        self._store.ready.give_back(key_of(entry))
        self._store.signals.wake([entry.destination])

    async def wait_for_work(self, destination: str, timeout: float) -> None:  # noqa: ASYNC109 - as in the interface
        """Return when a claim may find more than the last one did, or after *timeout* seconds."""
        loop = asyncio.get_running_loop()
        signal, end = self._store.signals.of(destination), loop.time() + timeout
        while not signal.is_set() and (left := end - loop.time()) > 0:
            due = await self._until_due(destination) if self._store.ready.must_look(destination, loop.time()) else left
            if due <= 0:
                return
            look = self._heads.waits.seconds_left(destination, loop.time())
            try:
                async with asyncio.timeout(min(left, due, POLL_SECONDS if look is None else look)):
                    await signal.wait()
            except TimeoutError:
                if self._heads.waits.seconds_left(destination, loop.time()) is not None:
                    return
                await self._look_for_changes()

    @property
    def spool(self) -> str:
        """The name of the spool."""
        return self._store.name

    @property
    def pseudonyms(self) -> Pseudonyms:
        """What makes the pseudonyms of this spool's ordering keys and identities."""
        return self._store.pseudonyms

    def queues_under_way(self, destination: str) -> Busy:
        """Return the ordering keys and identities, but not the message numbers, of what is handed out and not settled.

        The numbers of messages mean nothing to other spools.
        """
        return frozenset(ordering_key for ordering_key in self._busy(destination) if isinstance(ordering_key, bytes))

    async def earliest(self, destination: str, queues: Sequence[Queues]) -> list[Turn | None]:
        """Return for each the turn of the first entry here with its ordering key or identity; None without one."""
        await self._store.flush()
        return await self._heads.earliest(destination, queues)

    def _busy(self, destination: str) -> Busy:
        claims = [claim.queues for claim in self._claims.values() if claim.destination == destination]
        return frozenset(chain.from_iterable(claims)) - {None}

    async def _keep_time(self) -> None:
        """Store the readings of both clocks if the machine's clock was set, or if that has not been done yet.

        From them other processes find out when an entry was committed. With old readings they could see another order
        than this process, and each of three spools could wait for the next one for ever.
        """
        ahead = self._store.wall() - self._store.clock.now()
        if self._ahead is None or abs(ahead - self._ahead) > SET_SECONDS:
            with suppress(*ERRORS, SpoolError):  # it is tried again with the next claim
                await self._store.write(lambda _: None)
                self._ahead = ahead

    def _hand_out(self, destination: str, head: QueueHead, body: SpooledBody) -> Entry:
        entry_id = write_entry_id(self._store.name, head.key)
        self._claims[entry_id] = Claim(destination, head.queues, body)
        age = max(0.0, self._store.clock.now() - head.committed_at)
        return entry_of(entry_id, destination, head, body, age, is_inherited=head.committed_at < self._opened_at)

    async def _until_due(self, destination: str) -> float:
        """Return in how many seconds the first pause ends, of the entries whose ordering key and identity are free."""
        busy = self._busy(destination) | self._heads.held(destination)
        due = await self._store.read(lambda queries: queries.next_due(destination, busy))
        return POLL_SECONDS if due is None else due - self._store.clock.now()

    async def _look_for_changes(self) -> None:
        version = await self._store.read(Queries.version)
        if version != self._version:
            self._version = version
            self._store.signals.wake_all()

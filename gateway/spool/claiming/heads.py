"""Finds what may be delivered next: the head of each ordering key and identity, over this spool and all others.

Messages of one key or identity are in several spools if a peer's worker was missing for a while. What was committed
first goes first, whichever spool it is in. While an entry of one spool is being delivered, entries of other spools with
its key or identity wait.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence, Set
from contextlib import suppress
from functools import partial
from itertools import chain
from typing import Protocol

from gateway.spool.claiming.entries import body_of_head, checked
from gateway.spool.claiming.waits import Waits
from gateway.spool.damage import DAMAGED
from gateway.spool.database.ledger import Key
from gateway.spool.database.pseudonyms import Pseudonyms
from gateway.spool.database.reading.queries import Queries
from gateway.spool.database.reading.rows import Busy, QueueHead, Queues
from gateway.spool.database.store import Store
from gateway.spool.interface import SpoolDamaged, SpoolError
from gateway.spool.neighbours import Neighbours
from gateway.spool.payloads.body import SpooledBody

STRIDE = (5**0.5 - 1) / 2
"""The golden section: the fractional parts of its multiples are spread evenly over 0 to 1, wherever a run begins."""
MOST_AT_ONCE = 64
"""Entries read at once while those before them wait for other spools."""
Found = list[tuple[QueueHead, SpooledBody]]
Turn = tuple[float, str]
"""When an entry was committed, comparable among all spools of this process; at equal times the spool's name decides."""


class Other(Protocol):
    """The claims of another spool that this process has."""

    @property
    def spool(self) -> str:
        """The name of the spool."""

    @property
    def pseudonyms(self) -> Pseudonyms:
        """What makes the pseudonyms of the spool's ordering keys and identities."""

    def queues_under_way(self, destination: str) -> Busy:
        """Return the ordering keys and identities of what is handed out and not settled."""

    async def earliest(self, destination: str, queues: Sequence[Queues]) -> list[Turn | None]:
        """Return for each the turn of the first entry there with its ordering key or identity; None without one."""


class QueueHeads:
    """The heads of the ordering keys and identities of one spool. Asked by one claim at a time."""

    def __init__(self, store: Store, neighbours: Neighbours) -> None:
        self._store = store
        self._neighbours = neighbours
        self._probes: Counter[str] = Counter()
        self._held: dict[str, Busy] = {}
        self.waits = Waits()
        """What waits for the spools of other processes."""

    def held(self, destination: str) -> Busy:
        """Return the ordering keys and identities that wait for other spools, as the last read found them."""
        return self._held.get(destination, frozenset())

    async def read(self, destination: str, limit: int, busy: Busy, others: Sequence[Other], *, probe: bool) -> Found:
        """Return what may be handed out beside what is *busy* here; as a *probe*, in another order."""
        ours = {self._store.name, *(other.spool for other in others)}
        others = [other for other in others if other.pseudonyms == self._store.pseudonyms]  # else not comparable
        place = self._place(destination) if probe else None
        begun = asyncio.get_running_loop().time()
        waiting = self.waits.queues(destination, begun)
        held = waiting.union(*(other.queues_under_way(destination) for other in others))
        size = limit
        while True:
            found, beside = await self._read_some(destination, size, busy | held, place, ours)
            behind = beside | await self._behind(destination, [head for head, _ in found], others)
            held |= _lanes_of(found, behind)
            waiting |= _lanes_of(found, beside)
            free = [each for each in found if each[0].key not in behind]
            if len(free) >= limit or len(found) < size:
                break
            size = max(limit, min(2 * size, MOST_AT_ONCE))
        self._held[destination] = held
        self.waits.note(destination, waiting, begun, asyncio.get_running_loop().time(), moves=bool(free))
        return free[:limit]

    async def earliest(self, destination: str, queues: Sequence[Queues]) -> list[Turn | None]:
        """Return for each the turn of the first entry here with its ordering key or identity; None without one."""
        found = await self._store.read(lambda queries: queries.earliest(destination, queues))
        return [None if committed_at is None else self._turn_at(committed_at) for committed_at in found]

    def _place(self, destination: str) -> float:
        """Return the place, from 0 to 1, from which a probe looks through what was never tried."""
        place = self._probes[destination] * STRIDE % 1
        self._probes[destination] += 1
        return place

    async def _read_some(
        self, destination: str, limit: int, busy: Busy, place: float | None, ours: Set[str]
    ) -> tuple[Found, set[Key]]:
        """Return the heads of the free ordering keys and identities, and which of them wait for another process."""
        now, store = self._store.clock.now(), self._store

        def take(queries: Queries) -> tuple[Found, set[Key]]:
            with queries.at_one_moment():
                choose = queries.heads if place is None else partial(queries.probes, place=place)
                heads = [queries.head(key) for key in choose(destination, now, limit, busy)]
                if None in heads:  # the index says that it waits, its row says that it does not
                    raise SpoolDamaged(DAMAGED)
                sound = [checked(queries, head, store.seal, destination) for head in heads if head is not None]
            found = [(head, body_of_head(store, head)) for head in sound]
            return found, self._neighbours.behind(queries, destination, sound, ours)

        return await store.read(take)

    async def _behind(self, destination: str, heads: list[QueueHead], others: Sequence[Other]) -> set[Key]:
        """Return those that must wait for an entry of *others*; a spool that cannot be read holds up nothing."""
        behind = set()
        for other in others if heads else ():
            with suppress(SpoolError):
                firsts = await other.earliest(destination, [head.queues for head in heads])
                pairs = [(head, first) for head, first in zip(heads, firsts, strict=True) if first is not None]
                behind |= {head.key for head, first in pairs if first < self._turn_at(head.committed_at)}
        return behind

    def _turn_at(self, committed_at: float) -> Turn:
        return self._store.clock.moment(committed_at), self._store.name


def _lanes_of(found: Found, keys: Set[Key]) -> Busy:
    return frozenset(chain.from_iterable(head.queues[1:] for head, _ in found if head.key in keys)) - {None}

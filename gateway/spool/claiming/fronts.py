"""Finds what may be delivered next: what is first of its lane, in this spool and in all others.

Messages of one key or identity are in several spools where a peer's worker was missing for a while. What was committed
first goes first, whichever spool it is in; what is under way in one holds up what shares its lane in the others.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence, Set
from contextlib import suppress
from functools import partial
from itertools import chain
from typing import Protocol

from gateway.spool.claiming.entries import body_of_front, checked
from gateway.spool.claiming.waits import Waits
from gateway.spool.damage import DAMAGED
from gateway.spool.database.ledger import Key
from gateway.spool.database.pseudonyms import Pseudonyms
from gateway.spool.database.reading.queries import Queries
from gateway.spool.database.reading.rows import Busy, Front, Lanes
from gateway.spool.database.store import Store
from gateway.spool.interface import SpoolDamaged, SpoolError
from gateway.spool.neighbours import Neighbours
from gateway.spool.payloads.body import SpooledBody

STRIDE = (5**0.5 - 1) / 2
"""Multiples of the golden section, less their whole part, are spread over 0 to 1 wherever one begins or stops."""
MOST_AT_ONCE = 64
"""Entries read at once while those before them wait for other spools."""
Found = list[tuple[Front, SpooledBody]]
Turn = tuple[float, str]
"""When an entry was committed, as all spools of this process can compare it; the spool's name for what is equal."""


class Other(Protocol):
    """The claims of another spool that this process has."""

    @property
    def spool(self) -> str:
        """The name of the spool."""

    @property
    def pseudonyms(self) -> Pseudonyms:
        """Make the lanes of the spool."""

    def lanes_under_way(self, destination: str) -> Busy:
        """Return the lanes of what is handed out and not settled."""

    async def earliest(self, destination: str, lanes: Sequence[Lanes]) -> list[Turn | None]:
        """Return for each whose turn is first there of what shares its lanes."""


class Fronts:
    """What is first of the lanes of one spool. Asked by one claim at a time."""

    def __init__(self, store: Store, neighbours: Neighbours) -> None:
        self._store = store
        self._neighbours = neighbours
        self._probes: Counter[str] = Counter()
        self._held: dict[str, Busy] = {}
        self.waits = Waits()
        """What waits for the spools of other processes."""

    def held(self, destination: str) -> Busy:
        """Return the lanes that were found last to wait for other spools."""
        return self._held.get(destination, frozenset())

    async def read(self, destination: str, limit: int, busy: Busy, others: Sequence[Other], *, probe: bool) -> Found:
        """Return what may be handed out beside what is *busy* here; as a *probe*, in another order."""
        ours = {self._store.name, *(other.spool for other in others)}
        others = [other for other in others if other.pseudonyms == self._store.pseudonyms]  # else nothing compares
        place = self._place(destination) if probe else None
        begun = asyncio.get_running_loop().time()
        waiting = self.waits.lanes(destination, begun)
        held = waiting.union(*(other.lanes_under_way(destination) for other in others))
        size = limit
        while True:
            found, beside = await self._read_some(destination, size, busy | held, place, ours)
            behind = beside | await self._behind(destination, [front for front, _ in found], others)
            held |= _lanes_of(found, behind)
            waiting |= _lanes_of(found, beside)
            free = [each for each in found if each[0].key not in behind]
            if len(free) >= limit or len(found) < size:
                break
            size = max(limit, min(2 * size, MOST_AT_ONCE))
        self._held[destination] = held
        self.waits.note(destination, waiting, begun, asyncio.get_running_loop().time(), moves=bool(free))
        return free[:limit]

    async def earliest(self, destination: str, lanes: Sequence[Lanes]) -> list[Turn | None]:
        """Return for each whose turn is first here of what shares its lanes."""
        found = await self._store.read(lambda queries: queries.earliest(destination, lanes))
        return [None if committed_at is None else self._turn_at(committed_at) for committed_at in found]

    def _place(self, destination: str) -> float:
        """Return from where on a probe looks among what was never tried."""
        place = self._probes[destination] * STRIDE % 1
        self._probes[destination] += 1
        return place

    async def _read_some(
        self, destination: str, limit: int, busy: Busy, place: float | None, ours: Set[str]
    ) -> tuple[Found, set[Key]]:
        """Return what is first of the lanes that are free, and what of it waits for another process."""
        now, store = self._store.clock.now(), self._store

        def take(queries: Queries) -> tuple[Found, set[Key]]:
            with queries.at_one_moment():
                choose = queries.fronts if place is None else partial(queries.probes, place=place)
                fronts = [queries.front(key) for key in choose(destination, now, limit, busy)]
                if None in fronts:  # its index says that it waits, it says that it does not
                    raise SpoolDamaged(DAMAGED)
                sound = [checked(queries, front, store.seal, destination) for front in fronts if front is not None]
            found = [(front, body_of_front(store, front)) for front in sound]
            return found, self._neighbours.behind(queries, destination, sound, ours)

        return await store.read(take)

    async def _behind(self, destination: str, fronts: list[Front], others: Sequence[Other]) -> set[Key]:
        """Return those that others go before; a spool that cannot be read holds up nothing."""
        behind = set()
        for other in others if fronts else ():
            with suppress(SpoolError):
                firsts = await other.earliest(destination, [front.lanes for front in fronts])
                pairs = [(front, first) for front, first in zip(fronts, firsts, strict=True) if first is not None]
                behind |= {front.key for front, first in pairs if first < self._turn_at(front.committed_at)}
        return behind

    def _turn_at(self, committed_at: float) -> Turn:
        return self._store.clock.moment(committed_at), self._store.name


def _lanes_of(found: Found, keys: Set[Key]) -> Busy:
    return frozenset(chain.from_iterable(front.lanes[1:] for front, _ in found if front.key in keys)) - {None}

"""Hands entries out, one of a lane at a time, and records what became of them."""

import asyncio
from collections import Counter
from collections.abc import Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

import structlog

from gateway.contract.message import Message
from gateway.spool.damage import DAMAGED, ERRORS, name_of, passes
from gateway.spool.database.ledger import Key
from gateway.spool.database.pseudonyms import Pseudonyms, read_entry_id, write_entry_id
from gateway.spool.database.queries import Queries
from gateway.spool.database.rows import UNREADABLE, Busy, Front, Lanes, Payload
from gateway.spool.database.store import Store
from gateway.spool.interface import Entry, Settlement, SpoolDamaged, SpoolError
from gateway.spool.neighbours import Neighbours
from gateway.spool.payloads.body import FileBody, RowBody, SpooledBody, unseal
from gateway.spool.payloads.seal import Seal

log = structlog.get_logger()

POLL_SECONDS = 2.0
"""How soon a change by another process is noticed."""
NEIGHBOUR_SECONDS, MOST_NEIGHBOUR_SECONDS = 0.002, 0.25
"""The same where an entry waits for one in the spool of another process; it doubles while nothing comes of it."""
REWRITE_SECONDS = 1.0
"""Wait before a settlement is tried again that could not be written."""
MOST_REWRITE_SECONDS = 30.0
"""The same after many tries: each of them is a line in the log."""
STRIDE = (5**0.5 - 1) / 2
"""Multiples of the golden section, less their whole part, are spread over 0 to 1 wherever one begins or stops."""
SET_SECONDS = 0.5
"""A clock that differs from the steady one by so much more or less than before has been set."""
MOST_AT_ONCE = 64
"""Entries read at once while those before them wait for other spools."""
Found = list[tuple[Front, SpooledBody]]
Turn = tuple[float, str]
"""When an entry was committed, as all spools of this process can compare it; the spool's name for what is equal."""


@dataclass(frozen=True, slots=True)
class Claim:
    """An entry that is being delivered."""

    destination: str
    lanes: Lanes
    body: SpooledBody


@dataclass(frozen=True, slots=True)
class Waits:
    """What of a destination waits for other processes, as it was when that was looked at."""

    lanes: Busy
    pause: float
    """Seconds until the next look, if nothing else takes longer."""
    again_at: float
    """When to look again, by the loop's clock; until then the lanes count as busy."""


NONE_WAIT = Waits(frozenset(), 0.0, 0.0)
LOOKING_SHARE = 4
"""How many times longer the pause is, at least, than the look before it took: thousands of lanes may wait."""


class Claims:
    """The way out of one spool. Claims are kept in memory only."""

    def __init__(self, store: Store, neighbours: Neighbours) -> None:
        self._store = store
        self._claims: dict[str, Claim] = {}
        self._turn = asyncio.Lock()
        self._version = 0
        self._probes: Counter[str] = Counter()
        self._held: dict[str, Busy] = {}
        """By destination, the lanes that the last claim found to wait for other spools."""
        self._neighbours = neighbours
        self._waits: dict[str, Waits] = {}
        """By destination, if anything waits for another process."""
        self._ahead: float | None = None
        """By how much the machine's clock was ahead of the steady one when the spool was last known to say so."""

    async def claim(
        self, destination: str, limit: int, *, probe: bool = False, others: "Sequence[Claims]" = ()
    ) -> list[Entry]:
        """Return what may be delivered now, at most one entry of a lane; as a *probe*, in another order.

        What shares a lane with something in one of the *others* that is under way, or was committed before, waits;
        so does what was committed after something that still waits in the spool of another process.
        """
        # One at a time: a claim that was read before an entry was settled must not be handed out after it.
        async with self._turn:
            signal = self._store.signals.of(destination)
            signal.clear()
            try:
                await self._keep_time()
                found = await self._read_fronts(destination, limit, probe, others)
            except BaseException:
                signal.set()
                raise
            entries = [self._hand_out(destination, front, body) for front, body in found]
        if len(entries) == limit:
            signal.set()
        return entries

    async def intact(self, entry: Entry) -> bool:
        """Compare the whole payload with what was committed."""
        claim = self._claims.get(entry.entry_id)
        return claim is not None and await claim.body.intact()

    async def settle(self, entry: Entry, settlement: Settlement) -> bool:
        """Record what became of a claimed entry; False if an operator decided otherwise in the meantime."""
        store, key = self._store, _key(entry)
        pause = REWRITE_SECONDS
        while True:
            now, wall = store.clock.now(), store.wall()
            try:
                settled = await store.write(lambda ledger: ledger.settle(key, settlement, now, wall))  # noqa: B023
                break
            except ERRORS as error:
                if not passes(error):
                    raise SpoolDamaged(DAMAGED) from None
                log.error("settlement_delayed", entry_id=entry.entry_id, reason=name_of(error), again_in=pause)
                await asyncio.sleep(pause)
                pause = min(2 * pause, MOST_REWRITE_SECONDS)
        self.release(entry)
        await store.remove_file(settled.file)
        return settled.done

    def any_claimed(self) -> bool:
        """Tell whether an entry has been handed out that is not settled."""
        return bool(self._claims)

    def release(self, entry: Entry) -> None:
        """Give a claim back; nothing else changes."""
        self._claims.pop(entry.entry_id, None)
        self._store.signals.wake([entry.destination])

    async def wait_for_work(self, destination: str, timeout: float) -> None:  # noqa: ASYNC109 - as in the interface
        """Return when a claim may find more than the last one did, or after *timeout* seconds."""
        loop = asyncio.get_running_loop()
        signal, end = self._store.signals.of(destination), loop.time() + timeout
        while not signal.is_set() and (left := end - loop.time()) > 0:
            due = await self._until_due(destination)
            if due <= 0:
                return
            try:
                async with asyncio.timeout(min(left, due, self._poll_seconds(destination))):
                    await signal.wait()
            except TimeoutError:
                if destination in self._waits:
                    return
                await self._look_for_changes()

    @property
    def spool(self) -> str:
        """The name of the spool."""
        return self._store.name

    @property
    def pseudonyms(self) -> Pseudonyms:
        """Make the lanes of this spool."""
        return self._store.pseudonyms

    def lanes_under_way(self, destination: str) -> Busy:
        """Return the lanes of what is handed out and not settled; numbers of messages mean nothing to other spools."""
        return frozenset(lane for lane in self._busy(destination) if isinstance(lane, bytes))

    def _busy(self, destination: str) -> Busy:
        claims = [claim.lanes for claim in self._claims.values() if claim.destination == destination]
        return frozenset(chain.from_iterable(claims)) - {None}

    async def _keep_time(self) -> None:
        """Write the readings of both clocks down where the machine's was set, or where this has not been done yet.

        Other processes know by them when an entry was committed. Old ones could say another order there than here, and
        of three spools each could wait for the next for ever.
        """
        ahead = self._store.wall() - self._store.clock.now()
        if self._ahead is None or abs(ahead - self._ahead) > SET_SECONDS:
            with suppress(*ERRORS, SpoolError):  # it is tried again with the next claim
                await self._store.write(lambda _: None)
                self._ahead = ahead

    async def _read_fronts(self, destination: str, limit: int, probe: bool, others: "Sequence[Claims]") -> Found:
        ours = {self._store.name, *(other.spool for other in others)}
        others = [other for other in others if other.pseudonyms == self.pseudonyms]  # else nothing can be compared
        held: Busy = frozenset(chain.from_iterable(other.lanes_under_way(destination) for other in others))
        busy, place = self._busy(destination), self._probes[destination] * STRIDE % 1
        self._probes[destination] += probe
        begun = asyncio.get_running_loop().time()
        before = self._waits.get(destination, NONE_WAIT)
        waiting = before.lanes if begun < before.again_at else frozenset()
        held |= waiting
        size = limit
        while True:
            found, beside = await self._read_some(destination, size, busy | held, place if probe else None, ours)
            behind = beside | await self._behind(destination, [front for front, _ in found], others)
            held |= _lanes_of(found, behind)
            waiting |= _lanes_of(found, beside)
            free = [each for each in found if each[0].key not in behind]
            if len(free) >= limit or len(found) < size:
                self._held[destination] = held
                self._note_waits(destination, before, begun, waiting, moves=bool(free))
                return free[:limit]
            size = max(limit, min(2 * size, MOST_AT_ONCE))

    def _note_waits(self, destination: str, before: Waits, begun: float, lanes: Busy, *, moves: bool) -> None:
        """Keep which *lanes* a look that was *begun* then found to wait, and decide when to look again."""
        now = asyncio.get_running_loop().time()
        if not lanes:
            self._waits.pop(destination, None)
        elif begun < before.again_at:
            self._waits[destination] = replace(before, lanes=lanes)
        else:
            longer = min(max(2 * before.pause, NEIGHBOUR_SECONDS), MOST_NEIGHBOUR_SECONDS)
            pause = NEIGHBOUR_SECONDS if moves else longer
            again_at = now + max(pause, LOOKING_SHARE * (now - begun))
            self._waits[destination] = Waits(lanes, pause, again_at)

    def _poll_seconds(self, destination: str) -> float:
        waits = self._waits.get(destination)
        return POLL_SECONDS if waits is None else max(0.0, waits.again_at - asyncio.get_running_loop().time())

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
                checked = [_checked(queries, front, store.seal, destination) for front in fronts if front is not None]
            found = [(front, _body(store, front)) for front in checked]
            return found, self._neighbours.behind(queries, destination, checked, ours)

        return await store.read(take)

    async def _behind(self, destination: str, fronts: list[Front], others: "Sequence[Claims]") -> set[Key]:
        """Return those that others go before; a spool that cannot be read holds up nothing."""
        behind = set()
        for other in others if fronts else ():
            with suppress(SpoolError):
                firsts = await other.earliest(destination, [front.lanes for front in fronts])
                pairs = zip(fronts, firsts, strict=True)
                behind |= {front.key for front, first in pairs if first is not None and first < self._turn_of(front)}
        return behind

    async def earliest(self, destination: str, lanes: Sequence[Lanes]) -> list[Turn | None]:
        """Return for each whose turn is first here of what shares its lanes."""
        found = await self._store.read(lambda queries: queries.earliest(destination, lanes))
        clock, name = self._store.clock, self._store.name
        return [None if committed_at is None else (clock.moment(committed_at), name) for committed_at in found]

    def _turn_of(self, front: Front) -> Turn:
        return self._store.clock.moment(front.committed_at), self._store.name

    def _hand_out(self, destination: str, front: Front, body: SpooledBody) -> Entry:
        entry_id = write_entry_id(self._store.name, front.key)
        self._claims[entry_id] = Claim(destination, front.lanes, body)
        age = max(0.0, self._store.clock.now() - front.committed_at)
        return _entry(entry_id, destination, front, body, age)

    async def _until_due(self, destination: str) -> float:
        """Return in how many seconds the first pause ends, of those whose lane nobody is busy with."""
        busy = self._busy(destination) | self._held.get(destination, frozenset())
        due = await self._store.read(lambda queries: queries.next_due(destination, busy))
        return POLL_SECONDS if due is None else due - self._store.clock.now()

    async def _look_for_changes(self) -> None:
        version = await self._store.read(Queries.version)
        if version != self._version:
            self._version = version
            self._store.signals.wake_all()


def _lanes_of(found: Found, keys: Set[Key]) -> Busy:
    return frozenset(lane for front, _ in found if front.key in keys for lane in front.lanes[1:]) - {None}


def body_of(store: Store, payload: Payload) -> SpooledBody:
    """Return the body that was written as *payload*; one from the database is checked here and now."""
    seal = store.seal_of(payload.encrypted)
    if payload.file is None:
        return RowBody(unseal(payload, seal), payload.size)
    return FileBody(store.bodies / payload.file, payload, seal, store.threads)


def _checked(queries: Queries, front: Front, seal: Seal, destination: str) -> Front:
    """Return a delivery as one that cannot be read if it is not what was committed under the key."""
    if front.payload is None or queries.is_authentic(front.key, seal, destination):
        return front
    return replace(front, header=UNREADABLE, payload=None)


def _body(store: Store, front: Front) -> SpooledBody:
    return RowBody(None, front.size) if front.payload is None else body_of(store, front.payload)


def _entry(entry_id: str, destination: str, front: Front, body: SpooledBody, age: float) -> Entry:
    header = front.header
    return Entry(
        entry_id,
        destination,
        None if front.lanes[1] is None else front.lanes[1].hex(),
        front.attempts,
        front.received_at,
        front.size,
        Message(header.message_id, body, header.facts, header.identifiers, header.charset, via=tuple(header.via)),
        age,
        front.reason,
    )


def _key(entry: Entry) -> Key:
    named = read_entry_id(entry.entry_id)
    if named is None:
        raise ValueError("not an entry of this spool")
    return named[1]

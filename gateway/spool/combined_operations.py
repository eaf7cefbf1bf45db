"""What an operator may do, over several spools as if they were one."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence, Set
from dataclasses import replace
from heapq import merge
from itertools import chain, islice
from math import inf, nextafter
from pathlib import Path
from typing import TypeVar

from gateway.contract.body import Body
from gateway.contract.message import Message
from gateway.spool.database.ledger import Key
from gateway.spool.database.pseudonyms import read_entry_id
from gateway.spool.database.reading.operator_queries import BEGINNING, END
from gateway.spool.folders import folders_set_aside
from gateway.spool.interface import Moved, Page, Record, Selection, State, Total
from gateway.spool.operations import UNDECIDED, Operations

T = TypeVar("T")
ORDER = (State.PARKED, State.WAITING, State.DISCARDED, State.DELIVERED)
"""The order in a list: first the entries that need a decision, last those that are done."""

MOST_NARROWED = 10_000
"""Up to this many entries with one identifier are selected by their IDs."""


class CombinedOperations:
    """What an operator may do, over all spools."""

    def __init__(self, spools: dict[str, Operations], data_dir: Path) -> None:
        self._spools = spools
        self._data_dir = data_dir

    async def totals(self) -> list[Total]:
        """Return the sums by destination and state."""
        return add_up([await spool.totals() for spool in list(self._spools.values())])

    async def totals_by_reason(self, selection: Selection) -> list[Total]:
        """Return the sums by destination, state and reason of what is selected and waits or is parked."""
        selection = await self._narrowed(selection)
        return add_up([await spool.totals_by_reason(selection) for spool in list(self._spools.values())])

    async def find(
        self, selection: Selection, after: str | None = None, limit: int = 100, *, newest: bool = False
    ) -> Page:
        """Return the records that match, as the interface says; an unknown *after* begins at the start."""
        selection, by_state = await self._narrowed(selection), selection.state is None and not newest
        state, last = await self._place(after)
        states = _states_from(state) if by_state else [selection.state]
        records: list[Record] = []
        for each in states:
            meant = replace(selection, state=each)
            begin = last if each == state or not by_state else None
            records += await self._find(meant, begin, limit + 1 - len(records), newest=newest)
            if len(records) > limit:
                end = records[limit - 1]
                return Page(tuple(records[:limit]), write_place(end.state if by_state else None, end.entry_id))
        return Page(tuple(records), None)

    async def _narrowed(self, selection: Selection) -> Selection:
        """Return a selection by identifiers with the IDs of the entries found, so that the search is made only once."""
        if selection.control_id is None and selection.sop_instance_uid is None:
            return selection
        found: set[str] = set()
        for spool in list(self._spools.values()):
            ids = await spool.with_identifiers(selection, MOST_NARROWED - len(found))
            if ids is None:  # so many that reading all entries is as fast
                return selection
            found.update(ids)
        named = found if selection.entry_ids is None else found & selection.entry_ids
        return replace(selection, entry_ids=frozenset(named))

    async def _place(self, after: str | None) -> tuple[State | None, Record | None]:
        """Return in which state and after which record a page begins; None is the start."""
        state, entry_id = read_place(after or "")
        last = await CombinedOperations.get(self, entry_id)
        return (None, None) if last is None else (state or last.state, last)

    async def _find(self, selection: Selection, last: Record | None, limit: int, *, newest: bool) -> list[Record]:
        """Return records after *last* in the order received; in one spool that is the order of the numbers."""
        found = []
        for name in sorted(self._spools, reverse=newest):
            if (spool := self._spools.get(name)) is not None:  # one may have gone meanwhile
                start = await _start(name, spool, last, newest=newest)
                found.append(await spool.find(selection, start, limit, newest=newest))
        return list(islice(merge(*found, key=lambda record: record.received_at, reverse=newest), limit))

    async def get(self, entry_id: str) -> Record | None:
        """Return one record, or None if there is no such entry."""
        return await self._at(entry_id, Operations.get)

    async def open_body(self, entry_id: str) -> Body | None:
        """Return an entry's payload, or None once it is gone."""
        return await self._at(entry_id, Operations.open_body)

    async def open_bodies(self, entry_ids: Sequence[str]) -> list[Body | None]:
        """Return the payload of each of several entries, None once it is gone; all are read together."""
        found: dict[str, Body | None] = {}
        for name, spool in list(self._spools.items()):
            keys = {each: named[1] for each in entry_ids if (named := read_entry_id(each)) and named[0] == name}
            if keys:
                found.update(zip(keys, await spool.open_bodies(list(keys.values())), strict=True))
        return [found.get(each) for each in entry_ids]

    async def open_message(self, entry_id: str) -> Message | None:
        """Return an entry's message as its dispatcher gets it, or None once its payload is gone."""
        return await self._at(entry_id, Operations.open_message)

    async def retry(self, selection: Selection) -> int:
        """Make parked entries wait again, end the pause of waiting ones; return how many."""
        selection = await self._narrowed(selection)
        return sum([await spool.retry(selection) for spool in list(self._spools.values())])

    async def discard(self, selection: Selection, reason: str, by: str | None = None) -> int:
        """Give up parked and waiting entries for good; return how many. *reason* and who did it are recorded."""
        selection = await self._narrowed(selection)
        return sum([await spool.discard(selection, reason, by) for spool in list(self._spools.values())])

    async def move(self, selection: Selection, to: str, protocols: Set[str]) -> Moved:
        """Give parked and waiting entries to another destination, beginning with the spool that has the oldest one."""
        selection, spools = await self._narrowed(selection), list(self._spools.values())
        ages = [oldest_of(await spool.totals(), selection.destination) for spool in spools]
        moved = Moved()
        for _, spool in sorted(zip(ages, spools, strict=True), key=lambda pair: pair[0]):
            moved += await spool.move(selection, to, protocols)
        return moved

    async def set_aside(self) -> list[str]:
        """Return the names of the spools that are damaged."""
        return [path.name for path in await asyncio.to_thread(folders_set_aside, self._data_dir)]

    async def _at(self, entry_id: str, ask: Callable[[Operations, Key], Awaitable[T | None]]) -> T | None:
        named = read_entry_id(entry_id)
        if named is None or named[0] not in self._spools:
            return None
        return await ask(self._spools[named[0]], named[1])


async def _start(name: str, spool: Operations, last: Record | None, *, newest: bool) -> Key:
    """Return the delivery of the spool *name* after which a page begins, if the page before ended with *last*.

    Of two entries received at the same moment, that of the spool with the lower name comes first.
    """
    named = None if last is None else read_entry_id(last.entry_id)
    if last is None or named is None:
        return END if newest else BEGINNING
    if name == named[0]:
        return named[1]
    was_shown = name > named[0] if newest else name < named[0]
    moment = nextafter(last.received_at, -inf if newest else inf) if was_shown else last.received_at
    return await spool.place(moment, newest=newest)


def read_place(after: str) -> tuple[State | None, str]:
    """Return the state, if there is one, and the ID of the entry at which a page ended."""
    state, colon, entry_id = after.rpartition(":")
    return (State(state), entry_id) if colon and state in list(State) else (None, after)


def write_place(state: State | None, entry_id: str) -> str:
    """Return where a page ended. The state is that under which the entry was shown: its state may change meanwhile."""
    return entry_id if state is None else f"{state}:{entry_id}"


def _states_from(state: State | None) -> list[State]:
    return list(ORDER[0 if state is None else ORDER.index(state) :])


def add_up(each: Iterable[Iterable[Total]]) -> list[Total]:
    """Return the sums of several spools as those of one."""
    sums: dict[tuple[str, State, str | None], Total] = {}
    for total in chain.from_iterable(each):
        key = total.destination, total.state, total.reason
        sums[key] = _add(sums[key], total) if key in sums else total
    return list(sums.values())


def oldest_of(totals: Iterable[Total], destination: str | None) -> float:
    """Return when the oldest waiting or parked entry for a destination, or for any, was received; in epoch seconds."""
    undecided = (each for each in totals if destination in (None, each.destination) and each.state in UNDECIDED)
    return min((each.oldest for each in undecided if each.oldest is not None), default=float("inf"))


def _add(one: Total, other: Total) -> Total:
    oldest = [each.oldest for each in (one, other) if each.oldest is not None]
    return replace(one, count=one.count + other.count, size=one.size + other.size, oldest=min(oldest, default=None))

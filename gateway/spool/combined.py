"""Several spools behind one interface: a process's own, and those it has adopted."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from gateway.message import Body, Message, Unavailable
from gateway.spool.claims import Claims
from gateway.spool.commits import Commits
from gateway.spool.interface import (
    Committed,
    Entry,
    Page,
    Plan,
    Record,
    Selection,
    Settlement,
    SpoolError,
    State,
    Total,
)
from gateway.spool.ledger import Key
from gateway.spool.operations import START, Operations
from gateway.spool.pseudonyms import read_entry_id

T = TypeVar("T")


class CombinedOperations:
    """What an operator may do, over all spools, by their names in order."""

    def __init__(self, spools: dict[str, Operations]) -> None:
        self._spools = spools

    async def totals(self) -> list[Total]:
        """Return the sums by destination and state."""
        sums: dict[tuple[str, State], Total] = {}
        for spool in self._spools.values():
            for total in await spool.totals():
                key = total.destination, total.state
                sums[key] = _add(sums[key], total) if key in sums else total
        return list(sums.values())

    async def find(self, selection: Selection, after: str | None = None, limit: int = 100) -> Page:
        """Return the records that match, in a stable order; an unknown *after* begins at the start."""
        name, key = (read_entry_id(after) if after else None) or ("", START)
        records: list[Record] = []
        for each in sorted(self._spools):
            if each >= name and len(records) <= limit:
                start = key if each == name else START
                records += await self._spools[each].find(selection, start, limit + 1 - len(records))
        more = len(records) > limit
        return Page(tuple(records[:limit]), records[limit - 1].entry_id if more else None)

    async def get(self, entry_id: str) -> Record | None:
        """Return one record, or None if there is no such entry."""
        return await self._at(entry_id, Operations.get)

    async def open_body(self, entry_id: str) -> Body | None:
        """Return an entry's payload, or None once it is gone."""
        return await self._at(entry_id, Operations.open_body)

    async def retry(self, selection: Selection) -> int:
        """Make parked entries wait again, end the pause of waiting ones; return how many."""
        return sum([await spool.retry(selection) for spool in self._spools.values()])

    async def discard(self, selection: Selection, reason: str) -> int:
        """Give up parked and waiting entries for good; return how many."""
        return sum([await spool.discard(selection, reason) for spool in self._spools.values()])

    async def _at(self, entry_id: str, ask: Callable[[Operations, Key], Awaitable[T | None]]) -> T | None:
        named = read_entry_id(entry_id)
        if named is None or named[0] not in self._spools:
            return None
        return await ask(self._spools[named[0]], named[1])


def _add(one: Total, other: Total) -> Total:
    oldest = [each.oldest for each in (one, other) if each.oldest is not None]
    return Total(one.destination, one.state, one.count + other.count, one.size + other.size, min(oldest, default=None))


@dataclass(frozen=True, slots=True)
class Part:
    """One spool that this process owns."""

    name: str
    operations: Operations
    commits: Commits
    claims: Claims


class CombinedSpool(CombinedOperations):
    """Commits to the first of *parts*, its own; hands out what any of them holds."""

    def __init__(self, parts: Sequence[Part]) -> None:
        super().__init__({part.name: part.operations for part in parts})
        self._own = parts[0]
        self._parts = {part.name: part for part in parts}
        self._probes: Counter[str] = Counter()

    async def commit(self, message: Message, plan: Plan) -> Committed | Unavailable:
        """Take the body and return once the message is on stable storage."""
        try:
            home = await self._home(plan)
        except SpoolError as error:
            return Unavailable(str(error))
        others = tuple(part.commits for part in self._parts.values() if part is not home)
        return await home.commits.commit(message, plan, others if plan.duplicate_window > 0 else ())

    async def claim(self, destination: str, limit: int, *, probe: bool = False) -> list[Entry]:
        """Return what may be delivered now, at most one entry of a lane; adopted spools first, probes in turn."""
        entries: list[Entry] = []
        parts = list(reversed(self._parts.values()))
        first = self._probes[destination] % len(parts) if probe else 0
        self._probes[destination] += probe
        for part in (*parts[first:], *parts[:first]):
            if len(entries) < limit:
                entries += await part.claims.claim(destination, limit - len(entries), probe=probe)
        return entries

    async def intact(self, entry: Entry) -> bool:
        """Compare the whole payload with what was committed."""
        return await self._part(entry).claims.intact(entry)

    async def settle(self, entry: Entry, settlement: Settlement) -> bool:
        """Record what became of a claimed entry."""
        return await self._part(entry).claims.settle(entry, settlement)

    def release(self, entry: Entry) -> None:
        """Give a claim back."""
        self._part(entry).claims.release(entry)

    async def wait_for_work(self, destination: str, timeout: float) -> None:  # noqa: ASYNC109 - as in the interface
        """Return when a claim may find more than the last one did, or after *timeout* seconds."""
        waits = [part.claims.wait_for_work(destination, timeout) for part in self._parts.values()]
        if len(waits) == 1:
            return await waits[0]
        tasks = [asyncio.create_task(wait) for wait in waits]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def purge(self) -> int:
        """Remove the records whose retention has passed; return of how many messages."""
        return sum([await part.operations.purge() for part in self._parts.values()])

    async def _home(self, plan: Plan) -> Part:
        """Return the spool in which messages of the plan's identity or key wait, for their order; else our own.

        The identity counts first: an older message that overwrites a newer one of its identity does so for good.
        """
        if len(self._parts) > 1:
            for holds in (Commits.holds_name, Commits.holds_key):
                for part in self._parts.values():
                    if await holds(part.commits, plan):
                        return part
        return self._own

    def _part(self, entry: Entry) -> Part:
        named = read_entry_id(entry.entry_id)
        if named is None:
            raise ValueError("not an entry of this spool")
        return self._parts[named[0]]

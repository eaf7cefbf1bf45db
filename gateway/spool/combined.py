"""Several spools behind one interface: a process's own, and those it has adopted."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from gateway.contract.message import Message
from gateway.contract.outcome import Unavailable
from gateway.spool.claims import Claims
from gateway.spool.combined_operations import CombinedOperations, add_up
from gateway.spool.commits import Commits
from gateway.spool.database.pseudonyms import read_entry_id
from gateway.spool.interface import Committed, Entry, Plan, Settlement, Space, SpoolDamaged, SpoolError, Total
from gateway.spool.operations import Operations

TRIES = 3
NO_SPOOL = "the spool was damaged, and there is no new one yet"


@dataclass(frozen=True, slots=True)
class Part:
    """One spool that this process owns."""

    name: str
    operations: Operations
    commits: Commits
    claims: Claims
    wake: Callable[[], None]
    """Ends every wait for work."""


class CombinedSpool(CombinedOperations):
    """Commits to its own part; hands out what any of its parts holds. Parts may come and go while it is used."""

    def __init__(
        self, data_dir: Path, beside: Callable[[], Awaitable[list[Total]]], stop_adopting: Callable[[], None]
    ) -> None:
        super().__init__({}, data_dir)
        self._parts: dict[str, Part] = {}
        self._own: Part | None = None
        self._beside = beside
        self._committing: Counter[str] = Counter()
        self._probes: Counter[str] = Counter()
        self._changes = 0
        """How often a part has come or gone."""
        self.stop_adopting = stop_adopting

    def add(self, part: Part) -> None:
        """Hand out what *part* holds from now on, and commit to it if there is no other part to commit to."""
        self._parts[part.name], self._spools[part.name] = part, part.operations
        self._own = self._own or part
        self._wake()

    def remove(self, name: str) -> None:
        """Hand out nothing more of a part, and commit nothing to it."""
        part = self._parts.pop(name)
        del self._spools[name]
        if self._own is part:
            self._own = None
        part.wake()
        self._wake()

    @property
    def has_own(self) -> bool:
        """Whether there is a part to commit to."""
        return self._own is not None

    @property
    def adopted(self) -> list[Part]:
        """Return the parts that are not its own."""
        return [part for part in self._parts.values() if part is not self._own]

    def in_use(self, part: Part) -> bool:
        """Tell whether something of the part is being committed or delivered."""
        return self._committing[part.name] > 0 or part.claims.any_claimed()

    async def totals(self) -> list[Total]:
        """Return the sums by destination and state, with what waits in spools that no process has."""
        sums: list[Total] = []
        for _ in range(TRIES):
            before = self._changes
            sums = add_up([await super().totals(), await self._beside()])
            if before == self._changes:  # else one may have been counted twice, or not at all
                break
        return sums

    async def commit(self, message: Message, plan: Plan) -> Committed | Unavailable:
        """Take the body and return once the message is on stable storage."""
        try:
            home = await self._home(plan)
        except SpoolError as error:
            return Unavailable(str(error))
        if home is None:
            return Unavailable(NO_SPOOL)
        others = tuple(part.commits for part in self._parts.values() if part is not home)
        if len(self._parts) > 1:  # the next message's search for duplicates must find this one committed
            message = replace(message, placed=None)
        self._committing[home.name] += 1
        try:
            asked = others if plan.duplicate_window > 0 else ()
            return await home.commits.commit(message, plan, asked, alone=len(self._parts) == 1)
        finally:
            self._committing[home.name] -= 1

    async def space(self) -> Space | None:
        """Return how much more may be committed; None while there is nothing to commit to."""
        return None if self._own is None else await self._own.commits.space()

    async def claim(self, destination: str, limit: int, *, probe: bool = False) -> list[Entry]:
        """Return what may be delivered now, from adopted spools first; a probe begins with another spool each time.

        A spool that cannot be read does not hold up the others; its error is raised if they have nothing.
        """
        entries: list[Entry] = []
        failed: SpoolError | None = None
        parts = list(reversed(self._parts.values()))
        first = self._probes[destination] % max(1, len(parts)) if probe else 0
        self._probes[destination] += probe
        try:
            for part in (*parts[first:], *parts[:first]):
                if len(entries) < limit:
                    others = [each.claims for each in parts if each is not part]
                    left = limit - len(entries)
                    try:
                        entries += await part.claims.claim(destination, left, probe=probe, others=others)
                    except SpoolError as error:
                        failed = error
        except BaseException:  # the caller gets nothing: what the other parts handed out must not stay claimed
            for entry in entries:
                self.release(entry)
            raise
        if failed is not None and not entries:
            raise failed
        return entries

    async def intact(self, entry: Entry) -> bool:
        """Compare the whole payload with what was committed."""
        return await self._part(entry).claims.intact(entry)

    async def settle(self, entry: Entry, settlement: Settlement) -> bool:
        """Record what became of a claimed entry."""
        done = await self._part(entry).claims.settle(entry, settlement)
        self._wake_others()
        return done

    def release(self, entry: Entry) -> None:
        """Give a claim back."""
        with suppress(SpoolDamaged):
            self._part(entry).claims.release(entry)
        self._wake_others()

    async def wait_for_work(self, destination: str, timeout: float) -> None:  # noqa: ASYNC109 - as in the interface
        """Return when a claim may find more than the last one did, or after *timeout* seconds."""
        waits = [part.claims.wait_for_work(destination, timeout) for part in self._parts.values()]
        if len(waits) == 1:
            await waits[0]
            return
        tasks = [asyncio.create_task(wait) for wait in waits or [asyncio.sleep(timeout)]]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            task.result()

    async def purge(self) -> int:
        """Remove the records whose retention has passed; return of how many messages."""
        return sum([await part.operations.purge() for part in list(self._parts.values())])

    async def _home(self, plan: Plan) -> Part | None:
        """Return the spool in which messages of the plan's identity or key wait, to keep their order; else our own.

        The identity counts first: an older message that overwrites a newer one of its identity does so for good.
        """
        if len(self._parts) > 1:
            for holds in (Commits.holds_name, Commits.holds_key):
                for part in list(self._parts.values()):
                    if await holds(part.commits, plan) and part.name in self._parts:
                        return part
        return self._own

    def _part(self, entry: Entry) -> Part:
        named = read_entry_id(entry.entry_id)
        if named is None:
            raise ValueError("not an entry of this spool")
        part = self._parts.get(named[0])
        if part is None:
            raise SpoolDamaged("the spool of the entry has been set aside")
        return part

    def _wake_others(self) -> None:
        """Wake all parts: an entry of one spool may have waited for an entry of another."""
        if len(self._parts) > 1:
            for part in self._parts.values():
                part.wake()

    def _wake(self) -> None:
        self._changes += 1
        for part in self._parts.values():
            part.wake()

"""Looks for a message in the spools that other processes have: what came in there is known here, too.

A message that was sent before may have come to another process, and so may a newer one of its identity.
"""

import asyncio
import os
import time
from collections.abc import Mapping, Set
from dataclasses import replace

import structlog

from gateway.spool.interface import Plan
from gateway.spool.neighbours import Neighbour, Neighbours
from gateway.spool.recognition import Last, Wanted, latest_of
from gateway.spool.store import Store

log = structlog.get_logger()

SLACK_SECONDS = 1.0
"""By how much an age there may be wrong. A message counts as older by that where it would make ours a duplicate, and as
younger where it would not: delivering one twice is better than never."""
PAUSES = (0.01, 0.04, 0.1)
"""Seconds between the tries to read one: one that is just being opened, recovered or made can be read afterwards."""
LEFT_OUT_SECONDS = 2.0
"""How long one that cannot be read is not tried again."""
SETTLED_NS = 10**9
"""A folder whose last change is older than this shows every later one by its time, however coarse that is."""
UNKNOWN = Last("", None, same=False, recent=False, age=float("-inf"))
"""What a spool that cannot be read may hold: a newer message."""


class Beside:
    """The spools beside the one in *store* that its process does not have."""

    def __init__(self, store: Store, neighbours: Neighbours) -> None:
        self._store, self._neighbours = store, neighbours
        self._names: frozenset[str] = frozenset()
        self._changed: int | None = None
        self._left_out: dict[str, float] = {}
        """Until when; by the name of the spool."""

    def exist(self, ours: Set[str]) -> bool:
        """Tell whether there may be any but *ours*; quick enough to ask for each message."""
        try:
            self._list()
        except OSError:
            return True
        return not self._names <= ours

    def _list(self) -> None:
        spools = self._store.folder.parent
        changed = spools.stat().st_mtime_ns
        if changed != self._changed:
            with os.scandir(spools) as found:
                self._names = frozenset(each.name for each in found if each.is_dir())
            self._changed = changed if time.time_ns() - changed > SETTLED_NS else None

    async def find_last(self, ours: Set[str], plan: Plan, digest: bytes) -> Mapping[str, Last]:
        """Return by destination the last message there of the plan's identity, UNKNOWN where that cannot be read.

        *ours* are the names of the spools that this process has. Raises SpoolError if its own cannot be read.
        """

        def find(name: str, neighbour: Neighbour) -> Mapping[str, Last]:
            return _find_last(name, neighbour, plan, digest, self._store.wall())

        unknown = dict.fromkeys(plan.destinations, UNKNOWN)
        for pause in (*PAUSES, None):
            try:
                answers, unread = await self._store.read(lambda _: self._neighbours.ask(ours, find))
            except OSError:  # too many open files
                return unknown
            if not unread:
                return latest_of(plan.destinations, answers)
            now = time.monotonic()
            if pause is None or all(self._left_out.get(name, now) > now for name, _ in unread):
                self._leave_out(unread, now)
                break
            await asyncio.sleep(pause)
        return unknown

    def _leave_out(self, unread: list[tuple[str, str]], now: float) -> None:
        for name, error in unread:
            if self._left_out.get(name, now) <= now:
                self._left_out[name] = now + LEFT_OUT_SECONDS
                log.warning("spool_not_read", spool=name, error=error)


def _find_last(name: str, neighbour: Neighbour, plan: Plan, digest: bytes, wall: float) -> Mapping[str, Last]:
    pseudonym = neighbour.pseudonyms.of(plan, digest)
    if pseudonym is None:
        return {}
    wanted = Wanted(pseudonym, digest, neighbour.queries.now(wall), plan.duplicate_window)
    lasts = neighbour.queries.last(name, wanted, plan.destinations)
    return {destination: _with_slack(last) for destination, last in lasts.items()}


def _with_slack(last: Last) -> Last:
    return replace(last, age=last.age + (SLACK_SECONDS if last.is_there else -SLACK_SECONDS))

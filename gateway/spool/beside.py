"""Looks for a message in the spools of other processes, so that a message repeated to this process is recognised.

An earlier copy of a message may have come to another process, and so may a newer message of its identity.
"""

import asyncio
import os
import time
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import structlog

from gateway.spool.database.recognition import Last, Wanted, latest_of
from gateway.spool.database.store import Store
from gateway.spool.interface import Plan
from gateway.spool.neighbours import Neighbour, Neighbours

log = structlog.get_logger()

SLACK_SECONDS = 1.0
"""How wrong the age of a message in another spool may be. It counts as this much older if it would make our message a
duplicate, and as this much younger if it would not: delivering a message twice is better than never."""
PAUSES = (0.01, 0.04, 0.1)
"""Seconds between the tries to read a spool: one that is just being opened, recovered or made can be read soon."""
LEFT_OUT_SECONDS = 2.0
"""How long a spool that cannot be read is not tried again."""
SETTLED_NS = 10**9
"""If a folder's last change is older than this, any later change gives it another time, however coarse times are."""
UNKNOWN = Last("", None, same=False, recent=False, age=float("-inf"))
"""Stands for a spool that cannot be read, because it may hold a newer message."""


class Asked(NamedTuple):
    """An incoming message."""

    ours: Set[str]
    """The names of the spools that its process has."""
    plan: Plan
    digest: bytes


class Beside:
    """The spools beside the one in *store* that its process does not have."""

    def __init__(self, store: Store, neighbours: Neighbours) -> None:
        self._store, self._neighbours = store, neighbours
        self._spools = str(store.folder.parent)
        self._names: frozenset[str] = frozenset()
        self._changed: int | None = None
        self._left_out: dict[str, float] = {}
        """By the name of a spool that cannot be read: until when it is not tried again."""
        self._turn = asyncio.Lock()
        self._next: tuple[list[Asked], asyncio.Task[list[Mapping[str, Last]]]] | None = None
        """The messages that are looked for together next, and the task that does it."""

    def exist(self, ours: Set[str]) -> bool:
        """Tell whether there may be spools other than *ours*; fast enough to be called for each message."""
        try:
            changed = os.stat(self._spools).st_mtime_ns  # noqa: PTH116 - half the time of Path.stat
            if changed != self._changed:
                self._list(changed)
        except OSError:
            return True
        return not self._names <= ours

    def _list(self, changed: int) -> None:
        with os.scandir(self._spools) as found:
            self._names = frozenset(each.name for each in found if each.is_dir())
        self._changed = changed if time.time_ns() - changed > SETTLED_NS else None

    async def find_last(self, ours: Set[str], plan: Plan, digest: bytes) -> Mapping[str, Last]:
        """Return by destination the last message there of the plan's identity, UNKNOWN where that cannot be read.

        *ours* are the names of the spools that this process has. Raises SpoolError if its own cannot be read. Messages
        that come during one look are looked for together in the next: to begin a read takes longer than the look.
        """
        if self._next is None:
            group: list[Asked] = []
            self._next = group, asyncio.create_task(self._answer(group))
        group, answering = self._next
        group.append(Asked(ours, plan, digest))
        place = len(group) - 1
        answers = await asyncio.shield(answering)
        return answers[place]

    async def _answer(self, group: Sequence[Asked]) -> list[Mapping[str, Last]]:
        async with self._turn:
            self._next = None
            if (found := await self._look(group)) is None:
                return [dict.fromkeys(asked.plan.destinations, UNKNOWN) for asked in group]
        each = enumerate(asked.plan.destinations for asked in group)
        return [latest_of(destinations, [there[place] for there in found]) for place, destinations in each]

    async def _look(self, group: Sequence[Asked]) -> list[list[Mapping[str, Last]]] | None:
        """Return by spool what it has of each message of the group; None if one of the spools cannot be read."""
        ours = frozenset[str].intersection(*(frozenset(asked.ours) for asked in group))
        find = partial(_find_all, group, self._store.wall())
        for pause in (*PAUSES, None):
            try:
                found, unread = await self._store.read(lambda _: self._neighbours.ask(ours, find))
            except OSError:  # too many open files
                return None
            if not unread:
                return found
            now = time.monotonic()
            if pause is None or all(self._left_out.get(name, now) > now for name, _ in unread):
                self._leave_out(unread, now)
                return None
            await asyncio.sleep(pause)
        return None

    def _leave_out(self, unread: list[tuple[str, str]], now: float) -> None:
        for name, error in unread:
            if self._left_out.get(name, now) <= now:
                self._left_out[name] = now + LEFT_OUT_SECONDS
                log.warning("spool_not_read", spool=name, error=error)


def _find_all(group: Sequence[Asked], wall: float, name: str, neighbour: Neighbour) -> list[Mapping[str, Last]]:
    with neighbour.queries.at_one_moment():
        now = neighbour.queries.now(wall)
        return [_find_last(name, neighbour, asked, now) for asked in group]


def _find_last(name: str, neighbour: Neighbour, asked: Asked, now: float) -> Mapping[str, Last]:
    plan = asked.plan
    pseudonym = neighbour.pseudonyms.of(plan, asked.digest)
    if pseudonym is None:
        return {}
    wanted = Wanted(pseudonym, asked.digest, now, plan.duplicate_window)
    lasts = neighbour.queries.last(name, wanted, plan.destinations)
    return {destination: _with_slack(last) for destination, last in lasts.items()}


def _with_slack(last: Last) -> Last:
    return replace(last, age=last.age + (SLACK_SECONDS if last.is_there else -SLACK_SECONDS))

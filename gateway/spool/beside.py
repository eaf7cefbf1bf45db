"""Looks into the spools that other processes have: what a destination got through them may be newer than what we know.

Nothing is written there. Each spool holds the secret of its pseudonyms, and SQLite's write-ahead log lets others read.
"""

import os
import time
from collections.abc import Iterable, Set
from contextlib import closing
from pathlib import Path

import structlog

from gateway.errors import GatewayError
from gateway.spool.clock import Clock, resume
from gateway.spool.damage import ERRORS, name_of
from gateway.spool.folders import existing_folders
from gateway.spool.interface import Plan
from gateway.spool.pseudonyms import Pseudonyms
from gateway.spool.queries import Queries
from gateway.spool.recognition import Last, Wanted, latest
from gateway.spool.schema import read_beside, start_of
from gateway.spool.seal import Seal
from gateway.spool.store import DATABASE

log = structlog.get_logger()

SLACK_SECONDS = 1.0
"""By how much an age there may be wrong: what is younger than that by comparison counts as newer."""
PAUSES = (0.01, 0.04, 0.1)
"""Seconds between the tries to read one."""
SETTLED_NS = 10**9
"""A folder whose last change is older than this shows every later one by its time, however coarse that is."""
UNKNOWN = Last("", None, same=False, recent=False, age=float("-inf"))
"""What a spool that cannot be read may hold: a newer message. Delivering one twice is better than never."""


class Beside:
    """The spools in the folder of all *spools* that are not ours."""

    def __init__(self, spools: Path, seal: Seal, wall: Clock) -> None:
        self._spools, self._seal, self._wall = spools, seal, wall
        self._names: frozenset[str] = frozenset()
        self._changed: int | None = None

    def exist(self, ours: Set[str]) -> bool:
        """Tell whether there may be any but *ours*; quick enough to ask for each message."""
        try:
            self._list()
        except OSError:
            return True
        return not self._names <= ours

    def _list(self) -> None:
        changed = self._spools.stat().st_mtime_ns
        if changed != self._changed:
            with os.scandir(self._spools) as found:
                self._names = frozenset(each.name for each in found if each.is_dir())
            self._changed = changed if time.time_ns() - changed > SETTLED_NS else None

    def find_last(self, ours: Set[str], plan: Plan, digest: bytes, destinations: Iterable[str]) -> dict[str, Last]:
        """Return by destination the last message there of the plan's identity, UNKNOWN where that cannot be read."""
        try:
            folders = [path for path in existing_folders(self._spools.parent) if path.name not in ours]
        except OSError:
            return dict.fromkeys(destinations, UNKNOWN)
        found = [self._last_in(path, plan, digest, destinations) for path in folders]
        lasts = {name: latest([each.get(name) for each in found]) for name in destinations}
        return {name: last for name, last in lasts.items() if last is not None}

    def _last_in(self, path: Path, plan: Plan, digest: bytes, destinations: Iterable[str]) -> dict[str, Last]:
        """Try a few times: a spool that is just being opened, recovered or made can be read a moment later."""
        for pause in (*PAUSES, None):
            try:
                return self._read_last(path, plan, digest, destinations)
            except (*ERRORS, GatewayError, OSError, TypeError, ValueError) as error:
                if not (path / DATABASE).exists():
                    return {}  # only an empty one is removed
                if pause is None:
                    log.warning("spool_not_read", spool=path.name, error=name_of(error))
                else:
                    time.sleep(pause)
        return dict.fromkeys(destinations, UNKNOWN)

    def _read_last(self, path: Path, plan: Plan, digest: bytes, destinations: Iterable[str]) -> dict[str, Last]:
        with closing(read_beside(path / DATABASE)) as connection:
            start = start_of(connection, self._seal)
            now = resume(start.time, start.wall, self._wall()) - SLACK_SECONDS
            name = Pseudonyms(start.secret).of(plan, digest)
            wanted = Wanted(name or b"", digest, now, plan.duplicate_window)
            return Queries(connection).last(path.name, wanted, destinations)

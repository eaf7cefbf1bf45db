"""Tells whether a destination has a message already, or will: by the last one of its identity there."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.spool.database.schema import STATES
from gateway.spool.interface import State


class Execute(Protocol):
    """Runs one statement."""

    def __call__(self, statement: str, values: tuple[object, ...], /) -> sqlite3.Cursor:
        """Return its rows."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A message that comes in, as far as it may be known."""

    name: bytes
    """The pseudonym of its identity."""
    digest: bytes
    now: float
    """By the steady clock of the spool that is asked: that of another one may read anything at the same moment."""
    window: float
    """What was delivered counts if it was committed in these last seconds."""


@dataclass(frozen=True, slots=True)
class Last:
    """The last message of an identity at one destination."""

    spool_id: str
    state: State | None
    """None if its row is damaged."""
    same: bool
    """Its payload is the one that comes in now."""
    recent: bool
    age: float
    """Seconds since it was committed."""

    @property
    def is_there(self) -> bool:
        """Whether the destination has the message that comes in, or will."""
        return self.same and (self.state is State.WAITING or (self.state is State.DELIVERED and self.recent))

    @property
    def was_given_up(self) -> bool:
        """Whether the message that comes in is a new chance for what the destination never got."""
        return self.same and self.state in (State.PARKED, State.DISCARDED)


def last_of(execute: Execute, spool: str, destination: int, wanted: Wanted) -> Last | None:
    """Return the last message of the identity at a destination, in the spool of that name."""
    row = execute(LAST, (wanted.digest, wanted.now - wanted.window, destination, wanted.name)).fetchone()
    if row is None:
        return None
    seq, code, same, recent, committed_at = row
    return Last(f"{spool}-{seq}", STATES.get(code), bool(same), bool(recent), wanted.now - committed_at)


def latest(candidates: Iterable[Last | None]) -> Last | None:
    """Return the latest of what several spools hold."""
    return min((each for each in candidates if each), key=lambda each: each.age, default=None)


def latest_of(destinations: Iterable[str], found: Sequence[Mapping[str, Last]]) -> dict[str, Last]:
    """Return by destination the latest of what several spools hold."""
    lasts = {name: latest(each.get(name) for each in found) for name in destinations}
    return {name: last for name, last in lasts.items() if last is not None}


LAST = """
SELECT d.message, d.state, m.digest = ?, m.committed_at >= ?, CAST(coalesce(m.committed_at, 0) AS REAL)
FROM deliveries d INDEXED BY names LEFT JOIN messages m ON m.seq = d.message
WHERE d.destination = ? AND d.name = ? ORDER BY d.message DESC LIMIT 1
"""

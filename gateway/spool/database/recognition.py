"""Recognises repeated messages: compares a message with the last one of its identity at each destination."""

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
    """What an incoming message is recognised by."""

    name: bytes
    """The pseudonym of its identity."""
    digest: bytes
    now: float
    """By the steady clock of the spool that is asked; the clocks of other spools are not comparable with it."""
    window: float
    """A delivered message counts as the same only if it was committed within this many seconds."""


@dataclass(frozen=True, slots=True)
class Last:
    """The last message of an identity at one destination."""

    spool_id: str
    state: State | None
    """None if its row is damaged."""
    same: bool
    """Whether its payload is that of the incoming message."""
    recent: bool
    age: float
    """Seconds since it was committed."""

    @property
    def is_there(self) -> bool:
        """Whether the destination has the incoming message already, or will get it."""
        return self.same and (self.state is State.WAITING or (self.state is State.DELIVERED and self.recent))

    @property
    def was_given_up(self) -> bool:
        """Whether the same message was parked or discarded, so that the incoming one is a new chance to deliver it."""
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

"""What happened in a campaign: each try of a sender, each thing that a store kept, each death of a process.

All of it is recorded in one process, by one clock that does not jump; nothing in it comes from Hilum. It is also
written to ``history.jsonl`` line by line, so that a failed run can be read afterwards.
"""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, TextIO

STORED = "stored"
"""What the sender of a request was told, where it was told the truth."""


GONE = "deleted"
"""The digest of what a store has deleted."""


def digest(content: bytes) -> str:
    """Return what stands for *content* in the history."""
    return hashlib.sha256(content).hexdigest()[:16]


@dataclass(slots=True)
class Send:
    """One try of a sender to hand a message over."""

    sender: str
    number: int
    """The message's place among those of its sender; a message that is tried again keeps it."""
    entrance: str
    """Where it was sent: a listener, or a called AE title."""
    key: str
    """What it is about: messages that share it must stay in order."""
    name: str
    """Its control ID or SOP Instance UID."""
    digest: str
    at: float
    begun: float
    """When the message was tried first."""
    answered_at: float | None = None
    answer: str = ""
    """Acknowledgement code or status; or how the connection ended."""
    positive: bool = False


@dataclass(slots=True)
class Arrival:
    """Content that a store has kept, or GONE, in the order in which that happened."""

    store: str
    name: str
    digest: str
    at: float
    told_at: float | None = None
    told: str = "nothing yet"
    """STORED, or what was done instead of saying so."""


@dataclass(frozen=True, slots=True)
class Rebuff:
    """A store got something and has not kept it."""

    store: str
    names: tuple[str, ...]
    mood: str
    at: float


@dataclass(frozen=True, slots=True)
class Death:
    """A process of the gateway came to its end."""

    kind: str
    at: float
    planned: bool = True


@dataclass(frozen=True, slots=True)
class Leftover:
    """An entry that is in the spool at the end and should not be there."""

    state: str
    name: str
    destination: str
    reason: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that the conductor of the campaign saw itself, and what it knows about it."""

    kind: str
    text: str
    at: float


@dataclass(slots=True)
class History:
    """Everything, in the order in which it happened."""

    log: TextIO | None = None
    clock: Callable[[], float] = time.monotonic
    listeners: list[Callable[[Send | Arrival], None]] = field(default_factory=list)
    """Told of each send that was answered positively, and of each arrival."""
    _begun: dict[tuple[str, int], float] = field(default_factory=dict)
    sends: list[Send] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)
    rebuffs: list[Rebuff] = field(default_factory=list)
    deaths: list[Death] = field(default_factory=list)
    leftovers: list[Leftover] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)

    def sent(self, sender: str, number: int, entrance: str, key: str, name: str, content: str) -> Send:
        """Record a try before its first octet leaves."""
        at = self.clock()
        begun = self._begun.setdefault((sender, number), at)
        self.sends.append(send := Send(sender, number, entrance, key, name, content, at, begun))
        self._write("sent", send)
        return send

    def answered(self, send: Send, answer: str, *, positive: bool) -> None:
        """Record what became of a try."""
        send.answer, send.positive, send.answered_at = answer, positive, self.clock()
        self._write("answered", send)
        if positive:
            self._tell(send)

    def arrived(self, store: str, name: str, content: str) -> Arrival:
        """Record that *store* has kept something, at the moment it does."""
        self.arrivals.append(arrival := Arrival(store, name, content, self.clock()))
        self._write("arrived", arrival)
        self._tell(arrival)
        return arrival

    def told(self, arrival: Arrival, what: str) -> None:
        """Record what the sender of the request was told of *arrival*."""
        arrival.told, arrival.told_at = what, self.clock()
        self._write("told", arrival)

    def not_kept(self, store: str, names: tuple[str, ...], mood: str) -> None:
        """Record that *store* got something and has not kept it."""
        self.rebuffs.append(rebuff := Rebuff(store, names, mood, self.clock()))
        self._write("not kept", rebuff)

    def died(self, kind: str, *, planned: bool = True) -> None:
        """Record the end of a process."""
        self.deaths.append(death := Death(kind, self.clock(), planned))
        self._write("died", death)

    def left(self, leftover: Leftover) -> None:
        """Record an entry that nobody has delivered."""
        self.leftovers.append(leftover)
        self._write("left", leftover)

    def trouble(self, kind: str, text: str) -> None:
        """Record what is wrong beyond single messages."""
        self.troubles.append(trouble := Trouble(kind, text, self.clock()))
        self._write("trouble", trouble)

    def note(self, what: str, **more: Any) -> None:
        """Write a line that helps to read the history, and counts for nothing."""
        if self.log is not None:
            self.log.write(json.dumps({"event": what, "at": self.clock(), **more}) + "\n")

    def _tell(self, what: Send | Arrival) -> None:
        for listener in self.listeners:
            listener(what)

    def _write(self, event: str, what: Send | Arrival | Rebuff | Death | Leftover | Trouble) -> None:
        if self.log is not None:
            self.log.write(json.dumps({"event": event, "now": self.clock(), **asdict(what)}) + "\n")

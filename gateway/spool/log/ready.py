"""What may be claimed of an intake log, as the event loop knows it; and whether the database may hold more."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from gateway.spool.database.ledger import Key
from gateway.spool.database.reading.rows import Busy, QueueHead

LOOK_SECONDS = 0.02
"""How long the database is not looked into where nothing of a destination waited: another process may change that."""


@dataclass(slots=True)
class News:
    """What the writer tells the loop after a piece of work."""

    heads: list[tuple[str, QueueHead]] = field(default_factory=list)
    """What may be claimed now, by the destination's name."""
    moved: list[tuple[str, Key]] = field(default_factory=list)
    """What is in the database now, and is claimed from there if it waits."""
    waiting: frozenset[str] | None = None
    """For which destinations something waits in the database; None if that has not changed."""


class Ready:
    """The heads of the log's queues. Used in the loop's thread."""

    def __init__(self, wake: Callable[[Iterable[str]], None]) -> None:
        self._wake = wake
        self._heads: dict[str, dict[Key, QueueHead]] = {}
        self._taken: dict[Key, tuple[str, QueueHead]] = {}
        self._waiting: frozenset[str] | None = None
        self._looked: dict[str, float] = {}

    def note(self, news: News) -> None:
        """Take note of what the writer tells, before those are told who wait for it."""
        for destination, head in news.heads:
            self._heads.setdefault(destination, {})[head.key] = head
        for destination, key in news.moved:
            self._heads.get(destination, {}).pop(key, None)
            self._taken.pop(key, None)
        if news.waiting is not None:
            self._waiting = news.waiting
        self._wake({destination for destination, _ in (*news.heads, *news.moved)})

    def take(self, destination: str, limit: int, busy: Busy) -> Sequence[QueueHead]:
        """Return up to *limit* heads that share nothing with what is *busy*, nor with one another."""
        heads = self._heads.get(destination)
        if not heads or limit <= 0:
            return ()
        found: list[QueueHead] = []
        for head in heads.values():
            if busy.isdisjoint(head.queues):
                found.append(head)
                if len(found) == limit:
                    break
        for head in found:
            del heads[head.key]
            self._taken[head.key] = destination, head
        return found

    def settled(self, key: Key) -> None:
        """Forget what was taken: its settlement is recorded."""
        self._taken.pop(key, None)

    def give_back(self, key: Key) -> None:
        """Let what was taken and not settled be taken again, unless it is in the database meanwhile."""
        if (taken := self._taken.pop(key, None)) is not None:
            destination, head = taken
            self._heads.setdefault(destination, {})[key] = head

    def must_look(self, destination: str, now: float) -> bool:
        """Tell whether something may wait in the database."""
        if self._waiting is None or destination in self._waiting:
            return True
        return now - self._looked.get(destination, float("-inf")) >= LOOK_SECONDS

    def looked(self, destination: str, now: float) -> None:
        """Take note that the database was looked into."""
        self._looked[destination] = now

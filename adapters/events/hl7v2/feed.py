"""Decides which messages of a store may be delivered now, and in which order.

A store tells of new messages by notifications, which have no order and get lost. So a notification is only a reason to
look: the truth is the store's list. A message may become visible in the list a little later than one that was created
after it. Whoever delivered at once what the list shows would sometimes overtake. Therefore a message waits until it is
*settled*: it is certain that the store's clock has been past its creation for the settle time. That is certain once the
message itself, or one that was created later, was known here for so long. The clocks of the store and of this machine
need not agree.

The *watermark* is the creation time of the newest message that has been passed on. The names of messages near it are
remembered: the store compares times in milliseconds only, and now and then the feed looks further back, for messages
that became visible later than the settle time allows. They are passed on late rather than lost. A creation time that is
in the future by the store's clock counts as the time at which it was first seen: otherwise one such message would move
the watermark beyond all that are created until then.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from adapters.events.instants import MILLISECOND, SECOND

MOST_UNLISTED = 64
"""Most names at a time that are to be asked for because the list does not show them."""


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """A message in the store's list."""

    created: int
    """Nanoseconds since the epoch, by the store's clock."""
    name: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What the store has listed."""

    entries: Iterable[Entry]
    started: float
    """When it was asked for, by the clock of this machine."""
    ended: float
    before: int | None = None
    """Messages from here on are left out, because there were too many; None if there are no others."""
    newest: int = 0
    """The newest creation time seen, also of messages that are left out."""
    clock: int | None = None
    """The time of the list by the store's clock, in whole seconds; None if it did not say."""


class Feed:
    """The messages of one store that are known and not passed on yet."""

    def __init__(self, watermark: int, passed: Mapping[str, int], settle: float, floor: int = 0) -> None:
        self.watermark = watermark
        self._floor = floor
        self._passed = dict(passed)
        self._settle = settle
        self._told: dict[str, float] = {}
        """When each name was first told of that is neither passed on nor known to be no concern of this feed."""
        self._seen: list[tuple[float, int]] = []
        """When it was seen that a message of that creation time exists; both grow."""
        self._settled = 0
        """Everything created up to here is settled."""
        self.waiting: list[Entry] = []
        """The messages of the last list that are not passed on, in order."""
        self._ahead: dict[str, int] = {}
        """The times that count for messages whose creation was in the future when they were first seen."""
        self._found: dict[str, Entry] = {}
        """Messages that the list does not show, although the store has them."""
        self._is_cut = self._is_more = False
        self._look_at: float | None = None

    def told(self, name: str, now: float) -> bool:
        """Take a notification; return whether it is about a message that was passed on before."""
        if name in self._passed:
            return True
        if name not in self._told:
            self._told[name] = now
            self._look_at = now if self._look_at is None else min(self._look_at, now)
        return False

    def since(self, back: int = 0) -> int:
        """Return from which creation time on the store has to list, looking *back* behind the watermark."""
        return max(self._floor, self.watermark - back, 0) // MILLISECOND * MILLISECOND

    def look_again(self) -> None:
        """Have the store asked at once."""
        self._look_at = 0.0

    def judge(self, listing: Listing) -> list[Entry]:
        """Return the messages that may be passed on now, in order."""
        newest = self._bound(listing)
        entries = {each for each in listing.entries if each.created >= self._floor} | set(self._found.values())
        self.waiting = sorted((each for each in entries if each.name not in self._passed), key=self._order)
        for entry in self.waiting:
            if entry.name in self._told:
                self._saw(self._told[entry.name], self._at(entry))
        newest = max([newest, *(self._at(each) for each in self.waiting[-1:])])
        self._saw(listing.ended, newest)
        self._settle_until(listing.started)
        ready = [each for each in self.waiting if self._is_ready(each, listing.before)]
        self._is_cut = listing.before is not None and bool(ready)
        self._is_more = len(ready) < len(self.waiting)
        self._look_at = self._next_look()
        return ready

    def unlisted(self, listing: Listing, *, is_ready: bool = False) -> list[str]:
        """Return names told of that the list should have by now and does not.

        If others are ready, these are all that it does not have: one of them may have been created before those.
        """
        if listing.before is not None:
            return []
        listed = {each.name for each in self.waiting}
        until = listing.started - (0.0 if is_ready else self._settle)
        due = [name for name, at in self._told.items() if at <= until and name not in listed]
        return due[:MOST_UNLISTED]

    def found(self, entry: Entry) -> None:
        """Take a message that the store has, although the list does not show it."""
        self._found[entry.name] = entry

    def dismiss(self, name: str) -> None:
        """Have done with a name that was told of."""
        self._told.pop(name, None)
        self._look_at = self._next_look()

    def ask_later(self, name: str, at: float) -> None:
        """Have a name that the list does not show come up again the settle time after *at*."""
        self._told[name] = at
        self._look_at = self._next_look()

    def _bound(self, listing: Listing) -> int:
        """Bound creation times by the store's clock; return the newest one."""
        if listing.clock is None:
            return listing.newest
        now = listing.clock + SECOND  # the clock is in whole seconds
        self.watermark = min(self.watermark, max(now, self._floor))
        for each in listing.entries:
            if each.created > now:
                self._ahead.setdefault(each.name, now)
        return min(listing.newest, now)

    def _at(self, entry: Entry) -> int:
        return self._ahead.get(entry.name, entry.created)

    def _order(self, entry: Entry) -> tuple[int, int, str]:
        return self._at(entry), entry.created, entry.name

    def passed_on(self, entry: Entry) -> bool:
        """Record that a message is passed on; return whether it came late: newer ones have been passed on before."""
        is_late = self._at(entry) < self.watermark
        self.watermark = max(self.watermark, self._at(entry))
        self._passed[entry.name] = entry.created
        for known in (self._told, self._found):
            known.pop(entry.name, None)
        if self.waiting[:1] == [entry]:
            del self.waiting[0]
        else:
            self.waiting = [each for each in self.waiting if each != entry]
        return is_late

    def forget(self, before: int) -> None:
        """Forget the names of messages created *before* that time: the store is not asked for them any more."""
        if len(self._passed) > 1000:
            self._passed = {name: created for name, created in self._passed.items() if created >= before}
            self._ahead = {name: at for name, at in self._ahead.items() if name in self._passed or at >= before}

    @property
    def look_at(self) -> float | None:
        """When the store has to be asked next because of something that is known; None if nothing is."""
        return self._look_at

    def _is_ready(self, entry: Entry, before: int | None) -> bool:
        return self._at(entry) <= self._settled and (before is None or entry.created < before)

    def _saw(self, now: float, created: int) -> None:
        """Record that the store's clock was past *created* at *now*."""
        if created <= self._settled:
            return
        index = next((at for at, (_, other) in enumerate(self._seen) if other >= created), len(self._seen))
        if index < len(self._seen) and self._seen[index][0] <= now:
            return  # a newer message was known at that time or before
        self._seen[index:index] = [(now, created)]
        # What is older and was seen later proves nothing more.
        self._seen = [each for each in self._seen if each == (now, created) or each[0] < now or each[1] > created]

    def _settle_until(self, started: float) -> None:
        while self._seen and self._seen[0][0] + self._settle <= started:
            self._settled = max(self._settled, self._seen.pop(0)[1])

    def _next_look(self) -> float | None:
        if self._is_cut:
            return 0.0
        if self._is_more and self._seen:
            return self._seen[0][0] + self._settle
        pending = min(self._told.values(), default=None)
        return None if pending is None else pending + self._settle

"""A simulated HL7v2 store, whose messages become visible late, and whose notifications are late, lost and doubled."""

import asyncio
import random
from collections.abc import Callable, Collection, Coroutine
from dataclasses import dataclass, field
from typing import Any

from adapters.events.getting import TOO_LARGE, Gone
from adapters.events.hl7v2.feed import Entry, Listing
from adapters.events.hl7v2.following import Follower
from adapters.events.hl7v2.listing import NOT_A_MESSAGE, Fetched
from adapters.events.hl7v2.passing import Ends, Rules
from adapters.events.hl7v2.record import Position, RecordError
from adapters.events.instants import MILLISECOND, SECOND
from gateway.contract.meter import Passed
from gateway.contract.outcome import Outcome, Stored, Unavailable
from tests.adapters.events.virtual_time import simulate

EPOCH = 1_700_000_000
"""Seconds since the epoch at the loop's time 0, by the store's clock."""


def now() -> float:
    """Return the time of the loop."""
    return asyncio.get_running_loop().time()


@dataclass
class Meter:
    """Counts in lists."""

    results: list[Passed] = field(default_factory=list)
    lates: int = 0
    reconciles: int = 0
    refusals: int = 0
    failures: list[str] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)

    def notified(self, count: int) -> None:
        """Count nothing."""

    def reconciled(self) -> None:
        """Count a reconciliation."""
        self.reconciles += 1

    def passed(self, result: Passed) -> None:
        """Keep a result."""
        self.results.append(result)

    def late(self) -> None:
        """Count a late message."""
        self.lates += 1

    def refused(self) -> None:
        """Count a try that failed."""
        self.refusals += 1

    def failed(self, part: str) -> None:
        """Keep a failure."""
        self.failures.append(part)

    def lag(self, seconds: float) -> None:
        """Keep a lag."""
        self.lags.append(seconds)


@dataclass
class Store:
    """Messages with the loop's time from which the list shows them."""

    listing_seconds: float = 0.02
    visible: dict[Entry, float] = field(default_factory=dict)
    most: int = 10_000
    failing: bool = False
    unreadable: set[str] = field(default_factory=set)
    lists: int = 0
    gets: list[str] = field(default_factory=list)
    missing: dict[str, int] = field(default_factory=dict)
    """How many times more a GET of each of these is answered as if it were deleted."""

    def create(self, name: str, lag: float = 0.0) -> Entry:
        """Create a message now, which is shown after *lag* seconds."""
        entry = Entry(int((EPOCH + now()) * SECOND), name)
        self.visible[entry] = now() + lag
        return entry

    async def listed(self, since: int) -> Listing | Unavailable:
        """Return what is visible when the store works on the request; the order means nothing."""
        self.lists += 1
        started = now()
        await asyncio.sleep(self.listing_seconds / 2)
        at = now()
        found = [each for each, seen in self.visible.items() if each.created >= since and seen <= at]
        found = [each for each in found if not each.name.startswith("filtered")]
        await asyncio.sleep(self.listing_seconds / 2)
        if self.failing:
            return Unavailable("the store fails")
        newest = max((each.created for each in found), default=0)
        before = None
        if len(found) > self.most:
            before = (sorted(each.created for each in found)[self.most // 4] // MILLISECOND + 1) * MILLISECOND
            found = [each for each in found if each.created < before]
        random.Random(len(found)).shuffle(found)
        return Listing(found, started, now(), before, newest, (EPOCH + int(at)) * SECOND)

    async def described(self, name: str) -> Fetched | Gone | Unavailable:
        """Return the message."""
        return await self.get(name)

    async def get(self, name: str, most: int | None = None) -> Fetched | Gone | Unavailable:
        """Return the message: its data is its name."""
        self.gets.append(name)
        await asyncio.sleep(0.002)
        if most is not None and name.startswith("large"):
            return TOO_LARGE
        if name in self.unreadable:
            return NOT_A_MESSAGE
        if self.missing.get(name, 0):
            self.missing[name] -= 1
            return Gone()
        created = next((each.created for each in self.visible if each.name == name), None)
        if created is None:
            return Gone()
        return Fetched(name.encode(), frozenset({"hilum"} if name.startswith("own") else ()), created)

    async def is_excluded(self, entry: Entry) -> bool | Unavailable:
        """Return whether the list leaves a message out, as far as it is visible."""
        await asyncio.sleep(0.002)
        is_shown = self.visible.get(entry, now() + 1) <= now()
        return entry.name.startswith("filtered") if is_shown else Unavailable("not shown")


@dataclass
class Record:
    """What would be on the disk."""

    watermark: int = 0
    passed: dict[str, int] = field(default_factory=dict)
    failures: int = 0

    async def keep(self, entries: Collection[Entry], watermark: int, forget_before: int) -> None:
        """Keep what is passed on."""
        await asyncio.sleep(0.001)
        if self.failures:
            self.failures -= 1
            raise RecordError("disk full")
        self.watermark = watermark
        self.passed |= {each.name: each.created for each in entries}
        self.passed = {name: created for name, created in self.passed.items() if created >= forget_before}

    async def known(self, names: Collection[str]) -> set[str]:
        """Return those that are kept."""
        return set(names) & self.passed.keys()

    def position(self) -> Position:
        """Return where a new process goes on."""
        return Position(self.watermark, dict(self.passed), 0)


@dataclass
class Scene:
    """A follower with everything around it, in simulated time."""

    rules: Rules = field(default_factory=lambda: Rules("from-cloud", own_label="hilum"))
    store: Store = field(default_factory=Store)
    record: Record = field(default_factory=Record)
    meter: Meter = field(default_factory=Meter)
    delivered: list[tuple[str, float]] = field(default_factory=list)
    """Names with the times of their deliveries."""
    sent: list[tuple[str, bool, float]] = field(default_factory=list)
    """Names, whether an earlier attempt may have stored each, and the times of all attempts."""
    settled: list[str] = field(default_factory=list)
    early: list[str] = field(default_factory=list)
    """Names whose notifications were settled before the record had them."""
    own: set[str] = field(default_factory=set)
    answer: Callable[[str], Outcome] = lambda _: Stored()
    delivery_seconds: float = 0.002

    def follower(self) -> Follower:
        """Return a follower that goes on where the record says."""
        ends = Ends(self.store, self.record, self._deliver, self._known, self._settle, self.meter)
        return Follower(self.rules, ends, self.record.position(), lambda: EPOCH + now())

    async def _deliver(self, entry: Entry, fetched: Fetched, maybe_stored: bool) -> Outcome:
        self.sent.append((entry.name, maybe_stored, now()))
        assert fetched.data == entry.name.encode()
        await asyncio.sleep(self.delivery_seconds)
        outcome = self.answer(entry.name)
        if isinstance(outcome, Stored):
            self.delivered.append((entry.name, now()))
        return outcome

    def _settle(self, names: Collection[str]) -> None:
        self.settled.extend(names)
        self.early.extend(each for each in names if each not in self.record.passed)

    async def _known(self, names: Collection[str]) -> set[str]:
        return set(names) & self.own

    @property
    def names(self) -> list[str]:
        """The names that were delivered, in order."""
        return [name for name, _ in self.delivered]


async def during(scene: Scene, story: Callable[[Follower], Coroutine[Any, Any, None]]) -> None:
    """Run a follower while *story* goes on, and end it afterwards."""
    follower = scene.follower()
    running = asyncio.create_task(follower.run())
    await story(follower)
    follower.stop()
    await running


def told(scene: Scene, *names: str, wait: float = 10.0) -> None:
    """Create and tell messages one after another, and wait."""

    async def story(follower: Follower) -> None:
        for name in names:
            scene.store.create(name)
            follower.told(name)
            await asyncio.sleep(0.01)
        await asyncio.sleep(wait)

    simulate(during(scene, story))

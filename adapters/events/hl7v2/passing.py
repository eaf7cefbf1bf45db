"""Passes on the messages of an HL7v2 store that are ready, one after the other, in the order of their creation.

A message that cannot be delivered holds all later ones: whoever passed it by would overtake it, or lose it. It is tried
again until it is delivered, is deleted from the store, or is skipped because the settings say so.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import count

from adapters.events.getting import GONE_AFTER_SECONDS, MISSING, Gone
from adapters.events.hl7v2.ahead import Ahead
from adapters.events.hl7v2.examining import Source
from adapters.events.hl7v2.feed import Entry, Feed
from adapters.events.hl7v2.keeping import CEILING, Keeper, Kept
from adapters.events.hl7v2.listing import Fetched
from adapters.events.instants import MILLISECOND, SECOND
from adapters.events.stopping import Stopping
from adapters.events.telling import Teller
from adapters.events.trials import Trial
from gateway.contract.meter import Passed, SourceMeter
from gateway.contract.outcome import NO_ROUTE, Outcome, Stored, Unavailable


@dataclass(frozen=True, slots=True)
class Rules:
    """How a store is followed."""

    listener: str
    settle: float = 2.0
    reconcile: float = 60.0
    back: float = 300.0
    """How far behind the watermark a reconciliation looks, in seconds."""
    own_label: str | None = None
    """Messages with this label were ingested by Hilum."""
    skips: bool = False
    """Whether a message that is refused is passed by."""
    keeps_each: bool = False
    """Whether the record is written after each message: in relay mode nothing else recognises it if it comes again."""
    has_condition: bool = False
    """Whether the settings have a condition for the list."""


@dataclass(frozen=True, slots=True)
class Ends:
    """What a follower is connected to."""

    source: Source
    record: Kept
    deliver: Callable[[Entry, Fetched, bool], Awaitable[Outcome]]
    """The last argument says whether an earlier attempt may have stored the message."""
    own: Callable[[Collection[str]], Awaitable[Collection[str]]]
    """Returns the names of messages that Hilum has ingested itself."""
    settled: Callable[[Collection[str]], None]
    """Told of names that are passed on for good, or are no concern of the listener."""
    meter: SourceMeter
    is_name: Callable[[str], bool] = lambda _: True


class Passing:
    """The messages of one *feed* on their way to the routes; *wall* is the clock for the age of messages."""

    def __init__(
        self,
        rules: Rules,
        ends: Ends,
        feed: Feed,
        keeper: Keeper,
        stop: Stopping,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._rules, self._ends, self._feed, self._keeper, self._stop = rules, ends, feed, keeper, stop
        self._wall, self._tell = wall, Teller(rules.listener, naming)
        self._own: set[str] = set()
        self.older: int | None = None
        """Messages created before this time may have been sent by an earlier process; None before the first list."""

    async def pass_on(self, ready: Sequence[Entry]) -> None:
        """Fetch the messages, some ahead, and deliver them in their order."""
        kept = await self._keeper.known([each.name for each in ready]) if ready else set()
        for entry in ready:
            if entry.name in kept:
                self._feed.passed_on(entry)
        self._ends.settled(kept)
        ready = [each for each in ready if each.name not in kept]
        self._own = set(await self._ends.own([each.name for each in ready])) if ready else set()
        ahead = Ahead(ready, self._fetch)
        try:
            while ahead and not self._stop.is_set:
                await self._settle(ahead)
                self.show_lag()
        finally:
            await ahead.drop()
            await self._keeper.keep()

    def show_lag(self) -> None:
        """Show the age of the oldest message that waits."""
        oldest = self._feed.waiting[0].created / SECOND if self._feed.waiting else None
        self._ends.meter.lag(0.0 if oldest is None else max(0.0, self._wall() - oldest))

    async def _fetch(self, entry: Entry, most: int | None = None) -> Fetched | Gone | Unavailable:
        if entry.name in self._own:
            return Fetched(b"", frozenset())
        for pause in GONE_AFTER_SECONDS:
            found = await self._ends.source.get(entry.name, most)
            if not isinstance(found, Gone):
                return found
            if await self._stop.within(pause):
                return MISSING
        found = await self._ends.source.get(entry.name, most)
        return await self._unless_listed(entry) if isinstance(found, Gone) else found

    async def _unless_listed(self, entry: Entry) -> Gone | Unavailable:
        """Return `Gone` if the store does not list the message either."""
        listing = await self._ends.source.listed(entry.created // MILLISECOND * MILLISECOND)
        if isinstance(listing, Unavailable):
            return listing
        is_seen = listing.before is None or entry.created < listing.before
        return Gone() if is_seen and entry.name not in {each.name for each in listing.entries} else MISSING

    async def _settle(self, ahead: Ahead) -> None:
        """Deliver the next message, trying again until it is done with or the listener stops."""
        entry, fetch = ahead.next()
        trial = Trial(maybe_stored=entry.created < (self.older or 0))
        for attempt in count(1):
            fetched = await fetch if attempt == 1 else await self._fetch(entry)
            if fetched is MISSING and self._stop.is_set:
                return
            result = await self._attempt(entry, fetched, trial)
            is_over = False
            if not isinstance(result, Passed):
                is_over = trial.is_over(result, asyncio.get_running_loop().time())
                if is_over and self._rules.skips:
                    self._tell.skipped(entry.name, result, attempt)
                    result = Passed.SKIPPED
            if isinstance(result, Passed):
                await self._done(entry, result)
                return
            self._ends.meter.refused()
            await ahead.drop()
            await self._keeper.keep()
            pause = trial.pause(result, attempt, is_over=is_over)
            self._tell.held(entry.name, result, attempt, pause)
            if await self._waited(entry, pause):
                return

    async def _waited(self, entry: Entry, pause: float) -> bool:
        """Wait before the next attempt; return whether the listener stops.

        A long wait ends when the message is deleted from the store.
        """
        until = asyncio.get_running_loop().time() + pause
        while not await self._stop.within(min(CEILING, until - asyncio.get_running_loop().time())):
            self.show_lag()
            if asyncio.get_running_loop().time() >= until:
                return False
            if pause > 2 * CEILING and isinstance(await self._fetch(entry), Gone):
                return False
        return True

    async def _attempt(self, entry: Entry, fetched: Fetched | Gone | Unavailable, trial: Trial) -> Passed | Outcome:
        if isinstance(fetched, Gone):
            self._tell.gone(entry.name)
            return Passed.GONE
        if isinstance(fetched, Unavailable):
            self._ends.meter.failed("store")
            return fetched
        if entry.name in self._own or self._rules.own_label in fetched.labels:
            return Passed.OWN
        outcome = await self._ends.deliver(entry, fetched, trial.maybe_stored)
        return Passed.UNROUTED if outcome is NO_ROUTE else Passed.DELIVERED if isinstance(outcome, Stored) else outcome

    async def _done(self, entry: Entry, result: Passed) -> None:
        self._ends.meter.passed(result)
        if self._feed.passed_on(entry):
            self._ends.meter.late()
            self._tell.late(entry.name)
        await self._keeper.add(entry, at_once=self._rules.keeps_each)


def naming(name: str) -> dict[str, str]:
    """Return the store and the ID of a message for a log."""
    return {"source_name": "/".join(name.split("/")[-3:])}

"""Passes on the messages of an HL7v2 store, one after the other, in the order of their creation.

A message that cannot be delivered holds all later ones: whoever passed it by would overtake it, or lose it. It is tried
again until it is delivered, is deleted from the store, or is skipped because the settings say so.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Protocol

import structlog

from adapters.events.getting import GONE_AFTER_SECONDS, MISSING, Gone
from adapters.events.hl7v2.ahead import Ahead
from adapters.events.hl7v2.examining import Examiner, Source
from adapters.events.hl7v2.feed import Entry, Feed, Listing
from adapters.events.hl7v2.listing import Fetched
from adapters.events.hl7v2.record import Position, RecordError
from adapters.events.instants import MILLISECOND, SECOND
from adapters.events.pauses import is_told, pause_after
from adapters.events.trials import Trial
from gateway.contract.meter import Passed, SourceMeter
from gateway.contract.outcome import NO_ROUTE, Outcome, Refused, Stored, Unavailable

LOOK_SECONDS = 0.25
"""The store is listed at most so often."""
MOST_UNKEPT = 50
"""In commit mode the record is written once for so many messages: the spool recognises them if they come again."""
CEILING = 60.0
EXAMINED_AGAIN_SECONDS = 3.0
"""After so long, and the settle time, a message is asked for again that the list does not show."""
KEPT_SECONDS = 8 * 86400
"""For how long names are on the disk. Pub/Sub keeps a notification for 7 days, unless it is asked to for longer."""

log = structlog.get_logger()


class Kept(Protocol):
    """The record, as the follower sees it."""

    async def keep(self, entries: Collection[Entry], watermark: int, forget_before: int) -> None:
        """Write what has been passed on; raises RecordError."""

    async def known(self, names: Collection[str]) -> Collection[str]:
        """Return those of *names* that have been passed on; raises RecordError."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How a follower follows."""

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


class Follower:
    """Follows one store from a *position* on; *wall* is the clock for the age of messages."""

    def __init__(self, rules: Rules, ends: Ends, position: Position, wall: Callable[[], float] = time.time) -> None:
        self._rules, self._ends, self._wall = rules, ends, wall
        self._feed = Feed(position.watermark, position.passed, rules.settle, position.floor)
        self._examiner = Examiner(
            ends.source, ends.own, rules.own_label, position.floor, has_condition=rules.has_condition
        )
        self._is_new = position.is_new
        self._older: int | None = None
        """Messages created before this time may have been sent by an earlier process; None before the first list."""
        self._stop = asyncio.Event()
        self._woken = asyncio.Event()
        self._unkept: list[Entry] = []
        self._own: set[str] = set()
        self._asked: dict[str, int] = {}
        """How often each message was asked for in vain that the list does not show."""
        self._failures = 0
        """How often in a row the store could not be listed."""
        self._not_before = self._reconcile_at = 0.0

    def is_name(self, name: str) -> bool:
        """Whether a notification with this name is about a message of the store."""
        return self._ends.is_name(name)

    def told(self, name: str) -> None:
        """Take a notification about a message."""
        if self._feed.told(name, asyncio.get_running_loop().time()):
            if name not in {each.name for each in self._unkept}:
                self._ends.settled([name])
            return
        self._woken.set()

    def stop(self) -> None:
        """End after the message that is being delivered."""
        self._stop.set()
        self._woken.set()

    async def run(self) -> None:
        """Follow the store until :meth:`stop`."""
        while not self._stop.is_set():
            await self._until_due()
            if not self._stop.is_set():
                await self._look()

    async def _until_due(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._stop.is_set():
            self._woken.clear()
            due = self._reconcile_at if self._feed.look_at is None else min(self._feed.look_at, self._reconcile_at)
            pause = max(due, self._not_before) - loop.time()
            if pause <= 0:
                return
            await self._sleep(pause)

    async def _sleep(self, seconds: float) -> None:
        """Wait, unless there is something new to do."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()

    async def _look(self) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        is_reconciliation = started >= self._reconcile_at
        back = int(self._rules.back * SECOND) if is_reconciliation else 0
        listing = await self._ends.source.listed(self._feed.since(back))
        self._not_before = started + LOOK_SECONDS
        if isinstance(listing, Unavailable):
            self._list_failed(listing)
            return
        self._failures = 0
        if is_reconciliation:
            self._ends.meter.reconciled()
            self._reconcile_at = started + self._rules.reconcile
        if self._older is None:
            clock = int(self._wall() * SECOND) if listing.clock is None else listing.clock + SECOND
            self._older = 0 if self._is_new or not self._rules.keeps_each else clock
        ready = self._feed.judge(listing)
        if names := self._feed.unlisted(listing, is_ready=bool(ready)):
            ready = await self._examine(names, listing)
        if is_reconciliation and listing.before is not None:
            self._feed.look_again()  # the list was cut before its end
        self._show_lag()
        await self._pass_on(ready)
        self._feed.forget(self._feed.since(2 * int(self._rules.back * SECOND)))

    async def _examine(self, names: Sequence[str], listing: Listing) -> list[Entry]:
        """Find out what the messages are that the list does not show; return those that may be passed on now."""
        kept = await self._kept(names)
        for name in kept:
            self._feed.dismiss(name)
        self._ends.settled(kept)
        found = await self._examiner.examine([each for each in names if each not in kept])
        for name, result in found.items():
            if not isinstance(result, Unavailable):
                self._asked.pop(name, None)
            if isinstance(result, Entry):
                self._feed.found(result)
            elif isinstance(result, Passed):
                self._dismiss(name, result)
            else:
                self._ends.meter.failed("store")
                self._asked[name] = self._asked.get(name, 0) + 1
                self._tell_held(name, result, self._asked[name], EXAMINED_AGAIN_SECONDS)
                self._feed.ask_later(name, asyncio.get_running_loop().time() + EXAMINED_AGAIN_SECONDS)
        return self._feed.judge(listing)

    def _dismiss(self, name: str, result: Passed) -> None:
        """Have done with a message that the list does not show, and that is not to be delivered."""
        if result is Passed.GONE:
            log.warning("source_message_gone", listener=self._rules.listener, source_name=short(name))
        self._ends.meter.passed(result)
        self._feed.dismiss(name)
        self._ends.settled([name])

    async def _kept(self, names: Collection[str]) -> set[str]:
        """Return those of *names* that have been passed on, as the record says; if it cannot be read, it waits."""
        for attempt in count(1):
            try:
                return set(await self._ends.record.known(names))
            except RecordError as error:
                pause = pause_after(attempt, CEILING)
                self._tell_record_failed(error, attempt, pause)
                if await self._stopped_within(pause):
                    break
        return set()

    def _tell_record_failed(self, error: RecordError, attempt: int, pause: float) -> None:
        if is_told(attempt):
            log.error(
                "source_record_failed",
                listener=self._rules.listener,
                reason=str(error),
                times=attempt,
                again_in=round(pause, 3),
            )

    def _list_failed(self, failure: Unavailable) -> None:
        self._failures += 1
        self._ends.meter.failed("store")
        pause = pause_after(self._failures, CEILING, failure.retry_after)
        self._not_before = asyncio.get_running_loop().time() + pause
        if is_told(self._failures):
            log.warning(
                "source_list_failed",
                listener=self._rules.listener,
                reason=failure.reason,
                times=self._failures,
                again_in=round(pause, 3),
            )

    async def _pass_on(self, ready: Sequence[Entry]) -> None:
        """Fetch the messages, some ahead, and deliver them in their order."""
        kept = await self._kept([each.name for each in ready]) if ready else set()
        for entry in ready:
            if entry.name in kept:
                self._feed.passed_on(entry)
        self._ends.settled(kept)
        ready = [each for each in ready if each.name not in kept]
        self._own = set(await self._ends.own([each.name for each in ready])) if ready else set()
        ahead = Ahead(ready, self._fetch)
        try:
            while ahead and not self._stop.is_set():
                await self._settle(ahead)
                self._show_lag()
        finally:
            await ahead.drop()
            await self._keep()

    async def _fetch(self, entry: Entry, most: int | None = None) -> Fetched | Gone | Unavailable:
        if entry.name in self._own:
            return Fetched(b"", frozenset())
        for pause in GONE_AFTER_SECONDS:
            found = await self._ends.source.get(entry.name, most)
            if not isinstance(found, Gone):
                return found
            if await self._stopped_within(pause):
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

    async def _stopped_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stop.wait()
        return self._stop.is_set()

    async def _settle(self, ahead: Ahead) -> None:
        """Deliver the next message, trying again until it is done with or the follower stops."""
        entry, fetch = ahead.next()
        trial = Trial(maybe_stored=entry.created < (self._older or 0))
        for attempt in count(1):
            fetched = await fetch if attempt == 1 else await self._fetch(entry)
            if fetched is MISSING and self._stop.is_set():
                return
            result = await self._attempt(entry, fetched, trial)
            is_over = False
            if not isinstance(result, Passed):
                is_over = trial.is_over(result, asyncio.get_running_loop().time())
                if is_over and self._rules.skips:
                    result = self._skipped(entry, result, attempt)
            if isinstance(result, Passed):
                await self._done(entry, result)
                return
            self._ends.meter.refused()
            await ahead.drop()
            await self._keep()
            pause = trial.pause(result, attempt, is_over=is_over)
            self._tell_held(entry.name, result, attempt, pause)
            if await self._waited(entry, pause):
                return

    async def _waited(self, entry: Entry, pause: float) -> bool:
        """Wait before the next attempt; return whether the message is done with, or the follower stops.

        A long wait ends when the message is deleted from the store.
        """
        until = asyncio.get_running_loop().time() + pause
        while not await self._stopped_within(min(CEILING, until - asyncio.get_running_loop().time())):
            self._show_lag()
            if asyncio.get_running_loop().time() >= until:
                return False
            if pause > 2 * CEILING and isinstance(await self._fetch(entry), Gone):
                return False
        return True

    def _skipped(self, entry: Entry, outcome: Outcome, attempt: int) -> Passed:
        log.error(
            "source_message_skipped",
            listener=self._rules.listener,
            source_name=short(entry.name),
            reason=getattr(outcome, "reason", ""),
            attempt=attempt,
        )
        return Passed.SKIPPED

    async def _attempt(self, entry: Entry, fetched: Fetched | Gone | Unavailable, trial: Trial) -> Passed | Outcome:
        if isinstance(fetched, Gone):
            log.warning("source_message_gone", listener=self._rules.listener, source_name=short(entry.name))
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
            log.warning("source_message_late", listener=self._rules.listener, source_name=short(entry.name))
        self._unkept.append(entry)
        if self._rules.keeps_each or len(self._unkept) >= MOST_UNKEPT:
            await self._keep()

    async def _keep(self) -> None:
        """Write the record; nothing is acknowledged and nothing more is delivered before that has succeeded."""
        for attempt in count(1):
            if not self._unkept:
                return
            forget_before = self._feed.since(KEPT_SECONDS * SECOND)
            try:
                await self._ends.record.keep(self._unkept, self._feed.watermark, forget_before)
            except RecordError as error:
                pause = pause_after(attempt, CEILING)
                self._tell_record_failed(error, attempt, pause)
                if self._stop.is_set():
                    return
                await asyncio.sleep(pause)
                continue
            kept, self._unkept = self._unkept, []
            self._ends.settled([each.name for each in kept])

    def _tell_held(self, name: str, result: Outcome, attempt: int, pause: float) -> None:
        if is_told(attempt) and not isinstance(result, Stored):
            log.warning(
                "source_message_held",
                listener=self._rules.listener,
                source_name=short(name),
                outcome="refused" if isinstance(result, Refused) else "unavailable",
                reason=result.reason,
                attempt=attempt,
                again_in=round(pause, 3),
            )

    def _show_lag(self) -> None:
        oldest = self._feed.waiting[0].created / SECOND if self._feed.waiting else None
        self._ends.meter.lag(0.0 if oldest is None else max(0.0, self._wall() - oldest))


def short(name: str) -> str:
    """Return the store and the ID of a message for a log."""
    return "/".join(name.split("/")[-3:])

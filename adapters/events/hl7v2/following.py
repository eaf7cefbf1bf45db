"""Follows an HL7v2 store: when to ask it for its list, and which of its messages are passed on then (``passing``)."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog

from adapters.events.hl7v2.examining import Examiner
from adapters.events.hl7v2.feed import Entry, Feed, Listing
from adapters.events.hl7v2.keeping import CEILING, Keeper
from adapters.events.hl7v2.passing import Ends, Passing, Rules, naming
from adapters.events.hl7v2.record import Position
from adapters.events.instants import SECOND
from adapters.events.pauses import is_told, pause_after
from adapters.events.stopping import Stopping
from adapters.events.telling import Teller
from gateway.contract.meter import Passed
from gateway.contract.outcome import Unavailable

LOOK_SECONDS = 0.25
"""The store is listed at most so often."""
EXAMINED_AGAIN_SECONDS = 3.0
"""After so long, and the settle time, a message is asked for again that the list does not show."""

log = structlog.get_logger()


class Follower:
    """Follows one store from a *position* on; *wall* is the clock for the age of messages."""

    def __init__(self, rules: Rules, ends: Ends, position: Position, wall: Callable[[], float] = time.time) -> None:
        self._rules, self._ends, self._wall = rules, ends, wall
        self._feed = Feed(position.watermark, position.passed, rules.settle, position.floor)
        self._examiner = Examiner(
            ends.source, ends.own, rules.own_label, position.floor, has_condition=rules.has_condition
        )
        self._stop = Stopping()
        self._keeper = Keeper(rules.listener, ends.record, self._feed, ends.settled, self._stop)
        self._passing = Passing(rules, ends, self._feed, self._keeper, self._stop, wall)
        self._tell = Teller(rules.listener, naming)
        self._is_new = position.is_new
        self._woken = asyncio.Event()
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
            if not self._keeper.is_unkept(name):
                self._ends.settled([name])
            return
        self._woken.set()

    def stop(self) -> None:
        """End after the message that is being delivered."""
        self._stop.set()
        self._woken.set()

    async def run(self) -> None:
        """Follow the store until :meth:`stop`."""
        while not self._stop.is_set:
            await self._until_due()
            if not self._stop.is_set:
                await self._look()

    async def _until_due(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._stop.is_set:
            self._woken.clear()
            due = self._reconcile_at if self._feed.look_at is None else min(self._feed.look_at, self._reconcile_at)
            pause = max(due, self._not_before) - loop.time()
            if pause <= 0:
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
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
        if self._passing.older is None:
            clock = int(self._wall() * SECOND) if listing.clock is None else listing.clock + SECOND
            self._passing.older = 0 if self._is_new or not self._rules.keeps_each else clock
        ready = self._feed.judge(listing)
        if names := self._feed.unlisted(listing, is_ready=bool(ready)):
            ready = await self._examine(names, listing)
        if is_reconciliation and listing.before is not None:
            self._feed.look_again()  # the list was cut before its end
        self._passing.show_lag()
        await self._passing.pass_on(ready)
        self._feed.forget(self._feed.since(2 * int(self._rules.back * SECOND)))

    async def _examine(self, names: Sequence[str], listing: Listing) -> list[Entry]:
        """Find out what the messages are that the list does not show; return those that may be passed on now."""
        kept = await self._keeper.known(names)
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
                self._ask_later(name, result)
        return self._feed.judge(listing)

    def _dismiss(self, name: str, result: Passed) -> None:
        """Have done with a message that the list does not show, and that is not to be delivered."""
        if result is Passed.GONE:
            self._tell.gone(name)
        self._ends.meter.passed(result)
        self._feed.dismiss(name)
        self._ends.settled([name])

    def _ask_later(self, name: str, failure: Unavailable) -> None:
        """Have a message asked for again that the list does not show."""
        self._ends.meter.failed("store")
        self._asked[name] = self._asked.get(name, 0) + 1
        self._tell.held(name, failure, self._asked[name], EXAMINED_AGAIN_SECONDS)
        self._feed.ask_later(name, asyncio.get_running_loop().time() + EXAMINED_AGAIN_SECONDS)

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

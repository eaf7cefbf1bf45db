"""Finds out what a message is that a notification has told of and that the store's list does not show.

The list may leave it out, because Hilum has ingested it or because of the settings' condition; it may be deleted; or it
is not visible in the list yet, or was created before the time from which on the list is asked. Nobody can tell these
apart by the list. So the message itself is asked for before its notification is acknowledged.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Protocol

from adapters.events.getting import GONE_AFTER_SECONDS, Gone
from adapters.events.hl7v2.feed import Entry, Listing
from adapters.events.hl7v2.listing import NOT_A_MESSAGE, Fetched
from gateway.contract.meter import Passed
from gateway.contract.outcome import Unavailable

AT_ONCE = 4
"""Messages that are asked for at a time."""
NOT_SHOWN = Unavailable("the store has the message, and its list does not show it yet")
ASKED_AGAIN = Unavailable("the store says that it has no such message; it is asked again")

Found = Entry | Passed | Unavailable
"""The message is to be delivered, or is done with, or has to be asked for again."""


class Source(Protocol):
    """The store, as the follower sees it."""

    async def listed(self, since: int) -> Listing | Unavailable:
        """Return the messages created from *since* on."""

    async def get(self, name: str, most: int | None = None) -> Fetched | Gone | Unavailable:
        """Return a message whose reply has at most *most* octets; None is what the settings permit."""

    async def described(self, name: str) -> Fetched | Gone | Unavailable:
        """Return a message without its data."""

    async def is_excluded(self, entry: Entry) -> bool | Unavailable:
        """Return whether the list leaves a message out that would be in it without its condition."""


class Examiner:
    """Asks a store for messages by their names."""

    def __init__(
        self,
        source: Source,
        own: Callable[[Collection[str]], Awaitable[Collection[str]]],
        own_label: str | None,
        floor: int,
        *,
        has_condition: bool,
    ) -> None:
        self._source, self._own, self._own_label = source, own, own_label
        self._floor, self._has_condition = floor, has_condition
        self._missing: dict[str, int] = {}
        """How often in a row each name was missing."""

    async def examine(self, names: Sequence[str]) -> dict[str, Found]:
        """Return what became known of each name."""
        own = set(await self._own(names))
        slots = asyncio.Semaphore(AT_ONCE)

        async def ask(name: str) -> Found:
            async with slots:
                return await self._examined(name)

        others = [name for name in names if name not in own]
        found = await asyncio.gather(*map(ask, others))
        return dict.fromkeys(own, Passed.OWN) | dict(zip(others, found, strict=True))

    async def _examined(self, name: str) -> Found:
        fetched = await self._source.described(name)
        if isinstance(fetched, Gone):
            return self._gone(name)
        self._missing.pop(name, None)
        if isinstance(fetched, Unavailable):
            return fetched
        if self._own_label in fetched.labels:
            return Passed.OWN
        return NOT_A_MESSAGE if fetched.created is None else await self._wanted(Entry(fetched.created, name))

    def _gone(self, name: str) -> Passed | Unavailable:
        times = self._missing[name] = self._missing.get(name, 0) + 1
        if times <= len(GONE_AFTER_SECONDS):
            return ASKED_AGAIN
        del self._missing[name]
        return Passed.GONE

    async def _wanted(self, entry: Entry) -> Found:
        if entry.created < self._floor:
            return Passed.IRRELEVANT
        is_excluded = await self._source.is_excluded(entry) if self._has_condition else False
        if isinstance(is_excluded, Unavailable):
            return is_excluded
        return Passed.IRRELEVANT if is_excluded else entry

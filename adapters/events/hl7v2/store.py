"""Lists and fetches the messages of an HL7v2 store."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from adapters.events.getting import Gone, get_body
from adapters.events.hl7v2.examining import NOT_SHOWN
from adapters.events.hl7v2.feed import Entry, Listing
from adapters.events.hl7v2.listing import MOST_PAGE, Addresses, Fetched, Page, read_description, read_message, read_page
from adapters.events.instants import MILLISECOND, read_http_date
from adapters.rest.http.client import Client
from adapters.rest.http.reply import Reply
from gateway.contract.outcome import Unavailable

MOST_LISTED = 10_000
"""Most messages that are listed at a time; if there are more, only the oldest ones are."""
MOST_PAGE_OCTETS = 4 * 1024 * 1024
SMALL = 64 * 1024
"""Largest reply that is read in the event loop."""
NO_PROGRESS = Unavailable("the store's list of messages does not end")
UNKNOWN_ADDRESS = Unavailable("the store does not know the address (HTTP 404)")

T = TypeVar("T")


class Hl7v2Source:
    """One store, by a *client* that is entered and left by others."""

    def __init__(self, client: Client, addresses: Addresses, max_reply_bytes: int) -> None:
        self._client = client
        self._addresses = addresses
        self._most = max_reply_bytes
        self._page_size = MOST_PAGE
        self._clock: int | None = None
        """The time of the store's last reply, by its clock; None if it did not say."""

    async def listed(self, since: int) -> Listing | Unavailable:
        """Return the messages created from *since* on; if there are too many, the oldest of them."""
        before: int | None = None
        newest = 0
        while True:
            started = asyncio.get_running_loop().time()
            found = await self._pages(since, before)
            if isinstance(found, Unavailable):
                return found
            entries, is_whole = found
            newest = max([newest, *(each.created for each in entries)])
            narrower = None if is_whole else _narrowed(entries, before)
            if narrower is None:
                return Listing(entries, started, asyncio.get_running_loop().time(), before, newest, self._clock)
            before = narrower

    async def get(self, name: str, most: int | None = None) -> Fetched | Gone | Unavailable:
        """Return a message whose reply has at most *most* octets; None is what the settings permit."""
        url, most = self._addresses.message(name), self._most if most is None else min(most, self._most)
        return await self._get(url, most, lambda body: read_message(body, name))

    async def described(self, name: str) -> Fetched | Gone | Unavailable:
        """Return a message without its data."""
        url = self._addresses.description(name)
        return await self._get(url, self._most, lambda body: read_description(body, name))

    async def clock(self) -> int | Unavailable | None:
        """Return the time by the store's clock, in nanoseconds since the epoch; None if it does not say."""
        page = await self._page(0, MILLISECOND, "")
        return page if isinstance(page, Unavailable) else self._clock

    async def is_excluded(self, entry: Entry) -> bool | Unavailable:
        """Return whether the list leaves a message out that would be in it without its condition."""
        since = entry.created // MILLISECOND * MILLISECOND
        # In this order: a message that becomes visible in between is not taken for one that is left out.
        for with_all in (True, False):
            found = await self._pages(since, since + MILLISECOND, with_all=with_all)
            if isinstance(found, Unavailable):
                return found
            is_shown = entry.name in {each.name for each in found[0]}
            if with_all and not is_shown:
                return NOT_SHOWN
        return not is_shown

    async def _pages(
        self, since: int, before: int | None, *, with_all: bool = False
    ) -> tuple[list[Entry], bool] | Unavailable:
        """Return the entries of all pages, and whether these are all."""
        entries: list[Entry] = []
        token, tokens = "", set[str]()
        while True:
            page = await self._page(since, before, token, with_all=with_all)
            if isinstance(page, Unavailable):
                return page
            entries += page.entries
            if not page.next_token:
                return entries, True
            if page.next_token in tokens:
                return NO_PROGRESS
            tokens.add(token := page.next_token)
            if len(entries) >= MOST_LISTED and _narrowed(entries, before) is not None:
                return entries, False

    async def _page(self, since: int, before: int | None, token: str, *, with_all: bool = False) -> Page | Unavailable:
        url = self._addresses.page(since, before, token, self._page_size, with_all=with_all)
        page = await self._get(url, MOST_PAGE_OCTETS, lambda body: read_page(body, self._addresses))
        if isinstance(page, Page):
            self._page_size = min(MOST_PAGE, self._page_size * 2)
            return page
        self._page_size = max(1, self._page_size // 4)  # a store that ignores `fields` sends whole messages
        return UNKNOWN_ADDRESS if isinstance(page, Gone) else page

    def _heard(self, reply: Reply) -> None:
        self._clock = read_http_date(reply.headers.get("Date"))

    async def _get(self, url: str, most: int, read: Callable[[bytes], T | Unavailable]) -> T | Gone | Unavailable:
        """Return what *read* makes of the body of a 200."""
        body = await get_body(self._client, url, "application/json", most, self._heard)
        if not isinstance(body, bytes):
            return body
        return read(body) if len(body) <= SMALL else await asyncio.to_thread(read, body)


def _narrowed(entries: list[Entry], before: int | None) -> int | None:
    """Return an earlier end of the list, with about a quarter of the messages; None if there is none."""
    times = sorted(each.created for each in entries)
    end = (times[len(times) // 4] // MILLISECOND + 1) * MILLISECOND
    return end if (before is None or end < before) and end <= times[-1] else None

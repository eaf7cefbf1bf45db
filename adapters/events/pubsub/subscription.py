"""Pulls from a subscription of Pub/Sub, keeps the leases of what was pulled, and acknowledges it when it is settled."""

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from functools import partial
from typing import Literal, TypeVar

import structlog

from adapters.events.pauses import is_told, pause_after
from adapters.events.pubsub.leases import EXTENDED_SECONDS, Leases
from adapters.events.pubsub.pull_reply import (
    NameIn,
    Notification,
    Terms,
    ack_requests,
    plain_name,
    pull_body,
    read_pull,
    read_terms,
)
from adapters.rest.http.client import Client
from adapters.rest.http.reply import Reply
from adapters.rest.verdict.outcomes import unavailable
from gateway.contract.meter import SourceMeter
from gateway.contract.outcome import Unavailable

HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}
CEILING = 60.0
TOGETHER_SECONDS = 0.05
"""Acknowledgements wait for others for so long, to go in one request."""
EMPTY_SECONDS, MOST_EMPTY_SECONDS, SOON = 0.5, 5.0, 1.0
"""Pause after an empty reply that came in less than SOON: Pub/Sub waits for a first message, but need not."""
NOT_PERMANENT = {401, 403, 408, 429}
"""Statuses from 400 to 499 after which the same request may succeed later."""
SMALL = 64 * 1024
"""Largest reply that is read in the event loop."""
FULL_SECONDS = 0.5
"""How often it is looked for room while as many notifications are held as may be."""

T = TypeVar("T")

log = structlog.get_logger()


class Subscription:
    """One subscription, by a *client* that is entered and left by others. *told* gets the name in each notification."""

    def __init__(
        self,
        listener: str,
        url: str,
        client: Client,
        meter: SourceMeter,
        told: Callable[[str], None],
        name_in: NameIn = plain_name,
    ) -> None:
        self._name_in = name_in
        self._listener, self._url, self._client, self._meter, self._told = listener, url, client, meter, told
        self.leases = Leases()
        self._changed = asyncio.Event()
        self._failures: dict[str, int] = {}

    def settled(self, names: Collection[str]) -> None:
        """Have the notifications about these names acknowledged."""
        self.leases.settle(names)
        if self.leases.settled:
            self._changed.set()

    def settling(self, name: str) -> Callable[[], None]:
        """Return a function that has those notifications about a name acknowledged that are held now."""
        ack_ids = self.leases.held(name)

        def settle() -> None:
            self.leases.settle_some(name, ack_ids)
            if self.leases.settled:
                self._changed.set()

        return settle

    async def terms(self) -> Terms | None:
        """Ask for the settings of the subscription; None if they are not to be had, which is logged."""
        reply = await self._client.request("GET", self._url, {"Accept": "application/json"})
        terms = self._judged("get", _read(reply, read_terms))
        if isinstance(terms, Unavailable):
            return None
        self.leases.ack_seconds = terms.ack_seconds
        return terms

    async def pull(self) -> None:
        """Pull until cancelled."""
        empty = 0
        while True:
            if not self.leases.room:
                await asyncio.sleep(FULL_SECONDS)
                continue
            # A reply that cannot be read may be too large: other publishers may send to the topic what they like.
            most = 1 if self._failures.get("pull") else self.leases.room
            began = asyncio.get_running_loop().time()
            reply = await self._post("pull", pull_body(most))
            found = self._judged("pull", await self._read_pull(reply))
            if isinstance(found, Unavailable):
                await asyncio.sleep(pause_after(self._failures["pull"], CEILING, found.retry_after))
                continue
            self._take(found)
            is_soon = asyncio.get_running_loop().time() - began < SOON
            empty = empty + 1 if is_soon and not found else 0
            if empty:
                await asyncio.sleep(min(MOST_EMPTY_SECONDS, EMPTY_SECONDS * 2.0 ** min(empty - 1, 10)))

    async def keep(self) -> None:
        """Extend deadlines and acknowledge until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await self._until_due()
            await self._extend(self.leases.due(loop.time()))
            await self.acknowledge()
            if failures := max(self._failures.get("acknowledge", 0), self._failures.get("modifyAckDeadline", 0)):
                await asyncio.sleep(pause_after(failures, self.leases.ack_seconds / 4))

    async def acknowledge(self) -> None:
        """Acknowledge what is settled now. What fails stays settled, for the next time.

        Ack IDs that Pub/Sub refuses for good, such as outdated ones, are dropped: their notifications come again.
        """
        self._changed.clear()
        settled = list(self.leases.settled)
        for body, size in ack_requests(settled):
            if not await self._is_done("acknowledge", body):
                return
            self.leases.acknowledged(size)

    async def _until_due(self) -> None:
        due = self.leases.next_due()
        pause = None if due is None else max(0.0, due - asyncio.get_running_loop().time())
        if not self.leases.settled:
            with suppress(TimeoutError):
                async with asyncio.timeout(CEILING if pause is None else min(pause, CEILING)):
                    await self._changed.wait()
        if self.leases.settled and pause != 0:
            await asyncio.sleep(TOGETHER_SECONDS)

    async def _extend(self, due: list[str]) -> None:
        done = 0
        for body, size in ack_requests(due, EXTENDED_SECONDS):
            is_taken = await self._is_done("modifyAckDeadline", body)
            if not is_taken:
                return
            if is_taken == "dropped":
                self.leases.drop(due[done : done + size])
            self.leases.extended(due[done : done + size], asyncio.get_running_loop().time())
            done += size

    def _take(self, notifications: list[Notification]) -> None:
        self._meter.notified(len(notifications))
        now = asyncio.get_running_loop().time()
        for each in notifications:
            self.leases.hold(each, now)
        self._changed.set()  # a deadline may be due earlier than all others
        for each in notifications:
            self._told(each.name)

    async def _is_done(self, method: str, body: bytes) -> Literal["taken", "dropped"] | None:
        """Send ack IDs; return None if they have to be sent again."""
        reply = await self._client.request("POST", f"{self._url}:{method}", HEADERS, body, repeatable=True)
        failure = reply if isinstance(reply, Unavailable) else unavailable(reply) if reply.status != 200 else None
        self._judged(method, failure or reply)
        if failure is None:
            return "taken"
        is_permanent = isinstance(reply, Reply) and 400 <= reply.status < 500 and reply.status not in NOT_PERMANENT
        return "dropped" if is_permanent else None

    async def _read_pull(self, reply: Reply | Unavailable) -> list[Notification] | Unavailable:
        """Return the notifications in a reply; a large one, with whole resources, is not read in the event loop."""
        read = partial(_read, reply, partial(read_pull, name_in=self._name_in))
        is_large = isinstance(reply, Reply) and len(reply.body) > SMALL
        return await asyncio.to_thread(read) if is_large else read()

    async def _post(self, method: str, body: bytes) -> Reply | Unavailable:
        # All three may be repeated: a notification that is pulled and lost comes again.
        reply = await self._client.request("POST", f"{self._url}:{method}", HEADERS, body, repeatable=True)
        return reply if isinstance(reply, Unavailable) or reply.status == 200 else unavailable(reply)

    def _judged(self, what: str, result: T | Unavailable) -> T | Unavailable:
        """Return *result*; count and log a failure."""
        if not isinstance(result, Unavailable):
            self._failures[what] = 0
            return result
        self._failures[what] = self._failures.get(what, 0) + 1
        self._meter.failed("subscription")
        if is_told(self._failures[what]):
            log.warning(
                "subscription_failed",
                listener=self._listener,
                request=what,
                reason=result.reason.replace("the store", "Pub/Sub"),
                times=self._failures[what],
            )
        return result


def _read(reply: Reply | Unavailable, read: Callable[[bytes], T | Unavailable]) -> T | Unavailable:
    if isinstance(reply, Unavailable):
        return reply
    return read(reply.body) if reply.status == 200 else unavailable(reply)

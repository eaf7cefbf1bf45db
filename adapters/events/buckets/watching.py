"""Waits until notifications of buckets come, and acknowledges them when what they told of has been looked at.

Nothing in a notification is believed but that something has changed: which objects there are, the listing says. So a
forged or doubled one costs one more look, and one that is lost is made good by the next look without one. What is not
acknowledged when the process ends comes again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial

import structlog

from adapters.events.buckets.settings import BucketNotificationsSettings
from adapters.events.listener import PUSHED
from adapters.events.pubsub.pull_reply import NO_NAME
from adapters.events.pubsub.subscription import Subscription
from adapters.rest.connecting.dialer import Trust
from adapters.rest.credentials.authorization import Way
from adapters.rest.http.client import Client
from gateway.contract.kind import Tools
from gateway.contract.meter import SourceMeter

PLACE = "pipeline.notifications"
CHANGED = "changed"
"""The one name under which the notifications of all changes are held: a look is at all buckets."""
CHANGES = ("OBJECT_FINALIZE", "OBJECT_DELETE", "OBJECT_ARCHIVE")
"""Event types of Cloud Storage that change what a listing tells. OBJECT_METADATA_UPDATE does not."""
DEAD_LETTERS = (
    "the subscription has a deadLetterPolicy, by which notifications of runs that fail are taken away after some "
    "attempts; the buckets are still looked at each watch_seconds; remove the policy, it helps nothing here"
)
CLOSING_SECONDS = 5

log = structlog.get_logger()


def change_in(_: bytes, attributes: Mapping[str, object]) -> str:
    """Return CHANGED if a notification tells of a change of a bucket. Never raises."""
    return CHANGED if attributes.get("eventType") in CHANGES else NO_NAME


class BucketWatch:
    """Knows whether a bucket has changed since somebody began to look."""

    def __init__(self, settings: BucketNotificationsSettings, client: Client, meter: SourceMeter) -> None:
        self._settle_seconds = settings.settle_seconds
        self._told = asyncio.Event()
        self._subscription = Subscription(PLACE, settings.subscription_url, client, meter, self._take, change_in)
        self._tasks = [asyncio.create_task(each()) for each in (self._pull, self._subscription.keep)]

    def begin(self) -> Callable[[], None]:
        """Begin to look; return what is to be called when that has ended well. It acknowledges what has come before."""
        self._told.clear()
        return self._subscription.settling(CHANGED)

    async def changed(self) -> None:
        """Return some seconds after the first notification since :meth:`begin`."""
        told = asyncio.create_task(self._told.wait())
        try:
            done, _ = await asyncio.wait([told, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
        finally:
            told.cancel()
        for task in done:
            task.result()  # raises what has ended the pulling
        await asyncio.sleep(self._settle_seconds)

    async def close(self) -> None:
        """Pull no more, and acknowledge what is settled."""
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_SECONDS):
                await self._subscription.acknowledge()

    async def _pull(self) -> None:
        terms = await self._subscription.terms()
        if terms is not None and terms.attempts is not None:
            log.warning("subscription_noticed", listener=PLACE, reason=DEAD_LETTERS)
        if terms is not None and terms.is_pushed:
            log.error("subscription_noticed", listener=PLACE, reason=PUSHED)
        await self._subscription.pull()

    def _take(self, name: str) -> None:
        if name == CHANGED:
            self._told.set()
        else:
            log.debug("notification_ignored", listener=PLACE)
            self._subscription.settled([name])


@asynccontextmanager
async def open_watch(
    settings: BucketNotificationsSettings, tools: Tools, meter: SourceMeter
) -> AsyncIterator[BucketWatch]:
    """Pull notifications until left; raises ConfigError if a file in the settings cannot be used."""
    credentials = settings.client.credentials
    tokens = tools.contexts(f"{PLACE}.credentials.tls", getattr(credentials, "tls", None))
    way = Way(tokens, settings.client.max_retry_after_seconds, settings.proxy)
    authorize = partial(tools.credentials[credentials.kind].open, credentials, way)
    async with Client(
        settings.client, Trust(tools.contexts(f"{PLACE}.tls", settings.tls), tokens, authorize)
    ) as client:
        watch = BucketWatch(settings, client, meter)
        try:
            yield watch
        finally:
            await watch.close()

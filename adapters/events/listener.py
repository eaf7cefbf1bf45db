"""A listener that fetches what a store tells of by Pub/Sub: its tasks, their start and their end."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Protocol

import structlog

from adapters.events.pubsub.pull_reply import NameIn, plain_name
from adapters.events.pubsub.subscription import Subscription
from adapters.events.settings import FetchSettings
from adapters.rest.connecting.dialer import Trust
from adapters.rest.credentials.authorization import Way
from adapters.rest.http.client import Client
from adapters.rest.ingested import IngestedNames
from adapters.rest.settings import RestSettings
from gateway.contract.destination import Deliver
from gateway.contract.errors import ConfigError
from gateway.contract.kind import Tools
from gateway.contract.meter import ListenerMeter, SourceMeter
from gateway.contract.once import OnePerGateway

log = structlog.get_logger()

DEAD_LETTERS = (
    "the subscription has a deadLetterPolicy, by which notifications that wait for a destination are taken away after "
    "some attempts; no message is lost by that, but its notification is; remove the policy, it helps nothing here"
)
PUSHED = "the subscription pushes its messages to another place, so nothing can be pulled; empty its pushConfig"


class Work(Protocol):
    """What is done with notifications, by the kind of the store."""

    def is_name(self, name: str) -> bool:
        """Whether a notification with this name is about something in the store."""

    def told(self, name: str) -> None:
        """Take such a notification."""

    async def run(self) -> None:
        """Work until :meth:`stop`."""

    def stop(self) -> None:
        """End after what is being delivered."""


class PubsubListener:
    """Fetches until it is told to stop; see ``gateway.contract.listener.Drained``."""

    _name_in: NameIn = staticmethod(plain_name)

    def __init__(
        self,
        name: str,
        settings: FetchSettings,
        deliver: Deliver,
        meters: tuple[ListenerMeter, SourceMeter],
        tools: Tools,
    ) -> None:
        assert tools.data_dir is not None  # noqa: S101  the composition root gives it
        self._name, self._settings, self._tools = name, settings, tools
        self._deliver, (self._meter, self._source_meter) = deliver, meters
        self._data_dir: Path = tools.data_dir
        self._stopping = asyncio.Event()
        self._finished = asyncio.Event()
        self._work: Work | None = None
        self.tasks = {asyncio.create_task(self._live())}
        """One task, which ends when the message that is being delivered is done with."""

    def stop_accepting(self) -> None:
        """Fetch nothing more."""
        self._stopping.set()
        if self._work is not None:
            self._work.stop()

    async def _live(self) -> None:
        run = asyncio.create_task(_awaited(self._tools.keep_going(f"listener {self._name}", self._run)))
        finished = asyncio.create_task(self._until_finished())
        try:
            await asyncio.wait([run, finished], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (run, finished):
                task.cancel()
            await asyncio.wait([run, finished])

    async def _until_finished(self) -> None:
        await self._stopping.wait()
        if self._work is not None:
            await self._finished.wait()

    async def _run(self) -> None:
        """Wait until no other process of the gateway fetches, then fetch until told to stop."""
        async with OnePerGateway(self._data_dir, f"listener {self._name}") as once:
            await once.taken()
            if not self._stopping.is_set():
                try:
                    await self._fetch()
                except ConfigError as error:  # such as a record that is damaged: it may be repaired at any time
                    log.error("source_not_opened", listener=self._name, reason=str(error))
                    raise
            self._finished.set()
            await asyncio.Event().wait()  # until cancelled: whoever returned would be restarted

    async def _fetch(self) -> None:
        settings = self._settings
        async with AsyncExitStack() as stack:
            store, pubsub = [await stack.enter_async_context(self._client(each)) for each in settings.clients]
            self._own = IngestedNames(self._data_dir, settings.reads)
            stack.push_async_callback(self._own.close)
            subscription = self._subscription = Subscription(
                self._name, settings.subscription_url, pubsub, self._source_meter, self._told, self._name_in
            )
            work = self._work = await self._open_work(stack, store)
            log.info("source_opened", listener=self._name, subscription=settings.subscription, url=settings.store)
            try:
                await self._follow(work, subscription)
            finally:
                self._work = None

    async def _open_work(self, stack: AsyncExitStack, store: Client) -> Work:
        """Return what is done with notifications; what it needs is left at the end of *stack*."""
        raise NotImplementedError

    async def _follow(self, work: Work, subscription: Subscription) -> None:
        """Work until told to stop, with the pulling and the leases beside it."""
        beside: list[Callable[[], Awaitable[None]]] = [partial(self._pull, subscription), subscription.keep]
        tasks = [asyncio.create_task(_awaited(each())) for each in beside]
        following = asyncio.create_task(work.run())
        if self._stopping.is_set():
            work.stop()
        try:
            done, _ = await asyncio.wait([following, *tasks], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()  # raises what has ended it
        finally:
            for task in (following, *tasks):
                task.cancel()
            await asyncio.wait([following, *tasks])
        with suppress(TimeoutError):
            async with asyncio.timeout(5):
                await subscription.acknowledge()

    async def _pull(self, subscription: Subscription) -> None:
        terms = await subscription.terms()
        if terms is not None and terms.attempts is not None:
            log.warning("subscription_noticed", listener=self._name, reason=DEAD_LETTERS)
        if terms is not None and terms.is_pushed:
            log.error("subscription_noticed", listener=self._name, reason=PUSHED)
        await subscription.pull()

    def _told(self, name: str) -> None:
        """Take the name in a notification; one about something else is no concern of this listener."""
        if self._work is not None and self._work.is_name(name):
            self._work.told(name)
        else:
            log.debug("notification_ignored", listener=self._name)
            self._subscription.settled([name])

    def _client(self, settings: RestSettings) -> Client:
        place = f"listeners.{self._name}"
        credentials, tools = settings.credentials, self._tools
        tokens = tools.contexts(f"{place}.credentials.tls", getattr(credentials, "tls", None))
        way = Way(tokens, settings.max_retry_after_seconds, settings.proxy)
        authorize = partial(tools.credentials[credentials.kind].open, credentials, way)
        return Client(settings, Trust(tools.contexts(f"{place}.tls", settings.tls), tokens, authorize))


async def _awaited(awaitable: Awaitable[None]) -> None:
    await awaitable

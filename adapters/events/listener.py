"""A listener that fetches what a store tells of by Pub/Sub: its tasks, their start and their end."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from contextlib import AsyncExitStack, suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import Protocol

import structlog

from adapters.events.dicom.instance import InstanceAddresses
from adapters.events.dicom.source import InstanceSource
from adapters.events.dicom.source import naming as instance_naming
from adapters.events.fetching import FetchEnds, Fetcher, FetchRules
from adapters.events.hl7v2.following import Follower
from adapters.events.hl7v2.listing import Addresses
from adapters.events.hl7v2.passing import Ends, Rules
from adapters.events.hl7v2.record import Record
from adapters.events.hl7v2.store import Hl7v2Source
from adapters.events.instants import SECOND
from adapters.events.intake import deliverer, instance_deliverer
from adapters.events.pauses import is_told, pause_after
from adapters.events.pubsub.subscription import Subscription
from adapters.events.settings import FetchSettings, PubsubDicomSettings, PubsubSettings
from adapters.events.telling import Teller
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
from gateway.contract.outcome import Unavailable

log = structlog.get_logger()

DEAD_LETTERS = (
    "the subscription has a deadLetterPolicy, by which notifications that wait for a destination are taken away after "
    "some attempts; no message is lost by that, but its notification is; remove the policy, it helps nothing here"
)
PUSHED = "the subscription pushes its messages to another place, so nothing can be pulled; empty its pushConfig"


MOST_PAUSE = 60.0


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
                self._name, settings.subscription_url, pubsub, self._source_meter, self._told
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


async def _none(_: Collection[str]) -> Collection[str]:
    return ()


class Hl7v2Listener(PubsubListener):
    """Fetches the messages of an HL7v2 store."""

    _settings: PubsubSettings

    async def _open_work(self, stack: AsyncExitStack, store: Client) -> Work:
        settings = self._settings
        addresses = Addresses(settings.store, settings.condition_of_list)
        record = Record(self._data_dir, self._name, addresses.store, 2 * int(settings.look_back_seconds * SECOND))
        stack.push_async_callback(record.close)
        source = Hl7v2Source(store, addresses, settings.max_reply_bytes)
        position = await record.load(None) or await record.load(settings.first(await self._now(source)))
        assert position is not None  # noqa: S101  there is a start
        take = deliverer(self._name, settings.host, settings.charset, self._deliver, self._meter)
        settled = self._subscription.settled
        own = self._own.known if settings.own_label is not None else _none
        ends = Ends(source, record, take, own, settled, self._source_meter, addresses.is_name)
        rules = Rules(
            self._name,
            settings.settle_seconds,
            settings.reconcile_seconds,
            settings.look_back_seconds,
            settings.own_label,
            settings.on_refused == "skip",
            settings.acknowledge == "relay",
            has_condition=bool(settings.condition.strip()),
        )
        return Follower(rules, ends, position)

    async def _now(self, source: Hl7v2Source) -> float:
        """Return the time by the store's clock, by which messages are created; this machine's may be wrong."""
        for attempt in count(1):
            found = await source.clock() if self._settings.start == "now" else None
            if not isinstance(found, Unavailable):
                return time.time() if found is None else found / SECOND
            self._source_meter.failed("store")
            pause = pause_after(attempt, MOST_PAUSE)
            if is_told(attempt):
                log.warning(
                    "source_list_failed",
                    listener=self._name,
                    reason=found.reason,
                    times=attempt,
                    again_in=round(pause, 3),
                )
            await asyncio.sleep(pause)
        raise AssertionError


class DicomListener(PubsubListener):
    """Fetches the instances of a DICOM store."""

    _settings: PubsubDicomSettings

    async def _open_work(self, stack: AsyncExitStack, store: Client) -> Work:  # noqa: ARG002  nothing is left behind
        settings, addresses = self._settings, InstanceAddresses(self._settings.store)
        source = InstanceSource(store, addresses, self._own.known, settings.max_reply_bytes)
        take = instance_deliverer(self._name, settings.host, self._deliver, self._meter)
        tell, settling = Teller(self._name, instance_naming), self._subscription.settling
        ends = FetchEnds(addresses.is_name, source.get, take, settling, self._source_meter, tell)
        return Fetcher(FetchRules(settings.settle_seconds, settings.on_refused == "skip"), ends)


async def fetch(
    name: str,
    settings: PubsubSettings,
    deliver: Deliver,
    meter: ListenerMeter,
    source_meter: SourceMeter,
    tools: Tools,
) -> PubsubListener:
    """Begin to fetch the messages of an HL7v2 store."""
    return Hl7v2Listener(name, settings, deliver, (meter, source_meter), tools)


async def fetch_instances(
    name: str,
    settings: PubsubDicomSettings,
    deliver: Deliver,
    meter: ListenerMeter,
    source_meter: SourceMeter,
    tools: Tools,
) -> PubsubListener:
    """Begin to fetch the instances of a DICOM store."""
    return DicomListener(name, settings, deliver, (meter, source_meter), tools)

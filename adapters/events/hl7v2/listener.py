"""The listener that fetches the messages of an HL7v2 store."""

import asyncio
import time
from collections.abc import Collection
from contextlib import AsyncExitStack
from itertools import count

import structlog

from adapters.events.hl7v2.following import Follower
from adapters.events.hl7v2.listing import Addresses
from adapters.events.hl7v2.passing import Ends, Rules
from adapters.events.hl7v2.record import Record
from adapters.events.hl7v2.store import Hl7v2Source
from adapters.events.instants import SECOND
from adapters.events.intake import deliverer
from adapters.events.listener import PubsubListener, Work
from adapters.events.pauses import is_told, pause_after
from adapters.events.settings import PubsubSettings
from adapters.rest.http.client import Client
from gateway.contract.outcome import Unavailable

MOST_PAUSE = 60.0

log = structlog.get_logger()


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

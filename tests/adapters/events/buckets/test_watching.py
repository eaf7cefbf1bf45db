"""Notifications of buckets, at the sandbox's Pub/Sub and at an odd one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

from adapters.events.buckets.settings import BucketNotificationsSettings
from adapters.events.buckets.watching import CHANGED, PLACE, BucketWatch, change_in, open_watch
from adapters.events.pubsub.pull_reply import NO_NAME
from gateway.contract.kind import Tools
from gateway.kinds import KINDS
from gateway.telemetry.metrics import Metrics
from gateway.tls.opening import store_contexts
from tests.adapters.events.cloud import SUBSCRIPTION, TOPIC, Cloud
from tests.adapters.events.scripted import scripted
from tests.waiting import until

UPLOADED = {"eventType": "OBJECT_FINALIZE", "bucketId": "north", "objectId": "dicom/DOE^JANE.dcm"}


@asynccontextmanager
async def watching(url: str) -> AsyncIterator[BucketWatch]:
    """Open a watch that does not wait for the end of an upload."""
    settings = BucketNotificationsSettings(subscription=SUBSCRIPTION, pubsub_url=url, settle_seconds=0)
    tools = Tools(lambda place, tls: store_contexts(place, tls, None), KINDS.credentials)
    async with open_watch(settings, tools, Metrics().sources.of(PLACE)) as watch:
        yield watch


async def publish(cloud: Cloud, **attributes: str) -> None:
    """Publish a message as Cloud Storage does."""
    url, body = f"{cloud.sandbox.url}/v1/{TOPIC}:publish", {"messages": [{"attributes": attributes}]}
    async with cloud.client.post(url, json=body) as response:
        assert response.status == 200


async def is_told(watch: BucketWatch, seconds: float) -> bool:
    """Return whether a change is told of within so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await watch.changed()
    except TimeoutError:
        return False
    return True


async def test_a_look_that_ends_well(cloud: Cloud) -> None:
    """A notification wakes who waits, and is acknowledged when the look behind it has ended well, not before."""
    await cloud.subscribe()
    async with watching(cloud.sandbox.url) as watch:
        watch.begin()()
        await publish(cloud, **UPLOADED)
        assert await is_told(watch, 30)
        ended_well = watch.begin()
        assert not await is_told(watch, 0)
        assert cloud.outstanding == 1
        ended_well()
        await until(lambda: cloud.outstanding == 0)


async def test_a_change_during_the_look(cloud: Cloud) -> None:
    """What comes after a look has begun is not acknowledged by it, and wakes again."""
    await cloud.subscribe()
    async with watching(cloud.sandbox.url) as watch:
        await publish(cloud, **UPLOADED)
        assert await is_told(watch, 30)
        ended_well = watch.begin()
        await publish(cloud, **UPLOADED, eventTime="later")
        assert await is_told(watch, 30)
        ended_well()
        await until(lambda: cloud.outstanding == 1)
        watch.begin()()
        await until(lambda: cloud.outstanding == 0)


async def test_a_look_that_fails(cloud: Cloud) -> None:
    """Its notification is acknowledged by the next look that ends well."""
    await cloud.subscribe()
    async with watching(cloud.sandbox.url) as watch:
        await publish(cloud, **UPLOADED)
        assert await is_told(watch, 30)
        watch.begin()
        watch.begin()()
        await until(lambda: cloud.outstanding == 0)


async def test_the_end_of_the_process(cloud: Cloud) -> None:
    """A notification whose look has not ended well is not acknowledged: it comes again."""
    await cloud.subscribe()
    async with watching(cloud.sandbox.url) as watch:
        await publish(cloud, **UPLOADED)
        assert await is_told(watch, 30)
        watch.begin()
    assert cloud.outstanding == 1


async def test_settled_at_the_end(cloud: Cloud) -> None:
    """What was looked at is acknowledged also when the process ends at once."""
    await cloud.subscribe()
    async with watching(cloud.sandbox.url) as watch:
        await publish(cloud, **UPLOADED)
        assert await is_told(watch, 30)
        watch.begin()()
    assert cloud.outstanding == 0


async def test_no_change(cloud: Cloud) -> None:
    """What tells of no change is acknowledged and wakes nobody."""
    await cloud.subscribe()
    async with watching(cloud.sandbox.url) as watch:
        await publish(cloud, eventType="OBJECT_METADATA_UPDATE", bucketId="north", objectId="a")
        await publish(cloud, eventType="OBJECT_DELETE", bucketId="north", objectId="a")
        assert await is_told(watch, 30)
        watch.begin()
        await until(lambda: cloud.outstanding == 1)


@pytest.mark.parametrize("attributes", [{}, {"eventType": 7}, {"eventType": ["OBJECT_FINALIZE"]}, {"eventType": {}}])
def test_odd_attributes(attributes: dict[str, Any]) -> None:
    """Whatever is published, it is a change or none."""
    assert change_in(b"", attributes) == NO_NAME
    assert change_in(b"\xff", {**attributes, "eventType": "OBJECT_FINALIZE"}) == CHANGED


async def test_a_subscription_that_does_not_suit() -> None:
    """An operator is told that nothing can be pulled, and that notifications are taken away."""
    terms = {"deadLetterPolicy": {"deadLetterTopic": "t"}, "pushConfig": {"pushEndpoint": "https://elsewhere.example"}}

    def answer(request: Any, _: bytes) -> object:
        return terms if request.method == "GET" else {}

    with capture_logs() as logs:
        async with scripted(answer) as server, watching(server.url):
            await until(lambda: sum(each["event"] == "subscription_noticed" for each in logs) == 2)
    assert {each["listener"] for each in logs} == {PLACE}
    assert {each["log_level"] for each in logs} == {"warning", "error"}


async def test_no_subscription(cloud: Cloud) -> None:
    """Without the subscription nobody is woken, and the log says why."""
    with capture_logs() as logs:
        async with watching(cloud.sandbox.url):
            await until(lambda: {"get", "pull"} <= {each.get("request") for each in logs})

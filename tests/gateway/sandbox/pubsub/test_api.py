"""Topics and subscriptions over HTTP."""

import asyncio
import base64
from typing import Any

import pytest

from tests.gateway.sandbox.pubsub.conftest import Call

TOPIC, SUBSCRIPTION = "topics/results", "subscriptions/hilum"
OF_TOPIC = {"topic": "projects/p/topics/results"}


def message(data: bytes, **attributes: str) -> dict[str, object]:
    """Return a message to publish."""
    return {"data": base64.b64encode(data).decode(), "attributes": attributes}


async def set_up(call: Call, **settings: object) -> None:
    """Create the topic and the subscription."""
    assert (await call("PUT", TOPIC))[0] == 200
    assert (await call("PUT", SUBSCRIPTION, {**OF_TOPIC, **settings}))[0] == 200


async def pulled(call: Call, *, at_once: bool = True) -> list[dict[str, Any]]:
    """Return what a pull gives."""
    body = {"maxMessages": 10, **({"returnImmediately": True} if at_once else {})}
    status, reply = await call("POST", f"{SUBSCRIPTION}:pull", body)
    assert status == 200
    return list(reply.get("receivedMessages", []))


async def test_publish_pull_acknowledge(call: Call) -> None:
    """What is published is pulled with its attributes, and does not come again once it is acknowledged."""
    await set_up(call)
    _, published = await call("POST", f"{TOPIC}:publish", {"messages": [message(b"name", msgType="ORU")]})
    (received,) = await pulled(call)
    sent = received["message"]
    assert (sent["messageId"], base64.b64decode(sent["data"]), sent["attributes"]) == (
        published["messageIds"][0],
        b"name",
        {"msgType": "ORU"},
    )
    assert "deliveryAttempt" not in received
    assert (200, {}) == await call("POST", f"{SUBSCRIPTION}:acknowledge", {"ackIds": [received["ackId"]]})
    assert [] == await pulled(call)


async def test_pull_waits(call: Call) -> None:
    """A pull without messages waits for the first one."""
    await set_up(call)
    waiting = asyncio.create_task(pulled(call, at_once=False))
    await call("POST", f"{TOPIC}:publish", {"messages": [message(b"a")]})
    assert 1 == len(await waiting)


async def test_nack(call: Call) -> None:
    """A deadline of 0 wakes who waits; with a dead letter policy the attempts are counted."""
    dead = {"deadLetterTopic": "projects/p/topics/dead", "maxDeliveryAttempts": 5}
    await set_up(call, deadLetterPolicy=dead)
    await call("POST", f"{TOPIC}:publish", {"messages": [message(b"a")]})
    (first,) = await pulled(call)
    waiting = asyncio.create_task(pulled(call, at_once=False))
    body = {"ackIds": [first["ackId"]], "ackDeadlineSeconds": 0}
    await call("POST", f"{SUBSCRIPTION}:modifyAckDeadline", body)
    assert [2] == [each["deliveryAttempt"] for each in await waiting]


async def test_get_list_delete(call: Call) -> None:
    """Topics and subscriptions are shown, listed and deleted."""
    await set_up(call, ackDeadlineSeconds=30)
    name = "projects/p/subscriptions/hilum"
    _, shown = await call("GET", SUBSCRIPTION)
    assert (name, 30, "ACTIVE") == (shown["name"], shown["ackDeadlineSeconds"], shown["state"])
    assert (200, {"subscriptions": [shown]}) == await call("GET", "subscriptions")
    assert (200, {"subscriptions": [name]}) == await call("GET", f"{TOPIC}/subscriptions")
    assert (200, {"topics": [{"name": "projects/p/topics/results"}]}) == await call("GET", "topics")
    assert (200, {"name": "projects/p/topics/results"}) == await call("GET", TOPIC)
    assert (200, {}) == await call("DELETE", TOPIC)
    assert "_deleted-topic_" == (await call("GET", SUBSCRIPTION))[1]["topic"]
    assert (200, {}) == await call("DELETE", SUBSCRIPTION)
    assert [404, 404] == [(await call("GET", each))[0] for each in (TOPIC, SUBSCRIPTION)]


async def test_exists(call: Call) -> None:
    """What exists is not created again."""
    await set_up(call)
    replies = [await call("PUT", TOPIC), await call("PUT", SUBSCRIPTION, OF_TOPIC)]
    assert [(409, "ALREADY_EXISTS")] * 2 == [(status, reply["error"]["status"]) for status, reply in replies]


async def test_a_deleted_subscription_ends_its_pulls(call: Call) -> None:
    """A pull of a subscription that is deleted meanwhile is answered."""
    await set_up(call)
    waiting = asyncio.create_task(pulled(call, at_once=False))
    await call("POST", f"{TOPIC}:publish", {"messages": [message(b"a")]})
    await waiting
    waiting = asyncio.create_task(pulled(call, at_once=False))
    await call("DELETE", SUBSCRIPTION)
    async with asyncio.timeout(10):
        await asyncio.wait([waiting])


WRONG = {
    "a topic that does not exist": ("POST", "topics/other:publish", {"messages": [{"data": "YQ=="}]}, 404),
    "a subscription that does not exist": ("POST", "subscriptions/other:pull", {"maxMessages": 1}, 404),
    "a subscription of no topic": ("PUT", "subscriptions/more", {"topic": "projects/p/topics/other"}, 404),
    "no messages": ("POST", f"{TOPIC}:publish", {"messages": []}, 400),
    "a message without content": ("POST", f"{TOPIC}:publish", {"messages": [{}]}, 400),
    "no maxMessages": ("POST", f"{SUBSCRIPTION}:pull", {}, 400),
    "too many": ("POST", f"{SUBSCRIPTION}:pull", {"maxMessages": 1001}, 400),
    "no ack IDs": ("POST", f"{SUBSCRIPTION}:acknowledge", {"ackIds": []}, 400),
    "a deadline of 601 s": (
        "POST",
        f"{SUBSCRIPTION}:modifyAckDeadline",
        {"ackIds": ["x"], "ackDeadlineSeconds": 601},
        400,
    ),
    "not an object": ("POST", f"{SUBSCRIPTION}:pull", [], 400),
}


@pytest.mark.parametrize(("method", "path", "body", "status"), WRONG.values(), ids=WRONG)
async def test_wrong(call: Call, method: str, path: str, body: object, status: int) -> None:
    """A request that Pub/Sub refuses is refused, in Google's form."""
    await set_up(call)
    found, reply = await call(method, path, body)
    assert (status, status) == (found, reply["error"]["code"])

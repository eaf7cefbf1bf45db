"""Topics and subscriptions over HTTP, in the JSON format of Pub/Sub. They are kept in memory only."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

from aiohttp import web

from gateway.sandbox.google_error import ApiError
from gateway.sandbox.pubsub import resource
from gateway.sandbox.pubsub.broker import Broker, Leased, Subscription
from gateway.sandbox.pubsub.resource import read_object, reply

PROJECT = "/v1/projects/{project:[a-z0-9][a-z0-9:.-]*}"
TOPIC = f"{PROJECT}/topics/{{topic:{resource.NAME}}}"
SUBSCRIPTION = f"{PROJECT}/subscriptions/{{subscription:{resource.NAME}}}"
PULL_SECONDS = 20.0
"""How long a pull waits for a first message."""


class PubsubApi:
    """The handlers of topics and subscriptions. *pushed* is told of each subscription that is new, changed or gone."""

    def __init__(self, broker: Broker, pushed: Callable[[str, dict[str, Any] | None], None]) -> None:
        self._broker = broker
        self._pushed = pushed
        self._resources: dict[str, dict[str, Any]] = {}
        self._is_ending = False
        self._arrivals: dict[str, asyncio.Event] = {}

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the application."""
        return [
            web.get(f"{PROJECT}/topics", self.list_topics),
            web.put(TOPIC, self.create_topic),
            web.get(TOPIC, self.get_topic),
            web.delete(TOPIC, self.delete_topic),
            web.post(f"{TOPIC}:publish", self.publish),
            web.get(f"{TOPIC}/subscriptions", self.list_of_topic),
            web.get(f"{PROJECT}/subscriptions", self.list_subscriptions),
            web.put(SUBSCRIPTION, self.create_subscription),
            web.get(SUBSCRIPTION, self.get_subscription),
            web.delete(SUBSCRIPTION, self.delete_subscription),
            web.post(f"{SUBSCRIPTION}:pull", self.pull),
            web.post(f"{SUBSCRIPTION}:acknowledge", self.acknowledge),
            web.post(f"{SUBSCRIPTION}:modifyAckDeadline", self.modify_ack_deadline),
            web.post(f"{SUBSCRIPTION}:modifyPushConfig", self.modify_push_config),
        ]

    async def create_topic(self, request: web.Request) -> web.Response:
        """Create a topic."""
        name, body = _topic_name(request), await read_object(request)
        if name in self._broker.topics:
            raise ApiError(409, "the topic exists")
        self._broker.topics[name] = {**body, "name": name}
        return reply(self._broker.topics[name])

    async def get_topic(self, request: web.Request) -> web.Response:
        """Return a topic."""
        return reply(self._topic(request))

    async def list_topics(self, request: web.Request) -> web.Response:
        """Return the topics of a project, on one page."""
        return _listed("topics", (each for name, each in self._broker.topics.items() if _is_in(request, name)))

    async def delete_topic(self, request: web.Request) -> web.Response:
        """Delete a topic; its subscriptions stay and get nothing more."""
        self._topic(request)
        name = _topic_name(request)
        for subscription in self._broker.subscriptions_of(name):
            self._broker.subscriptions[subscription].topic = self._resources[subscription]["topic"] = "_deleted-topic_"
        del self._broker.topics[name]
        return reply({})

    async def publish(self, request: web.Request) -> web.Response:
        """Publish all messages of the request, or none."""
        self._topic(request)
        messages = (await read_object(request)).get("messages")
        if not isinstance(messages, list) or not 0 < len(messages) <= resource.MOST_MESSAGES:
            raise ApiError(400, f"a request has 1 to {resource.MOST_MESSAGES} messages")
        found = [resource.read_message(each) for each in messages]
        if sum(len(data) for data, *_ in found) > resource.MOST_MESSAGE:
            raise ApiError(400, f"a request has at most {resource.MOST_MESSAGE} octets")
        return reply({"messageIds": [self._broker.publish(_topic_name(request), *each) for each in found]})

    async def list_of_topic(self, request: web.Request) -> web.Response:
        """Return the names of a topic's subscriptions."""
        self._topic(request)
        return _listed("subscriptions", self._broker.subscriptions_of(_topic_name(request)))

    async def create_subscription(self, request: web.Request) -> web.Response:
        """Create a subscription of a topic that exists."""
        name, body = _subscription_name(request), await read_object(request)
        if name in self._broker.subscriptions:
            raise ApiError(409, "the subscription exists")
        terms = resource.terms_of(body)
        if body.get("topic") not in self._broker.topics:
            raise ApiError(404, "there is no such topic")
        arrived = self._arrivals[name] = asyncio.Event()
        self._broker.subscriptions[name] = Subscription(body["topic"], terms)
        self._broker.when_arrived(name, arrived.set)
        defaults = {"messageRetentionDuration": "604800s", "expirationPolicy": {"ttl": "2678400s"}}
        given = {"name": name, "state": "ACTIVE", "ackDeadlineSeconds": int(terms.ack_seconds)}
        self._resources[name] = {"pushConfig": {}, **defaults, **body, **given}
        self._pushed(name, self._resources[name])
        return reply(self._resources[name])

    async def get_subscription(self, request: web.Request) -> web.Response:
        """Return a subscription."""
        self._subscription(request)
        return reply(self._resources[_subscription_name(request)])

    async def list_subscriptions(self, request: web.Request) -> web.Response:
        """Return the subscriptions of a project, on one page."""
        return _listed("subscriptions", (each for name, each in self._resources.items() if _is_in(request, name)))

    async def delete_subscription(self, request: web.Request) -> web.Response:
        """Delete a subscription with its messages."""
        self._subscription(request)
        name = _subscription_name(request)
        self._broker.forget(name)
        del self._resources[name]
        self._arrivals.pop(name).set()
        self._pushed(name, None)
        return reply({})

    async def modify_push_config(self, request: web.Request) -> web.Response:
        """Change where messages are pushed; an empty configuration makes the subscription one that is pulled."""
        self._subscription(request)
        found = self._resources[_subscription_name(request)]
        found["pushConfig"] = (await read_object(request)).get("pushConfig") or {}
        self._pushed(found["name"], found)
        return reply({})

    async def pull(self, request: web.Request) -> web.Response:
        """Lease messages; without any, wait a while, and then answer with an empty object."""
        found, body = self._subscription(request), await read_object(request)
        name, most = _subscription_name(request), resource.number(body, "maxMessages", 1, 1000)
        if self._resources[name]["pushConfig"].get("pushEndpoint"):
            raise ApiError(400, "the messages of this subscription are pushed")
        leased = self._broker.pull(name, most)
        if not leased and not body.get("returnImmediately"):
            leased = await self._wait(name, most)
        is_counted = found.terms.dead_letter_topic is not None
        return reply(
            {"receivedMessages": [_received(each, is_counted=is_counted) for each in leased]} if leased else {}
        )

    async def acknowledge(self, request: web.Request) -> web.Response:
        """Remove messages from the subscription."""
        found = self._subscription(request)
        found.acknowledge(resource.ack_ids(await read_object(request)))
        return reply({})

    async def modify_ack_deadline(self, request: web.Request) -> web.Response:
        """Move the deadlines of leased messages."""
        found, body = self._subscription(request), await read_object(request)
        ids, seconds = resource.ack_ids(body), resource.number(body, "ackDeadlineSeconds", 0, 600)
        found.extend(ids, seconds, self._broker.clock())
        self._arrivals[_subscription_name(request)].set()
        return reply({})

    async def end_pulls(self, _: web.Application) -> None:
        """Answer the pulls that wait, because the server ends."""
        self._is_ending = True
        for arrived in self._arrivals.values():
            arrived.set()

    async def _wait(self, name: str, most: int) -> Sequence[Leased]:
        loop = asyncio.get_running_loop()
        end = loop.time() + PULL_SECONDS
        while (left := end - loop.time()) > 0 and name in self._broker.subscriptions and not self._is_ending:
            arrived = self._arrivals[name]
            arrived.clear()
            now = self._broker.clock()
            due = self._broker.subscriptions[name].next_available(now)
            with suppress(TimeoutError):
                await asyncio.wait_for(arrived.wait(), left if due is None else min(left, due - now + 0.001))
            if name in self._broker.subscriptions and (leased := self._broker.pull(name, most)):
                return leased
        return ()

    def _topic(self, request: web.Request) -> dict[str, object]:
        found = self._broker.topics.get(_topic_name(request))
        if found is None:
            raise ApiError(404, "there is no such topic")
        return found

    def _subscription(self, request: web.Request) -> Subscription:
        found = self._broker.subscriptions.get(_subscription_name(request))
        if found is None:
            raise ApiError(404, "there is no such subscription")
        return found


def _topic_name(request: web.Request) -> str:
    return f"projects/{request.match_info['project']}/topics/{request.match_info['topic']}"


def _subscription_name(request: web.Request) -> str:
    return f"projects/{request.match_info['project']}/subscriptions/{request.match_info['subscription']}"


def _is_in(request: web.Request, name: str) -> bool:
    return name.startswith(f"projects/{request.match_info['project']}/")


def _listed(key: str, found: Iterable[object]) -> web.Response:
    page = list(found)
    return reply({key: page} if page else {})


def _received(leased: Leased, *, is_counted: bool) -> dict[str, object]:
    counted = {"deliveryAttempt": leased.attempt} if is_counted else {}
    return {"ackId": leased.ack_id, "message": resource.message_resource(leased.message), **counted}

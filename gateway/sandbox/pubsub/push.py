"""Push: posts the messages of a subscription to an endpoint; a success acknowledges, anything else is tried again."""

import asyncio
import json
from contextlib import suppress
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from gateway.sandbox.google_error import ApiError
from gateway.sandbox.pubsub.broker import Broker, Leased
from gateway.sandbox.pubsub.oidc import Issuer
from gateway.sandbox.pubsub.resource import message_resource, reply

LOOK_SECONDS, MOST, PAUSE_SECONDS = 0.05, 10, 0.1


class Pusher:
    """One task for each subscription with a push endpoint; enter it before the first one is made."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._issuer = Issuer()
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def __aenter__(self) -> "Pusher":
        return self

    async def __aexit__(self, *_: object) -> None:
        for name in list(self._tasks):
            self.changed(name, None)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the application."""
        return [web.get("/oauth2/v1/certs", self.certificates)]

    async def certificates(self, _: web.Request) -> web.Response:
        """Return the certificates by which tokens are verified."""
        return reply(self._issuer.certificates())

    def changed(self, name: str, resource: dict[str, Any] | None) -> None:
        """Begin, change or end the pushing of a subscription; raises ApiError if its endpoint is not valid."""
        push = (resource or {}).get("pushConfig") or {}
        endpoint = push.get("pushEndpoint")
        if endpoint and not str(endpoint).startswith(("http://", "https://")):
            raise ApiError(400, "pushConfig.pushEndpoint must be an address")
        if (running := self._tasks.pop(name, None)) is not None:
            running.cancel()
        if endpoint:
            self._tasks[name] = asyncio.create_task(self._run(name, push))

    async def _run(self, name: str, push: dict[str, Any]) -> None:
        seconds = self._broker.subscriptions[name].terms.ack_seconds
        async with ClientSession(timeout=ClientTimeout(total=seconds)) as client:
            while name in self._broker.subscriptions:
                leased = self._broker.pull(name, MOST)
                taken = await asyncio.gather(*(self._post(client, name, push, each) for each in leased))
                await asyncio.sleep(LOOK_SECONDS if all(taken) else PAUSE_SECONDS)

    async def _post(self, client: ClientSession, name: str, push: dict[str, Any], leased: Leased) -> bool:
        headers, body = self._request(name, push, leased)
        status = 0
        with suppress(ClientError, TimeoutError, OSError):
            async with client.post(push["pushEndpoint"], data=body, headers=headers) as response:
                status = response.status
        found = self._broker.subscriptions.get(name)
        if found is None:
            return True
        if status in {102, 200, 201, 202, 204}:  # Pub/Sub, "Receive messages": these acknowledge
            found.acknowledge([leased.ack_id])
            return True
        found.extend([leased.ack_id], 0, self._broker.clock())
        return False

    def _request(self, name: str, push: dict[str, Any], leased: Leased) -> tuple[dict[str, str], bytes]:
        headers = {"Content-Type": "application/json"}
        oidc = push.get("oidcToken")
        if oidc:
            audience = oidc.get("audience") or push["pushEndpoint"]
            headers["Authorization"] = f"Bearer {self._issuer.token(audience, oidc.get('serviceAccountEmail', ''))}"
        if push.get("noWrapper") is not None:
            return headers | {"Content-Type": "application/octet-stream"}, leased.message.data
        message = message_resource(leased.message)
        wrapped: dict[str, object] = {"message": message, "subscription": name}
        if self._broker.subscriptions[name].terms.dead_letter_topic is not None:
            wrapped["deliveryAttempt"] = leased.attempt
        return headers, json.dumps(wrapped).encode()

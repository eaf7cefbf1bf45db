"""Push: to an endpoint that the test serves."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, web
from google.auth import jwt

from gateway.sandbox.server import Sandbox
from tests.gateway.sandbox.pubsub.conftest import Call

EMAIL = "push@p.iam.gserviceaccount.com"


class Endpoint:
    """Keeps what is pushed, and answers the first request with 500."""

    def __init__(self) -> None:
        self.requests: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
        self.failures = 1
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        """Take one message."""
        self.requests.put_nowait((request.headers.get("Authorization", ""), await request.read()))
        self.failures -= 1
        return web.Response(status=500 if self.failures >= 0 else 204)


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    """Serve an endpoint."""
    found, application = Endpoint(), web.Application()
    application.add_routes([web.post("/push", found.take)])
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/push"
    yield found
    await runner.cleanup()


async def test_push(call: Call, endpoint: Endpoint, sandbox: Sandbox, client: ClientSession) -> None:
    """A message is pushed with a token until the endpoint takes it; then it is acknowledged."""
    push = {"pushEndpoint": endpoint.url, "oidcToken": {"serviceAccountEmail": EMAIL, "audience": "hilum"}}
    await call("PUT", "topics/results")
    await call("PUT", "subscriptions/hilum", {"topic": "projects/p/topics/results", "pushConfig": push})
    await call("POST", "topics/results:publish", {"messages": [{"data": base64.b64encode(b"name").decode()}]})
    pushed = [await endpoint.requests.get() for _ in range(2)]
    async with client.get(f"{sandbox.url}/oauth2/v1/certs") as response:
        certificates = await response.json()
    claims = jwt.decode(pushed[1][0].removeprefix("Bearer "), certs=certificates, audience="hilum")
    wrapped = json.loads(pushed[1][1])
    assert (EMAIL, "projects/p/subscriptions/hilum", b"name") == (
        claims["email"],
        wrapped["subscription"],
        base64.b64decode(wrapped["message"]["data"]),
    )
    async with asyncio.timeout(30):
        while sandbox.broker.subscriptions["projects/p/subscriptions/hilum"].entries:
            await asyncio.sleep(0.01)


async def test_pushed_or_pulled(call: Call, endpoint: Endpoint) -> None:
    """A subscription that pushes is not pulled, until its configuration is emptied."""
    await call("PUT", "topics/results")
    settings = {"topic": "projects/p/topics/results", "pushConfig": {"pushEndpoint": endpoint.url}}
    await call("PUT", "subscriptions/hilum", settings)
    pull = "POST", "subscriptions/hilum:pull", {"maxMessages": 1, "returnImmediately": True}
    assert 400 == (await call(*pull))[0]
    await call("POST", "subscriptions/hilum:modifyPushConfig", {"pushConfig": {}})
    assert (200, {}) == await call(*pull)


async def test_no_address(call: Call) -> None:
    """An endpoint that is no address is refused."""
    await call("PUT", "topics/results")
    settings = {"topic": "projects/p/topics/results", "pushConfig": {"pushEndpoint": "here"}}
    assert 400 == (await call("PUT", "subscriptions/hilum", settings))[0]

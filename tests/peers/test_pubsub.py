"""Google's own clients of Pub/Sub, pointed at the sandbox."""

import asyncio
import base64
import json
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httplib2
import pytest
from googleapiclient.discovery import build

from gateway.sandbox.server import DATASET, Sandbox
from tests.peers.programs import ROOT

TOPIC, SUBSCRIPTION = "projects/p/topics/results", "projects/p/subscriptions/hilum"
MESSAGE = b"MSH|^~\\&|APP|FAC|TO|THERE|20240102||ORU^R01^ORU_R01|42|P|2.5\rPID|1||7^^^^MR\r"
PYTHON = ROOT / "build" / "google-peers" / "bin" / "python"
SCRIPT = ROOT / "tests" / "peers" / "google" / "pubsub_client.py"


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    """Run a sandbox."""
    async with Sandbox(tmp_path / "stores") as running:
        yield running


async def execute(request: Any) -> Any:
    """Do what a synchronous client does, beside the loop that the sandbox runs in."""
    return await asyncio.to_thread(request.execute)


def service(sandbox: Sandbox, name: str) -> Any:
    """Return Google's client of an API, made from the discovery document that its wheel carries."""
    options = {"api_endpoint": sandbox.url}
    return build(name, "v1", http=httplib2.Http(), static_discovery=True, cache_discovery=False, client_options=options)


async def test_api_client(sandbox: Sandbox) -> None:
    """google-api-python-client sets up a store and its topic; a message that it creates is told, and acknowledged."""
    pubsub, healthcare = service(sandbox, "pubsub"), service(sandbox, "healthcare")
    topics, subscriptions = pubsub.projects().topics(), pubsub.projects().subscriptions()
    stores = healthcare.projects().locations().datasets().hl7V2Stores()
    await execute(topics.create(name=TOPIC, body={}))
    await execute(subscriptions.create(name=SUBSCRIPTION, body={"topic": TOPIC, "ackDeadlineSeconds": 30}))
    dataset = DATASET.removeprefix("v1/")
    configured = {"notificationConfigs": [{"pubsubTopic": TOPIC, "filter": 'NOT labels."hilum":*'}]}
    await execute(stores.create(parent=dataset, hl7V2StoreId="s", body=configured))
    body = {"message": {"data": base64.b64encode(MESSAGE).decode()}}
    created = await execute(stores.messages().create(parent=f"{dataset}/hl7V2Stores/s", body=body))
    pulled = await execute(subscriptions.pull(subscription=SUBSCRIPTION, body={"maxMessages": 10}))
    (received,) = pulled["receivedMessages"]
    assert (created["name"].encode(), {"msgType": "ORU"}) == (
        base64.b64decode(received["message"]["data"]),
        received["message"]["attributes"],
    )
    ids = {"ackIds": [received["ackId"]]}
    await execute(subscriptions.modifyAckDeadline(subscription=SUBSCRIPTION, body={**ids, "ackDeadlineSeconds": 60}))
    await execute(subscriptions.acknowledge(subscription=SUBSCRIPTION, body=ids))
    again = {"maxMessages": 10, "returnImmediately": True}
    assert {} == await execute(subscriptions.pull(subscription=SUBSCRIPTION, body=again))
    assert [SUBSCRIPTION] == (await execute(topics.subscriptions().list(topic=TOPIC)))["subscriptions"]
    pubsub.close()
    healthcare.close()


async def run(*command: str | Path, environment: dict[str, str] | None = None) -> str:
    """Run a program to its end and return what it prints."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **(environment or {})},
    )
    async with asyncio.timeout(200):
        said, complaint = await process.communicate()
    assert process.returncode == 0, complaint.decode()
    return said.decode()


@pytest.mark.skipif(not PYTHON.exists(), reason="google-cloud-pubsub is not installed: make google-peers")
async def test_pubsub_client(sandbox: Sandbox) -> None:
    """google-cloud-pubsub publishes, pulls, extends and acknowledges over REST."""
    said = await run(PYTHON, SCRIPT, f"127.0.0.1:{sandbox.port}")
    assert ["name", {"msgType": "ORU"}, 0] == json.loads(said)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("gcloud") is None, reason="gcloud is not on PATH")
async def test_gcloud(sandbox: Sandbox, tmp_path: Path) -> None:
    """`gcloud pubsub` creates, publishes, describes, pulls and acknowledges."""
    token = tmp_path / "token"
    token.write_text("token")
    environment = {
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_PUBSUB": f"{sandbox.url}/",
        "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE": str(token),
        "CLOUDSDK_CONFIG": str(tmp_path / "gcloud"),
        "CLOUDSDK_CORE_PROJECT": "p-project",
        "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
        "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "1",
        "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "1",
    }

    async def gcloud(*words: str) -> Any:
        return json.loads(await run("gcloud", "pubsub", *words, "--format=json", environment=environment))

    await gcloud("topics", "create", "results")
    created = await gcloud("subscriptions", "create", "hilum", "--topic=results", "--ack-deadline=30")
    await gcloud("topics", "publish", "results", "--message=name", "--attribute=msgType=ORU")
    described = await gcloud("subscriptions", "describe", "hilum")
    (received,) = await gcloud("subscriptions", "pull", "hilum", "--auto-ack", "--limit=10")
    left = sandbox.broker.subscriptions["projects/p-project/subscriptions/hilum"].entries
    assert (b"name", "ORU", 30, {}) == (
        base64.b64decode(received["message"]["data"]),
        received["message"]["attributes"]["msgType"],
        described["ackDeadlineSeconds"],
        left,
    )
    assert created

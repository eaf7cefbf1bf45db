"""Google's own client, pointed at the sandbox's HL7v2 store."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httplib2
import pytest
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from gateway.sandbox.server import Sandbox

PARENT = "projects/p/locations/l/datasets/d/hl7V2Stores/s"
MESSAGE = b"MSH|^~\\&|APP|FAC|TO|THERE|20240102||ADT^A01^ADT_A01|42|P|2.5\rPID|1||7^^^^MR\r"


@pytest.fixture
async def messages(tmp_path: Path) -> AsyncIterator[Any]:
    """Yield the client's resource of messages, made from the discovery document that its wheel carries."""
    async with Sandbox(tmp_path) as sandbox:
        service = build(
            "healthcare",
            "v1",
            http=httplib2.Http(),
            static_discovery=True,
            cache_discovery=False,
            client_options={"api_endpoint": sandbox.url},
        )
        yield service.projects().locations().datasets().hl7V2Stores().messages()
        service.close()


async def execute(request: Any) -> Any:
    """Do what the synchronous client does, beside the loop that the sandbox runs in."""
    return await asyncio.to_thread(request.execute)


def body(data: bytes, **labels: str) -> dict[str, Any]:
    """Return the body of a request that carries a message."""
    return {"message": {"data": base64.b64encode(data).decode(), **({"labels": labels} if labels else {})}}


async def test_ingest(messages: Any) -> None:
    """An ingested message is acknowledged; a second time it has the same ACK and the same name."""
    first, again = [await execute(messages.ingest(parent=PARENT, body=body(MESSAGE))) for _ in range(2)]
    assert first == again
    assert b"MSA|AA|42\r" in base64.b64decode(first["hl7Ack"])


async def test_create_get_list_delete(messages: Any) -> None:
    """A message can be created, shown, listed and deleted."""
    created = await execute(messages.create(parent=PARENT, body=body(MESSAGE, priority="high")))
    shown = await execute(messages.get(name=created["name"], view="FULL"))
    assert (base64.b64decode(shown["data"]), shown["labels"]) == (MESSAGE, {"priority": "high"})
    assert shown["parsedData"]["segments"][1]["fields"]["3.1"] == "7"
    assert await execute(messages.list(parent=PARENT)) == {"hl7V2Messages": [{"name": created["name"]}]}
    assert await execute(messages.delete(name=created["name"])) == {}
    assert await execute(messages.list(parent=PARENT)) == {}


async def test_pages(messages: Any) -> None:
    """The client's way of going from page to page comes to an end with every message seen."""
    for number in range(5):
        await execute(messages.ingest(parent=PARENT, body=body(MESSAGE.replace(b"|42|", b"|%d|" % number))))
    request = messages.list(parent=PARENT, pageSize=2, view="FULL", filter='message_type = "ADT"')
    seen: list[bytes] = []
    while request is not None:
        page = await execute(request)
        seen += [base64.b64decode(message["data"]).split(b"|")[9] for message in page["hl7V2Messages"]]
        request = messages.list_next(request, page)
    assert seen == [b"0", b"1", b"2", b"3", b"4"]


async def test_nack(messages: Any) -> None:
    """Malformed content raises the client's error, with the NACK where the client looks for details."""
    with pytest.raises(HttpError) as raised:
        await execute(messages.ingest(parent=PARENT, body=body(MESSAGE.replace(b"|42|", b"||"))))
    error = raised.value
    assert (error.status_code, error.reason) == (400, "invalid HL7v2 message: MSH-10 is required")
    (detail,) = json.loads(error.content)["error"]["details"]
    assert error.error_details == [detail]
    assert b"MSA|AE|\r" in base64.b64decode(detail["hl7Nack"])


async def test_not_found(messages: Any) -> None:
    """A message that is not there raises the client's error."""
    with pytest.raises(HttpError) as raised:
        await execute(messages.get(name=f"{PARENT}/messages/none"))
    assert raised.value.status_code == 404

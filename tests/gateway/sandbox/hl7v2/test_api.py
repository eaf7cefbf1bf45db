"""The HL7v2 store over HTTP."""

import base64
import json
from io import BytesIO
from typing import Any

import pytest
from aiohttp import ClientSession

from gateway.sandbox.server import Sandbox

MESSAGE = b"MSH|^~\\&|APP|FAC|TO|THERE|20240102||ADT^A01^ADT_A01|42|P|2.5\rPID|1||7^^^^MR||DOE^JANE\r"


def encoded(data: bytes) -> str:
    """Return *data* in base64."""
    return base64.b64encode(data).decode()


async def post(
    client: ClientSession, sandbox: Sandbox, body: object, method: str = "messages:ingest"
) -> tuple[int, dict[str, Any]]:
    """Return status and JSON of the reply to a POST."""
    async with client.post(f"{sandbox.hl7v2_store_url()}/{method}", json=body) as response:
        return response.status, await response.json()


async def get(client: ClientSession, url: str, **parameters: str) -> tuple[int, dict[str, Any]]:
    """Return status and JSON of the reply to a GET."""
    async with client.get(url, params=parameters) as response:
        return response.status, await response.json()


async def ingest(client: ClientSession, sandbox: Sandbox, data: bytes) -> dict[str, Any]:
    """Ingest a sound message and return the reply."""
    status, reply = await post(client, sandbox, {"message": {"data": encoded(data)}})
    assert status == 200, reply
    return reply


async def test_ingest(sandbox: Sandbox, client: ClientSession) -> None:
    """The reply has the ACK and the message resource."""
    reply = await ingest(client, sandbox, MESSAGE)
    message = reply["message"]
    assert base64.b64decode(reply["hl7Ack"]).split(b"\r")[1:] == [b"MSA|AA|42", b""]
    assert message.pop("name").startswith("projects/p/locations/l/datasets/d/hl7V2Stores/s/messages/")
    assert message.pop("createTime").endswith("Z")
    assert message == {
        "data": encoded(MESSAGE),
        "messageType": "ADT",
        "sendFacility": "FAC",
        "sendTime": "2024-01-02T00:00:00.000000Z",
        "patientIds": [{"value": "7", "type": "MR"}],
    }


async def test_duplicate(sandbox: Sandbox, client: ClientSession) -> None:
    """The same octets again get the same ACK, and are stored once; other octets with the same control ID are new."""
    first, again = [await ingest(client, sandbox, MESSAGE) for _ in range(2)]
    other = await ingest(client, sandbox, MESSAGE + b"ZZ1|1\r")
    assert first == again
    _, listed = await get(client, f"{sandbox.hl7v2_store_url()}/messages")
    assert listed == {"hl7V2Messages": [{"name": each["message"]["name"]} for each in (first, other)]}


async def test_nack(sandbox: Sandbox, client: ClientSession) -> None:
    """Malformed content is a 400 with the NACK among the details, and is not stored."""
    status, reply = await post(client, sandbox, {"message": {"data": encoded(MESSAGE.replace(b"\r", b"\n"))}})
    (detail,) = reply["error"].pop("details")
    assert status == 400
    assert reply == {
        "error": {
            "code": 400,
            "message": "invalid HL7v2 message: segments are not terminated with CR",
            "status": "INVALID_ARGUMENT",
        }
    }
    assert detail["@type"] == "type.googleapis.com/google.cloud.healthcare.v1.hl7v2.IngestMessageErrorDetail"
    assert base64.b64decode(detail["hl7Nack"]).split(b"\r")[1] == b"MSA|AE|42"
    assert await get(client, f"{sandbox.hl7v2_store_url()}/messages") == (200, {})


INVALID: dict[str, object] = {
    "not an object": [],
    "no message": {},
    "message is no object": {"message": "x"},
    "another key": {"message": {"data": encoded(MESSAGE)}, "resource": {}},
    "an unknown key in message": {"message": {"data": encoded(MESSAGE), "dta": "x"}},
    "no data": {"message": {}},
    "data is no text": {"message": {"data": 1}},
    "data is empty": {"message": {"data": ""}},
    "data is not base64": {"message": {"data": "MSH|"}},
    "data is not even ASCII": {"message": {"data": "ä"}},
    "labels are no object": {"message": {"data": encoded(MESSAGE), "labels": ["x"]}},
    "a label is no text": {"message": {"data": encoded(MESSAGE), "labels": {"x": 1}}},
}


@pytest.mark.parametrize("body", INVALID.values(), ids=INVALID)
async def test_invalid_request(sandbox: Sandbox, client: ClientSession, body: object) -> None:
    """A request that is not as the API wants it is a 400 without a NACK: the message was not judged."""
    status, reply = await post(client, sandbox, body)
    assert (status, reply["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert "details" not in reply["error"]


async def test_not_json(sandbox: Sandbox, client: ClientSession) -> None:
    """A body that is not JSON is a 400."""
    async with client.post(f"{sandbox.hl7v2_store_url()}/messages:ingest", data=MESSAGE) as response:
        assert response.status == 400


async def test_too_large(sandbox: Sandbox, client: ClientSession) -> None:
    """A body beyond all messages is a 413, one of 16 MiB is not."""
    statuses = []
    for size in (16 << 20, 25 << 20):
        body = json.dumps({"message": {"data": encoded(MESSAGE + b"OBX|" + b"x" * size)}}).encode()
        async with client.post(f"{sandbox.hl7v2_store_url()}/messages:ingest", data=BytesIO(body)) as response:
            statuses.append(response.status)
    assert statuses == [200, 413]


async def test_url_safe_base64(sandbox: Sandbox, client: ClientSession) -> None:
    """Both alphabets of base64 are read."""
    data = MESSAGE + b"ZZ1|\xff\xfe\xfb\xef\xbe\r"
    text = base64.urlsafe_b64encode(data).decode()
    assert {"-", "_"} & set(text)
    status, reply = await post(client, sandbox, {"message": {"data": text}})
    assert (status, reply["message"]["data"]) == (200, encoded(data))


async def test_create(sandbox: Sandbox, client: ClientSession) -> None:
    """Create stores too, with labels and without an ACK; malformed content has no NACK."""
    body = {"message": {"data": encoded(MESSAGE), "labels": {"priority": "high"}}}
    status, created = await post(client, sandbox, body, "messages")
    assert (status, created["labels"], "hl7Ack" in created) == (200, {"priority": "high"}, False)
    status, reply = await post(client, sandbox, {"message": {"data": encoded(b"PID|1")}}, "messages")
    assert (status, "details" in reply["error"]) == (400, False)


VIEWS = {
    None: {"data", "parsedData"},
    "FULL": {"data", "parsedData"},
    "MESSAGE_VIEW_UNSPECIFIED": {"data", "parsedData"},
    "RAW_ONLY": {"data"},
    "PARSED_ONLY": {"parsedData"},
}


@pytest.mark.parametrize("view", VIEWS)
async def test_views(sandbox: Sandbox, client: ClientSession, view: str | None) -> None:
    """A view decides whether the octets, the parsed fields or both are shown."""
    name = (await ingest(client, sandbox, MESSAGE))["message"]["name"]
    status, shown = await get(client, f"{sandbox.url}/v1/{name}", **({"view": view} if view else {}))
    common = {"name", "createTime", "sendTime", "sendFacility", "messageType", "patientIds"}
    assert (status, set(shown)) == (200, common | VIEWS[view])


async def test_basic_view(sandbox: Sandbox, client: ClientSession) -> None:
    """The basic view is the name; a view that needs a schema is refused."""
    name = (await ingest(client, sandbox, MESSAGE))["message"]["name"]
    assert await get(client, f"{sandbox.url}/v1/{name}", view="BASIC") == (200, {"name": name})
    status, _ = await get(client, f"{sandbox.url}/v1/{name}", view="SCHEMATIZED_ONLY")
    assert status == 400


async def test_pages(sandbox: Sandbox, client: ClientSession) -> None:
    """Page by page every message is listed once, in the order of arrival."""
    replies = [await ingest(client, sandbox, MESSAGE.replace(b"|42|", b"|%d|" % number)) for number in range(5)]
    names: list[str] = []
    sizes: list[int] = []
    token = ""
    while token or not names:
        _, page = await get(client, f"{sandbox.hl7v2_store_url()}/messages", pageSize="2", pageToken=token)
        names += [message["name"] for message in page["hl7V2Messages"]]
        sizes.append(len(page["hl7V2Messages"]))
        token = page.get("nextPageToken", "")
    assert names == [reply["message"]["name"] for reply in replies]
    assert sizes == [2, 2, 1]


async def test_list_view_and_filter(sandbox: Sandbox, client: ClientSession) -> None:
    """A list can show more than names, and only what meets a filter."""
    await ingest(client, sandbox, MESSAGE)
    await ingest(client, sandbox, MESSAGE.replace(b"ADT^A01^ADT_A01", b"ORU^R01"))
    url = f"{sandbox.hl7v2_store_url()}/messages"
    _, listed = await get(client, url, filter='message_type = "ORU"', view="RAW_ONLY")
    assert [message["messageType"] for message in listed["hl7V2Messages"]] == ["ORU"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("filter", "nonsense"),
        ("orderBy", "create_time"),
        ("pageSize", "-1"),
        ("pageSize", "1001"),
        ("pageSize", "9" * 5000),
        ("pageToken", "x"),
        ("pageToken", base64.urlsafe_b64encode(b"9" * 30).decode()),
        ("pageToken", base64.urlsafe_b64encode(b"-1").decode()),
        ("view", "x"),
    ],
)
async def test_invalid_list(sandbox: Sandbox, client: ClientSession, name: str, value: str) -> None:
    """A parameter that is not supported is a 400, never ignored."""
    status, reply = await get(client, f"{sandbox.hl7v2_store_url()}/messages", **{name: value})
    assert (status, reply["error"]["status"]) == (400, "INVALID_ARGUMENT")


async def test_delete(sandbox: Sandbox, client: ClientSession) -> None:
    """A deleted message is gone; after that it is not found."""
    name = (await ingest(client, sandbox, MESSAGE))["message"]["name"]
    statuses = []
    for _ in range(2):
        async with client.delete(f"{sandbox.url}/v1/{name}") as response:
            statuses.append(response.status)
    assert statuses == [200, 404]
    assert (await get(client, f"{sandbox.url}/v1/{name}"))[0] == 404


async def test_order_and_pages(sandbox: Sandbox, client: ClientSession) -> None:
    """OrderBy sorts by MSH-7, over several pages too; by default the order is that of arrival."""
    days = {day: MESSAGE.replace(b"20240102", b"202401%02d" % day) for day in (3, 1, 2)}
    names = {day: (await ingest(client, sandbox, data))["message"]["name"] for day, data in days.items()}
    url, listed = f"{sandbox.hl7v2_store_url()}/messages", dict[str, list[str]]()
    for order in ("", "send_time", "sendTime desc"):
        _, first = await get(client, url, orderBy=order, pageSize="2")
        _, second = await get(client, url, orderBy=order, pageSize="2", pageToken=first["nextPageToken"])
        listed[order] = [each["name"] for each in first["hl7V2Messages"] + second["hl7V2Messages"]]
    assert listed == {
        "": [names[day] for day in (3, 1, 2)],
        "send_time": [names[day] for day in (1, 2, 3)],
        "sendTime desc": [names[day] for day in (3, 2, 1)],
    }


async def test_partial_response(sandbox: Sandbox, client: ClientSession) -> None:
    """With ``fields`` a list has only these keys of each message."""
    message = (await ingest(client, sandbox, MESSAGE))["message"]
    url, fields = f"{sandbox.hl7v2_store_url()}/messages", "hl7V2Messages(name,createTime),nextPageToken"
    _, page = await get(client, url, view="RAW_ONLY", fields=fields)
    assert page == {"hl7V2Messages": [{key: message[key] for key in ("name", "createTime")}]}


async def test_creation_is_compared_in_milliseconds(sandbox: Sandbox, client: ClientSession) -> None:
    """A filter on createTime meets a message created in the same millisecond."""
    created = (await ingest(client, sandbox, MESSAGE))["message"]["createTime"]
    url = f"{sandbox.hl7v2_store_url()}/messages"
    for text, count in ((created, 1), (created[:10], 0)):
        condition = f'create_time >= "{text}"' if "T" in text else f'create_time < "{text}T00:00:00Z"'
        _, page = await get(client, url, filter=condition)
        assert count == len(page.get("hl7V2Messages", []))

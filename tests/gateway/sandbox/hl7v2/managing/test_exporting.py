"""Exports of messages."""

import json
from typing import Any

import pytest

from gateway.sandbox.google_error import ApiError
from gateway.sandbox.hl7v2.managing.exporting import AT_ONCE, read_request
from gateway.sandbox.pubsub.broker import Subscription
from tests.gateway.sandbox.hl7v2.managing.support import ingest, line, message, messages
from tests.gateway.sandbox.operations_client import HL7V2, Api

TOPIC = "projects/p/topics/results"
OUT = {"uriPrefix": "gs://data/out"}


def written(api: Api) -> list[Any]:
    """Return the lines of the object."""
    return [json.loads(each) for each in (api.bucket / "out/messages.ndjson").read_text().splitlines()]


async def test_round_trip(api: Api) -> None:
    """What is exported, another store imports: the same octets with the same labels."""
    count = AT_ONCE + 3
    api.put("in", b"\n".join(line(message(number), n=str(number)) for number in range(count)))
    await api.run(f"{HL7V2}:import", {"gcsSource": {"uri": "gs://data/in"}})
    done = await api.run(f"{HL7V2}:export", {"gcsDestination": OUT})
    assert done["metadata"]["counter"] == {"success": str(count)}
    await api.run(f"{HL7V2}2:import", {"gcsSource": {"uri": "gs://data/out/**"}})
    assert await messages(api, f"{HL7V2}2") == await messages(api)


async def test_chosen(api: Api) -> None:
    """A filter and a range of the time of sending choose; the end is not in the range."""
    for number, (kind, moment) in enumerate(
        (("ADT^A01", "20240101"), ("ADT^A01", "20240102"), ("ORU^R01", "20240102"), ("ADT^A01", "20240103"))
    ):
        await ingest(api, message(number, kind, moment))
    asked = {
        "startTime": "2024-01-02T00:00:00Z",
        "endTime": "2024-01-03T00:00:00Z",
        "filter": 'message_type = "ADT" OR message_type = "SIU"',
        "gcsDestination": {**OUT, "messageView": "BASIC"},
    }
    assert (await api.run(f"{HL7V2}:export", asked))["metadata"]["counter"] == {"success": "1"}
    assert [list(each) for each in written(api)] == [["name"]]
    await api.run(f"{HL7V2}:export", {"gcsDestination": {**OUT, "messageView": "PARSED_ONLY"}})
    assert {("data" in each, "parsedData" in each) for each in written(api)} == {(False, True)}


async def test_topic(api: Api) -> None:
    """A topic is told the names of the messages; one that does not exist is an error."""
    name = await ingest(api, message(1))
    asked = {"pubsubDestination": {"pubsubTopic": TOPIC}}
    assert (await api.run(f"{HL7V2}:export", asked))["error"]["code"] == 5
    api.sandbox.broker.topics[TOPIC] = {}
    api.sandbox.broker.subscriptions["s"] = Subscription(TOPIC)
    assert (await api.run(f"{HL7V2}:export", asked))["metadata"]["counter"] == {"success": "1"}
    assert [each.message.data for each in api.sandbox.broker.pull("s", 10)] == [name.encode()]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 400),
        ({"gcsDestination": OUT, "pubsubDestination": {"pubsubTopic": TOPIC}}, 400),
        ({"pubsubDestination": {"pubsubTopic": "x"}}, 400),
        ({"gcsDestination": {}}, 400),
        ({"gcsDestination": OUT, "filter": "x"}, 400),
        ({"gcsDestination": OUT, "startTime": "yesterday"}, 400),
        ({"gcsDestination": {**OUT, "contentStructure": "CSV"}}, 400),
        ({"gcsDestination": {**OUT, "messageView": "X"}}, 400),
        ({"gcsDestination": {**OUT, "messageView": "SCHEMATIZED_ONLY"}}, 501),
        ({"gcsDestination": OUT, "x": 1}, 400),
    ],
)
def test_refused(asked: dict[str, Any], status: int) -> None:
    """What cannot be exported is refused with its reason."""
    with pytest.raises(ApiError) as raised:
        read_request(asked)
    assert raised.value.status == status

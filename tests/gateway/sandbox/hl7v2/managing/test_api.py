"""HL7v2 stores as a whole, and labels, over HTTP."""

import base64

import pytest

from tests.gateway.sandbox.hl7v2.managing.support import ingest, message, messages
from tests.gateway.sandbox.operations_client import HL7V2, Api


async def test_labels(api: Api) -> None:
    """Labels of a patch are added to those of a message; nothing else can be changed."""
    name = await ingest(api, message(1), a="1", b="2")
    status, found = await api.ask("PATCH", f"{name}?updateMask=labels", {"labels": {"b": "3", "c": "4"}})
    assert (status, found["labels"]) == (200, {"a": "1", "b": "3", "c": "4"})
    assert await messages(api) == [(message(1), {"a": "1", "b": "3", "c": "4"})]
    for path, body, expected in (
        (f"{name}?updateMask=data", {}, 400),
        (name, {"labels": {}}, 400),
        (f"{name}?updateMask=labels", {"labels": {"a": 5}}, 400),
        (f"{name}?updateMask=labels", {"x": 5}, 400),
        (f"{name}0?updateMask=labels", {"labels": {}}, 404),
    ):
        assert (await api.ask("PATCH", path, body))[0] == expected


async def test_no_duplicates(api: Api) -> None:
    """A store may refuse the same octets a second time, with a NACK."""
    await api.ask("PATCH", f"{HL7V2}?updateMask=rejectDuplicateMessage", {"rejectDuplicateMessage": True})
    await ingest(api, message(1))
    body = {"message": {"data": base64.b64encode(message(1)).decode()}}
    status, reply = await api.ask("POST", f"{HL7V2}/messages:ingest", body)
    nack = base64.b64decode(reply["error"]["details"][0]["hl7Nack"])
    assert (status, b"MSA|AE|1" in nack) == (400, True)
    assert (await api.ask("POST", f"{HL7V2}/messages", body))[0] == 409


async def test_rollback_and_metrics(api: Api) -> None:
    """A rollback is an operation that is done; metrics have the name of the store."""
    name = await ingest(api, message(1))
    _, found = await api.ask("GET", f"{HL7V2}:getHL7v2StoreMetrics")
    assert (found["name"], found["metrics"][0]["count"]) == (HL7V2, "1")
    asked = {"rollbackTime": "2020-01-01T00:00:00Z", "resultGcsBucket": "data", "force": True}
    done = await api.run(f"{HL7V2}:rollback", asked)
    assert done["metadata"]["counter"] == {"success": "1"}
    assert done["response"]["@type"].endswith(".hl7v2.RollbackHl7V2MessagesResponse")
    assert (api.bucket / "rollback.txt").read_text().strip() == name.rpartition("/")[2]
    assert await messages(api) == []
    assert await api.ask("GET", f"{HL7V2}:getHL7v2StoreMetrics") == (200, {"name": HL7V2})


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("import", {}),
        ("import", {"gcsSource": {"uri": "gs://data/**/x"}}),
        ("export", {"gcsDestination": {"uriPrefix": "gs://data/../x"}}),
        ("rollback", {}),
    ],
)
async def test_refused(api: Api, verb: str, body: object) -> None:
    """What cannot be done is refused at once, and begins nothing."""
    assert await api.refused(f"{HL7V2}:{verb}", body) == 400
